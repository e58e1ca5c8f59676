import Foundation
import GatewayCore
import OpenSSLSigner
import RoutesFile
import TencentChat

extension RoutesLoader {
  /// Reads routes files with the whole catalogue and the process's environment.
  static func standard() -> RoutesLoader {
    let signers = OpenSSLSignerFactory()
    let digest = OpenSSLDigest()
    let inspector = OpenSSLTLSInspector()
    return RoutesLoader(
      knownEvents: EventCatalogue.entries.map { ($0.type, $0.command) },
      questions: EventCatalogue.questions,
      environment: ProcessInfo.processInfo.environment,
      validateSecret: { secret throws(SecretError) in try signers.validate(secret) },
      inspectTLS: { inspector.findings(in: $0) },
      sha256: { digest.sha256([$0]) })
  }
}
