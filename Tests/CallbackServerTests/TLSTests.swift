import CallbackServer
import Foundation
import Logging
import Testing

@Suite("The callback door over TLS")
struct TLSTests {
  /// A folder with `certificate.pem` and `key.pem` for a name, made by the openssl command.
  private final class Identity {
    let folder: URL
    var files: TLSFiles { TLSFiles(certificate: path("certificate.pem"), key: path("key.pem")) }

    init(name: String) async throws {
      folder = FileManager.default.temporaryDirectory.appending(path: "door-\(UUID().uuidString)")
      try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
      try await make(name: name)
    }

    deinit { try? FileManager.default.removeItem(at: folder) }

    func path(_ file: String) -> String { folder.appending(path: file).path }

    /// Replaces both files, each in one step.
    func make(name: String) async throws {
      let made = try await run(
        "openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "2",
        "-subj", "/CN=\(name)", "-addext", "subjectAltName=DNS:\(name)", "-keyout", path("key.new"), "-out",
        path("certificate.new"))
      try #require(made.status == 0, "\(made.output)")
      for file in ["key", "certificate"] { try #require(rename(path("\(file).new"), path("\(file).pem")) == 0) }
    }
  }

  private func post(to door: TestDoor, name: String, identity: Identity, options: [String] = []) async throws -> String
  {
    let url = "https://\(name):\(door.port)/callback?\(TestRequest.query)"
    let arguments = [
      "-sS", "--cacert", identity.path("certificate.pem"), "--connect-to", "\(name)::127.0.0.1:", "-w", "%{http_code}",
      "--data-binary", TestRequest.body,
    ]
    return try await run("curl", arguments + options + [url]).output
  }

  @Test("Takes callbacks from a client that checks the certificate", arguments: [[], ["--tls-max", "1.2"]])
  func curl(options: [String]) async throws {
    let identity = try await Identity(name: "gateway.example")
    try await TestDoor.open(tls: identity.files) { door in
      let answer = try await post(to: door, name: "gateway.example", identity: identity, options: options)
      #expect(answer == TestRequest.okBody + "200")
    }
  }

  @Test("Speaks nothing older than TLS 1.2")
  func oldTLS() async throws {
    let identity = try await Identity(name: "gateway.example")
    try await TestDoor.open(tls: identity.files) { door in
      let client = ["s_client", "-connect", "127.0.0.1:\(door.port)", "-cipher", "DEFAULT@SECLEVEL=0"]
      let old = try await run("openssl", client + ["-tls1_1"])
      #expect(old.output.contains("alert protocol version"))
      let current = try await run("openssl", client + ["-tls1_2"])
      #expect(current.output.contains("Cipher is ECDHE"))
    }
  }

  @Test("Shows a renewed certificate to new connections")
  func renewal() async throws {
    let identity = try await Identity(name: "old.example")
    try await TestDoor.open(tls: identity.files) { door in
      #expect(try await post(to: door, name: "old.example", identity: identity).hasSuffix("200"))
      try await identity.make(name: "new.example")
      #expect(try await eventually { !door.log.lines("TLS certificate changed").isEmpty })
      #expect(try await post(to: door, name: "new.example", identity: identity).hasSuffix("200"))
    }
  }

  @Test("Keeps the last good certificate when the new one cannot be used, and says so once")
  func badRenewal() async throws {
    let identity = try await Identity(name: "gateway.example")
    try await TestDoor.open(tls: identity.files) { door in
      let trusted = identity.path("trusted.pem")
      try FileManager.default.copyItem(atPath: identity.files.certificate, toPath: trusted)
      try Data("not a certificate".utf8).write(to: URL(filePath: identity.files.certificate))
      let message = "the changed TLS certificate cannot be used; the last good one stays"
      #expect(try await eventually { !door.log.lines(message).isEmpty })
      let answer = try await post(
        to: door, name: "gateway.example", identity: identity, options: ["--cacert", trusted])
      #expect(answer.hasSuffix("200"))
      #expect(door.log.lines(message).count == 1)
    }
  }

  @Test("A bad pair at the start is an error that names the file")
  func badPair() async throws {
    let identity = try await Identity(name: "gateway.example")
    let other = try await Identity(name: "gateway.example")
    let logger = RecordingLog().logger
    for (files, sentence) in [
      (
        TLSFiles(certificate: "/no/such/file", key: identity.files.key),
        "/no/such/file holds no readable PEM certificate"
      ),
      (
        TLSFiles(certificate: identity.files.certificate, key: identity.files.certificate),
        "no readable PEM private key"
      ),
      (TLSFiles(certificate: identity.files.certificate, key: other.files.key), "does not belong to the certificate"),
    ] {
      let error = #expect(throws: CallbackServerError.self) { _ = try TLSCertificate(files: files, logger: logger) }
      #expect(error?.description.contains(sentence) == true)
    }
  }

  @Test("A stop does not wait for a client's farewell beyond its limit")
  func stop() async throws {
    let identity = try await Identity(name: "gateway.example")
    try await TestDoor.open(tls: identity.files) { door in
      let silent = try await door.connect()
      await door.server.stop(within: .milliseconds(100))
      // One that the kernel had accepted, and the door had not taken yet, is reset.
      let rest = try? await silent.rest()
      #expect(rest ?? "" == "")
    }
  }
}
