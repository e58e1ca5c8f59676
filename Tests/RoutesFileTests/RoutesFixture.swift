import Foundation
import GatewayCore
import Testing

@testable import RoutesFile

/// A routes file in a folder of its own, and a loader with a small catalogue.
struct RoutesFixture {
  static let secret = "whsec_" + Data(repeating: 7, count: 32).base64EncodedString()
  static let otherSecret = "whsec_" + Data(repeating: 8, count: 32).base64EncodedString()

  let folder: TemporaryFolder
  var environment: [String: String]

  init(_ yaml: String = "", files: [String: String] = [:], environment: [String: String] = [:]) throws {
    folder = try TemporaryFolder()
    self.environment = environment
    try folder.write(yaml, to: "routes.yaml")
    for (name, text) in files { try folder.write(text, to: name) }
  }

  var path: String { folder["routes.yaml"] }

  var loader: RoutesLoader {
    RoutesLoader(
      knownEvents: Self.catalogue, questions: Self.questions, environment: environment, validateSecret: Self.validate,
      inspectTLS: Self.inspect,
      sha256: Self.digest)
  }

  func load() throws -> LoadedRoutes { try loader.load(path: path) }

  /// `12:5: message`, or `file:12:5: message` for other files than the routes file; `12:5:warning: message`.
  func problems() -> [String] {
    do {
      return try load().warnings.map(shown)
    } catch let rejected as RoutesRejected {
      return rejected.problems.map(shown)
    } catch {
      return ["\(error)"]
    }
  }

  private func shown(_ problem: RoutesProblem) -> String {
    let file = problem.file == path ? [] : [problem.file.replacing(folder.path + "/", with: "")]
    let place = file + [problem.line, problem.column].compactMap { $0.map(String.init) }
    let severity = problem.severity == .warning ? ["warning"] : []
    return (place + severity).joined(separator: ":") + ": " + problem.message
  }

  private static let catalogue: [(type: EventType, command: String)] = [
    (EventType(rawValue: "friend.added"), "Sns.CallbackFriendAdd"),
    (EventType(rawValue: "friend.deleted"), "Sns.CallbackFriendDelete"),
    (EventType(rawValue: "blocklist.added"), "Sns.CallbackBlackListAdd"),
    (EventType(rawValue: "blocklist.deleted"), "Sns.CallbackBlackListDelete"),
    (EventType(rawValue: "state.changed"), "State.StateChange"),
    (EventType(rawValue: "message.send_requested"), "C2C.CallbackBeforeSendMsg"),
    (EventType(rawValue: "group.message.send_requested"), "Group.CallbackBeforeSendMsg"),
  ]
  private static let questions = ["C2C.CallbackBeforeSendMsg", "Group.CallbackBeforeSendMsg"]

  private static func validate(_ secret: Secret) throws(SecretError) {
    guard secret.exposed.hasPrefix("whsec_"), let key = Data(base64Encoded: String(secret.exposed.dropFirst(6))),
      (24...64).contains(key.count)
    else { throw SecretError("it must be whsec_ and the base64 of 24 to 64 bytes") }
  }

  /// A certificate is `certificate X` here, the key that belongs to it `key X`, and one that is `late` has expired.
  private static func inspect(_ settings: TLSSettings) -> [TLSFinding] {
    let texts = [settings.authorities, settings.identity?.certificates, settings.identity?.key.exposed]
      .map { String(decoding: $0 ?? [], as: UTF8.self) }
    var findings: [TLSFinding] = []
    if settings.authorities != nil, !texts[0].hasPrefix("certificate ") {
      findings.append(TLSFinding(.error, .authorities, "holds no certificate"))
    }
    if texts[1].dropFirst("certificate ".count) != texts[2].dropFirst("key ".count) {
      findings.append(TLSFinding(.error, .key, "is not the certificate's"))
    }
    if texts[1].hasSuffix("late") { findings.append(TLSFinding(.warning, .certificate, "has expired")) }
    return findings
  }

  /// Four FNV-1a hashes with different starts: any digest will do here.
  private static func digest(_ bytes: [UInt8]) -> [UInt8] {
    (0..<4).flatMap { (lane: UInt64) in
      let hash = bytes.reduce(0xcbf2_9ce4_8422_2325 ^ lane) { ($0 ^ UInt64($1)) &* 0x100_0000_01b3 }
      return withUnsafeBytes(of: hash.bigEndian) { Array($0) }
    }
  }
}

/// Asserts that the problems are these and no others, in order, each by its place and a part of its message.
func expect(
  _ problems: [String], are expected: [String], sourceLocation: Testing.SourceLocation = #_sourceLocation
) {
  #expect(problems.count == expected.count, "\(problems)", sourceLocation: sourceLocation)
  for (problem, expected) in zip(problems, expected) {
    let parts = expected.split(separator: " ", maxSplits: 1)
    #expect(
      problem.hasPrefix(parts[0] + " ") && problem.contains(parts[1]), "expected \(expected), got \(problem)",
      sourceLocation: sourceLocation)
  }
}
