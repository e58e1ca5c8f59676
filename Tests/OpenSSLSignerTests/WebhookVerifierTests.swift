import GatewayCore
import OpenSSLSigner
import Testing

@Suite struct WebhookVerifierTests {
  private static let secret = Secret("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw")
  private static let signature = "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="

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

  @Test("without secrets nothing verifies")
  func noSecrets() throws {
    #expect(try !verifies(Self.signature, secrets: []))
  }
}
