import Foundation
import TestSupport
import Testing

/// An authority and a server certificate by it, made with the `openssl` command in a directory of their own.
struct TestCertificates {
  private let directory: URL

  var certificate: String { directory.appendingPathComponent("server.pem").path }
  var key: String { directory.appendingPathComponent("server.key").path }
  /// What makes a transport trust the authority.
  var environment: [String: String] { ["SSL_CERT_FILE": directory.appendingPathComponent("ca.pem").path] }

  init(host: String, expired: Bool = false) throws {
    directory = FileManager.default.temporaryDirectory.appendingPathComponent(UUID().uuidString)
    try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: true)
    let key = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"]
    try openssl(["req", "-x509", "-days", "2", "-subj", "/CN=Test CA", "-keyout", "ca.key", "-out", "ca.pem"] + key)
    try openssl(["req", "-subj", "/CN=\(host)", "-keyout", "server.key", "-out", "server.csr"] + key)
    try "subjectAltName=DNS:\(host)\n".write(
      to: directory.appendingPathComponent("names"), atomically: true, encoding: .utf8)
    try openssl([
      "x509", "-req", "-in", "server.csr", "-CA", "ca.pem", "-CAkey", "ca.key", "-CAcreateserial", "-extfile", "names",
      "-days", expired ? "-1" : "1", "-out", "server.pem",
    ])
  }

  func remove() { try? FileManager.default.removeItem(at: directory) }

  private func openssl(_ arguments: [String]) throws {
    let result = try Command(["openssl"] + arguments, in: directory.path).runHere()
    try #require(result.status == 0, "openssl \(arguments): \(result.text)")
  }
}
