import Foundation
import GatewayCore
import OpenSSLSigner
import Testing

@Suite struct WebhookSecretTests {
  private let factory = OpenSSLSignerFactory()

  @Test("keys of 24 to 64 bytes are taken", arguments: [24, 25, 32, 63, 64])
  func goodLengths(count: Int) throws {
    try factory.validate(Self.secret(bytes: count))
    _ = try factory.signer(for: [Self.secret(bytes: count)])
  }

  @Test("shorter and longer keys are refused by their length", arguments: [0, 1, 23, 65, 128])
  func badLengths(count: Int) {
    let error = #expect(throws: SecretError.self) { try factory.validate(Self.secret(bytes: count)) }
    #expect(error?.description == "a secret must hold 24 to 64 bytes, not \(count)")
    #expect(throws: SecretError.self) { try factory.signer(for: [Self.secret(bytes: count)]) }
  }

  @Test(
    "what is not a whsec_ secret is refused with a sentence that does not repeat it",
    arguments: [
      ("", "a secret must start with whsec_"),
      ("MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", "a secret must start with whsec_"),
      ("WHSEC_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", "a secret must start with whsec_"),
      ("whpk_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", "a secret must start with whsec_"),
      ("whsk_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", "Ed25519 secrets (whsk_) are not supported by this version"),
      ("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaS!", "what follows whsec_ in a secret must be base64"),
      ("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw\n", "what follows whsec_ in a secret must be base64"),
      ("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaS", "what follows whsec_ in a secret must be base64"),
    ])
  func notASecret(text: String, sentence: String) {
    let error = #expect(throws: SecretError.self) { try factory.validate(Secret(text)) }
    #expect(error?.description == sentence)
  }

  @Test("random secrets are valid, hold 32 bytes and differ")
  func randomSecrets() throws {
    let secrets = Set((0..<100).map { _ in WebhookSecret.random() })
    #expect(secrets.count == 100)
    for secret in secrets {
      try factory.validate(secret)
      #expect(Data(base64Encoded: String(secret.exposed.dropFirst(6)))?.count == 32)
    }
  }

  private static func secret(bytes count: Int) -> Secret {
    Secret("whsec_" + Data(repeating: 0xA5, count: count).base64EncodedString())
  }
}
