import GatewayCore
import OpenSSLSigner
import Testing

@Suite struct WebhookVerifierTests {
  private static let secret = Secret("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw")
  private static let signature = "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="
  private static let asymmetricSecret = Secret(
    "whsk_6Xb/dCcHpPea21PS1N9VY/NZW723CEc77N4rJCubMbfVKIDij2HKpMKkioLlX0dRqSKJp4AJ6p9lMicMFs6Kvg==")
  private static let publicKey = Secret("whpk_1SiA4o9hyqTCpIqC5V9HUakiiaeACeqfZTInDBbOir4=")
  private static let asymmetricSignature =
    "v1a,hnO3f9T8Ytu9HwrXslvumlUpqtNVqkhqw/enGzPCXe5BdqzCInXqYXFymVJaA7AZdpXwVLPo3mNl8EM+m7TBAg=="

  private func verifies(
    _ signatures: String, secrets: [Secret] = [secret], id: String = "msg_p5jXN8AQM9LWM0D4loKWxJek",
    timestamp: String = "1614265330", body: String = #"{"test": 2432232314}"#
  ) throws -> Bool {
    try WebhookVerifier(secrets: secrets)
      .verifies(signatures: signatures, id: id, timestamp: timestamp, body: Array(body.utf8))
  }

  @Test("the published signature verifies, alone or among others")
  func good() throws {
    #expect(try verifies(Self.signature))
    #expect(try verifies("v1,AAAA v1a,BBBB \(Self.signature)"))
    #expect(try verifies(Self.signature, secrets: [WebhookSecret.random(), Self.secret]))
  }

  @Test("anything else about the delivery changed does not verify")
  func changed() throws {
    #expect(try !verifies(Self.signature, id: "msg_other"))
    #expect(try !verifies(Self.signature, timestamp: "1614265331"))
    #expect(try !verifies(Self.signature, body: #"{"test": 2432232315}"#))
    #expect(try !verifies(Self.signature, secrets: [WebhookSecret.random()]))
  }

  @Test(
    "a missing, cut or differently labelled signature does not verify",
    arguments: [
      "", " ", "v1,", String(signature.dropLast()), String(signature.dropFirst(3)), "v1a" + signature.dropFirst(2),
    ])
  func damaged(signatures: String) throws {
    #expect(try !verifies(signatures))
  }

  @Test("the published Ed25519 signature verifies by the public key and by the secret, alone or among others")
  func goodAsymmetric() throws {
    for key in [Self.publicKey, Self.asymmetricSecret] {
      #expect(try verifies(Self.asymmetricSignature, secrets: [key]))
      #expect(try verifies("v1,AAAA v1a,BBBB \(Self.asymmetricSignature)", secrets: [Self.secret, key]))
    }
  }

  @Test("an Ed25519 signature of anything else, or by another key, does not verify")
  func changedAsymmetric() throws {
    let other = Secret(WebhookSecret.randomPair().publicKey)
    #expect(try !verifies(Self.asymmetricSignature, secrets: [other]))
    #expect(try !verifies(Self.asymmetricSignature, secrets: [Self.secret]))
    #expect(try !verifies(Self.asymmetricSignature, secrets: [Self.publicKey], id: "msg_other"))
    #expect(try !verifies(Self.asymmetricSignature, secrets: [Self.publicKey], timestamp: "1614265331"))
    #expect(try !verifies(Self.asymmetricSignature, secrets: [Self.publicKey], body: "{}"))
  }

  @Test(
    "a cut or differently labelled Ed25519 signature does not verify",
    arguments: [
      "v1a,", "v1a,AAAA", String(asymmetricSignature.dropLast()), String(asymmetricSignature.dropFirst(4)),
      "v1" + asymmetricSignature.dropFirst(3), asymmetricSignature + "AAAA", signature,
    ])
  func damagedAsymmetric(signatures: String) throws {
    #expect(try !verifies(signatures, secrets: [Self.publicKey]))
  }

  @Test("a key that is no point of the curve verifies nothing")
  func noPoint() throws {
    let key = Secret("whpk_" + String(repeating: "/", count: 42) + "8=")
    #expect(try !verifies(Self.asymmetricSignature, secrets: [key]))
  }

  @Test("without secrets nothing verifies")
  func noSecrets() throws {
    #expect(try !verifies(Self.signature, secrets: []))
  }
}
