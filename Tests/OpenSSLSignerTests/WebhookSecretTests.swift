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
    #expect(error?.description == "a whsec_ secret must hold 24 to 64 bytes, not \(count)")
    #expect(throws: SecretError.self) { try factory.signer(for: [Self.secret(bytes: count)]) }
  }

  @Test(
    "what is not a secret is refused with a sentence that does not repeat it",
    arguments: [
      ("", "a secret must start with whsec_ or whsk_"),
      ("MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", "a secret must start with whsec_ or whsk_"),
      ("WHSEC_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", "a secret must start with whsec_ or whsk_"),
      ("WHSK_6Xb/dCcHpPea21PS1N9VY/NZW723CEc77N4rJCubMbc=", "a secret must start with whsec_ or whsk_"),
      ("whsk_6Xb/dCcHpPea21PS1N9VY/NZW723CEc77N4rJCubMb!=", "what follows whsk_ in a secret must be base64"),
      ("whsk_6Xb/dCcHpPea21PS1N9VY/NZW723CEc77N4rJCubMbc=\n", "what follows whsk_ in a secret must be base64"),
      ("whsk_", "a whsk_ secret must hold 32 or 64 bytes, not 0"),
      ("whsk_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", "a whsk_ secret must hold 32 or 64 bytes, not 24"),
      (
        "whsk_6Xb/dCcHpPea21PS1N9VY/NZW723CEc77N4rJCubMbc=\nwhpk_1SiA4o9hyqTCpIqC5V9HUakiiaeACeqfZTInDBbOir4=",
        "a whsk_ secret must stand alone; remove the whpk_ key after it"
      ),
      (
        "whsk_6Xb/dCcHpPea21PS1N9VY/NZW723CEc77N4rJCubMbfVKIDij2HKpMKkioLlX0dRqSKJp4AJ6p9lMicMFs6Kvw==",
        "the last 32 bytes of this whsk_ secret are not its public key"
      ),
      (
        "whpk_1SiA4o9hyqTCpIqC5V9HUakiiaeACeqfZTInDBbOir4=",
        "a whpk_ key only verifies and cannot sign; give the whsk_ secret that it belongs to"
      ),
      ("whpk_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", "a whpk_ key must hold 32 bytes, not 24"),
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

  @Test("random pairs are valid, differ, and hold the seed and the public key")
  func randomPairs() throws {
    let pairs = (0..<20).map { _ in WebhookSecret.randomPair() }
    #expect(Set(pairs.map(\.secret)).count == 20)
    for pair in pairs {
      try factory.validate(pair.secret)
      let held = try #require(Data(base64Encoded: String(pair.secret.exposed.dropFirst(5))))
      #expect(held.count == 64)
      #expect(pair.publicKey == "whpk_" + held.dropFirst(32).base64EncodedString())
    }
  }

  private static func secret(bytes count: Int) -> Secret {
    Secret("whsec_" + Data(repeating: 0xA5, count: count).base64EncodedString())
  }
}
