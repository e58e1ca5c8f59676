import Foundation
import GatewayCore
import OpenSSLSigner
import TestSupport
import Testing

@Suite struct OpenSSLTLSInspectorTests {
  private let files: KeyFiles

  init() throws { files = try KeyFiles() }

  private func findings(
    authorities: [UInt8]? = nil, certificates: [UInt8]? = nil, key: [UInt8]? = nil, now: Date = Date()
  ) -> [String] {
    let identity = certificates.map { ClientIdentity(certificates: $0, key: SecretBytes(key ?? [])) }
    return OpenSSLTLSInspector(now: { now }).findings(in: TLSSettings(authorities: authorities, identity: identity))
      .map { "\($0.severity) \($0.file) \($0.clause)" }
  }

  /// Each by how it begins.
  private func expect(
    _ findings: [String], _ expected: [String], sourceLocation: Testing.SourceLocation = #_sourceLocation
  ) {
    let isAsExpected = findings.count == expected.count && zip(findings, expected).allSatisfy { $0.hasPrefix($1) }
    #expect(isAsExpected, "\(findings)", sourceLocation: sourceLocation)
  }

  @Test("good files, also with text around, a chain behind the certificate, and all in one file")
  func good() throws {
    let both = files.certificate + Array("\nsubject=/CN=issuer\n".utf8) + files.other + files.key
    expect(findings(authorities: Array("# our own\n".utf8) + both), [])
    expect(findings(certificates: files.certificate, key: files.key), [])
    expect(findings(certificates: both, key: files.certificate + files.key), [])
    expect(findings(), [])
  }

  @Test("a file without a certificate", arguments: ["", "hello", "-----BEGIN CERTIFICATE-----\nAAAA\n"])
  func noCertificate(text: String) {
    let bytes = Array(text.utf8)
    expect(findings(authorities: bytes), ["error authorities holds no certificate"])
    expect(findings(certificates: bytes, key: files.key), ["error certificate holds no certificate"])
    expect(findings(authorities: files.key), ["error authorities holds no certificate"])
  }

  @Test("a file without a key, and one cut short")
  func noKey() {
    expect(findings(certificates: files.certificate, key: files.certificate), ["error key holds no private key"])
    expect(findings(certificates: files.certificate, key: files.key.dropLast(40)), ["error key holds no private key"])
  }

  @Test("a chain that breaks off")
  func brokenChain() {
    expect(
      findings(certificates: files.certificate + files.other.dropLast(60), key: files.key),
      ["error certificate holds a broken certificate behind the first"])
  }

  @Test("a key that is another certificate's")
  func strangeKey() { expect(findings(certificates: files.other, key: files.key), ["error key is not the key of"]) }

  @Test("an encrypted key, in either form, asks nobody for a passphrase")
  func encryptedKey() throws {
    for form in [["pkcs8", "-topk8", "-v2", "aes-256-cbc"], ["ec", "-aes256"]] {
      let key = try files.encrypted(by: form)
      expect(findings(certificates: files.certificate, key: key), ["error key is encrypted"])
    }
  }

  @Test("a certificate that has expired, or is not valid yet, is a warning")
  func dates() {
    let week: TimeInterval = 7 * 86_400
    expect(
      findings(certificates: files.certificate, key: files.key, now: Date() + week), ["warning certificate has expired"]
    )
    expect(
      findings(certificates: files.certificate, key: files.key, now: Date() - week),
      ["warning certificate is not yet valid"])
  }

  @Test("no finding, and no printed setting, shows the key")
  func secrecy() {
    let identity = ClientIdentity(certificates: files.other, key: SecretBytes(files.key))
    let settings = TLSSettings(authorities: nil, identity: identity)
    var shown =
      "\(OpenSSLTLSInspector().findings(in: settings)) \(settings) \(identity) \(String(reflecting: identity))"
    dump(identity, to: &shown)
    dump(settings, to: &shown)
    #expect(shown.contains("•••") && !shown.contains("\(files.key[30]), \(files.key[31]), \(files.key[32])"))
  }
}

/// Two self-signed certificates and the key of the first, by the `openssl` command.
private struct KeyFiles {
  let certificate: [UInt8]
  let other: [UInt8]
  let key: [UInt8]

  init() throws {
    (certificate, key) = try Self.make()
    (other, _) = try Self.make()
  }

  func encrypted(by form: [String]) throws -> [UInt8] {
    try Self.inFolder { folder in
      try Data(key).write(to: folder.appending(path: "plain"))
      try Self.openssl(form + ["-in", "plain", "-out", "locked", "-passout", "pass:x"], in: folder)
      return [UInt8](try Data(contentsOf: folder.appending(path: "locked")))
    }
  }

  private static func make() throws -> (certificate: [UInt8], key: [UInt8]) {
    try inFolder { folder in
      try openssl(
        [
          "req", "-x509", "-days", "2", "-subj", "/CN=x", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1",
          "-nodes", "-keyout", "key", "-out", "certificate",
        ], in: folder)
      return (
        [UInt8](try Data(contentsOf: folder.appending(path: "certificate"))),
        [UInt8](try Data(contentsOf: folder.appending(path: "key")))
      )
    }
  }

  private static func inFolder<Result>(_ body: (URL) throws -> Result) throws -> Result {
    let folder = FileManager.default.temporaryDirectory.appending(path: UUID().uuidString)
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    return try body(folder)
  }

  private static func openssl(_ words: [String], in folder: URL) throws {
    let result = try Command(["openssl"] + words, in: folder.path).runHere()
    try #require(result.status == 0, "openssl \(words): \(result.text)")
  }
}
