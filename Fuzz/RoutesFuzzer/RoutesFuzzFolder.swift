import Foundation
import FuzzDriver
import GatewayCore
import OpenSSLSigner
import TencentChat

@testable import RoutesFile

/// The folder that the files of each input are written to, and the loader that reads them.
struct RoutesFuzzFolder {
  static let shared = RoutesFuzzFolder()

  /// What references stand for. Each is told from what an input may hold by chance, but can be a name or an id.
  static let environment = [
    "TOKEN": "token-that-no-problem-may-tell", "NAME": "name-that-no-problem-may-tell", "ID": "1400987654321",
    "EMPTY": "", "SECRET": "whsec_YXVkaXQgZXhhbXBsZTogbm90IGZvciBwcm9kdWN0aW9u",
  ]

  static let loader: RoutesLoader = {
    let signers = OpenSSLSignerFactory()
    let inspector = OpenSSLTLSInspector()
    let digest = OpenSSLDigest()
    return RoutesLoader(
      knownEvents: EventCatalogue.entries.map { ($0.type, $0.command) },
      questions: EventCatalogue.questions, environment: environment,
      validateSecret: { secret throws(SecretError) in try signers.validate(secret) },
      inspectTLS: { inspector.findings(in: $0) }, sha256: { digest.sha256([$0]) })
  }()

  let path: String

  private init() {
    path = NSTemporaryDirectory() + "routes-fuzzer-\(getpid())"
    do {
      try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    } catch {
      fatalError("the folder \(path) cannot be made: \(error)")
    }
  }

  var routes: String { self["routes.yaml"] }

  subscript(name: String) -> String { path + "/" + name }

  func write(_ files: RoutesFiles) {
    for (name, text) in files.named {
      guard let text else {
        unlink(self[name])
        continue
      }
      let isWritten = FileManager.default.createFile(atPath: self[name], contents: Data(text.utf8))
      guard isWritten else { fatalError("the file \(self[name]) cannot be written") }
    }
  }
}
