import AdminServer
import Foundation
import GatewayCore
import OpenSSLSigner
import RoutesFile
import TencentChat

extension KnownEvents {
  /// The whole catalogue.
  static let standard = KnownEvents(EventCatalogue.entries.map { ($0.type, $0.command) })

  /// A pattern for events, or why nothing matches it. A command that looks like one is taken, though the catalogue has not
  /// heard of it.
  func read(_ text: String) -> Result<EventPattern, PatternRefusal> {
    guard let pattern = EventPattern(text) else {
      return .failure(PatternRefusal(reason: "a pattern is a name, whole or with a \"*\" at its end"))
    }
    guard has(matchFor: pattern) || Self.isCommand(pattern) else {
      return .failure(PatternRefusal(reason: "no event is named \"\(text)\"\(suggestion(for: pattern))"))
    }
    return .success(pattern)
  }
}

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
