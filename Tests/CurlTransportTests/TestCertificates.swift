import Foundation
import GatewayCore
import NIOSSL
import TestSupport
import Testing

/// An authority, a server certificate by it, and client certificates on demand, made with the `openssl` command in a
/// directory of their own.
struct TestCertificates {
  private let directory: URL

  var certificate: String { directory.appendingPathComponent("server.pem").path }
  var key: String { directory.appendingPathComponent("server.key").path }
  var authority: String { directory.appendingPathComponent("ca.pem").path }
  /// What makes a transport trust the authority.
  var environment: [String: String] { ["SSL_CERT_FILE": authority] }
  /// What makes a subscriber trust the authority and no other.
  var authorityBytes: [UInt8] { get throws { try Self.bytes(authority) } }

  init(host: String, expired: Bool = false) throws {
    directory = FileManager.default.temporaryDirectory.appendingPathComponent(UUID().uuidString)
    try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: true)
    try openssl(
      ["req", "-x509", "-days", "2", "-subj", "/CN=Test CA", "-keyout", "ca.key", "-out", "ca.pem"] + Self.newKey)
    try issue("server", subject: host, days: expired ? -1 : 1)
  }

  /// A new client certificate by the authority, and the key that belongs to it.
  func client(_ name: String, expired: Bool = false) throws -> Client {
    try issue(name, subject: name, days: expired ? -1 : 1)
    let path = directory.appendingPathComponent(name).path
    return Client(
      certificate: try #require(NIOSSLCertificate.fromPEMFile(path + ".pem").first),
      identity: ClientIdentity(
        certificates: try Self.bytes(path + ".pem"), key: SecretBytes(try Self.bytes(path + ".key"))))
  }

  struct Client {
    /// What a server sees.
    let certificate: NIOSSLCertificate
    /// What the gateway is given.
    let identity: ClientIdentity
  }

  private func issue(_ name: String, subject: String, days: Int) throws {
    try openssl(["req", "-subj", "/CN=\(subject)", "-keyout", "\(name).key", "-out", "\(name).csr"] + Self.newKey)
    try "subjectAltName=DNS:\(subject)\n".write(
      to: directory.appendingPathComponent("names"), atomically: true, encoding: .utf8)
    try openssl([
      "x509", "-req", "-in", "\(name).csr", "-CA", "ca.pem", "-CAkey", "ca.key", "-CAcreateserial", "-extfile",
      "names", "-days", "\(days)", "-out", "\(name).pem",
    ])
  }

  private static let newKey = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"]

  private static func bytes(_ path: String) throws -> [UInt8] { [UInt8](try Data(contentsOf: URL(filePath: path))) }

  func remove() { try? FileManager.default.removeItem(at: directory) }

  private func openssl(_ arguments: [String]) throws {
    let result = try Command(["openssl"] + arguments, in: directory.path).runHere()
    try #require(result.status == 0, "openssl \(arguments): \(result.text)")
  }
}
