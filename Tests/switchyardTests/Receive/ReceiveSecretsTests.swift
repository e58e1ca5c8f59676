import ArgumentParser
import Foundation
import GatewayCore
import Testing

@testable import switchyard

@Suite("The secrets of receive")
struct ReceiveSecretsTests {
  private let first = SignedSample.secret
  private let second = SignedSample.otherSecret

  @Test("come from flags, the environment and files together")
  func sources() throws {
    let file = FileManager.default.temporaryDirectory.appending(path: "secrets-\(UUID())").path
    try Data("\(first.exposed)\n\(second.exposed)\n".utf8).write(to: URL(filePath: file))
    defer { try? FileManager.default.removeItem(atPath: file) }
    let secrets = try ReceiveSecrets.gather(
      flags: [first.exposed], environment: ["SWITCHYARD_RECEIVE_SECRET": second.exposed], files: [file])
    #expect(secrets == [first, second, first, second])
    let none = ["SWITCHYARD_RECEIVE_SECRET": ""]
    #expect(try ReceiveSecrets.gather(flags: [], environment: none, files: []).isEmpty)
  }

  @Test("may be public keys, beside secrets")
  func publicKeys() throws {
    let key = Secret("whpk_1SiA4o9hyqTCpIqC5V9HUakiiaeACeqfZTInDBbOir4=")
    let secrets = try ReceiveSecrets.gather(
      flags: [key.exposed, first.exposed], environment: [:], files: [])
    #expect(secrets == [key, first])
    let error = try #require(throws: ValidationError.self) {
      try ReceiveSecrets.gather(flags: ["whpk_hunter2!"], environment: [:], files: [])
    }
    #expect(error.message.hasPrefix("--secret: what follows whpk_ in a key must be base64"))
    #expect(!error.message.contains("hunter2"))
  }

  @Test("that are wrong are told by their source and never shown")
  func wrong() throws {
    let error = try #require(throws: ValidationError.self) {
      try ReceiveSecrets.gather(flags: ["hunter2"], environment: [:], files: [])
    }
    #expect(error.message.hasPrefix("--secret: "))
    #expect(!error.message.contains("hunter2"))
  }

  @Test("may not be empty, for then nothing would be verified")
  func empty() {
    #expect(throws: ValidationError.self) {
      try ReceiveSecrets.gather(flags: [], environment: [:], files: ["/dev/null"])
    }
    #expect(throws: CommandFailure.self) {
      try ReceiveSecrets.gather(flags: [], environment: [:], files: ["/nowhere/to/be/found"])
    }
  }
}
