import GatewayCore
import OpenSSLSigner
import Testing

@Suite struct OpenSSLSignerTests {
  private static let secret = Secret("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw")
  private static let id = "msg_p5jXN8AQM9LWM0D4loKWxJek"
  private static let timestamp: Int64 = 1_614_265_330
  private static let body = Array(#"{"test": 2432232314}"#.utf8)
  private static let signature = "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="

  private static let asymmetric = Secret(
    "whsk_6Xb/dCcHpPea21PS1N9VY/NZW723CEc77N4rJCubMbfVKIDij2HKpMKkioLlX0dRqSKJp4AJ6p9lMicMFs6Kvg==")
  private static let asymmetricSignature =
    "v1a,hnO3f9T8Ytu9HwrXslvumlUpqtNVqkhqw/enGzPCXe5BdqzCInXqYXFymVJaA7AZdpXwVLPo3mNl8EM+m7TBAg=="

  private let factory = OpenSSLSignerFactory()

  @Test("the published Standard Webhooks vector, again and again with one signer")
  func publishedVector() throws {
    let signer = try factory.signer(for: [Self.secret])
    #expect(signer.signature(id: Self.id, timestamp: Self.timestamp, body: Self.body) == Self.signature)
    #expect(signer.signature(id: "other", timestamp: Self.timestamp, body: Self.body) != Self.signature)
    #expect(signer.signature(id: Self.id, timestamp: Self.timestamp, body: Self.body) == Self.signature)
  }

  @Test("every secret signs, in order, separated by one space")
  func severalSecrets() throws {
    let other = Secret("whsec_" + String(repeating: "A", count: 32))
    let alone = try factory.signer(for: [other]).signature(id: Self.id, timestamp: Self.timestamp, body: Self.body)
    let both = try factory.signer(for: [Self.secret, other])
      .signature(id: Self.id, timestamp: Self.timestamp, body: Self.body)
    #expect(both == "\(Self.signature) \(alone)")
    #expect(alone != Self.signature)
  }

  @Test("the published Ed25519 vector, with the secret as a pair and as a seed alone")
  func publishedAsymmetricVector() throws {
    let seed = Secret("whsk_6Xb/dCcHpPea21PS1N9VY/NZW723CEc77N4rJCubMbc=")
    for secret in [Self.asymmetric, seed] {
      let signer = try factory.signer(for: [secret])
      #expect(signer.signature(id: Self.id, timestamp: Self.timestamp, body: Self.body) == Self.asymmetricSignature)
    }
  }

  @Test("secrets of both kinds sign side by side, in their order")
  func bothKinds() throws {
    let signer = try factory.signer(for: [Self.asymmetric, Self.secret])
    #expect(
      signer.signature(id: Self.id, timestamp: Self.timestamp, body: Self.body)
        == "\(Self.asymmetricSignature) \(Self.signature)")
  }

  @Test("many threads sign with one signer and get what one thread gets")
  func concurrentSigning() async throws {
    let signer = try factory.signer(for: [Self.secret, Self.asymmetric])
    let expected = "\(Self.signature) \(Self.asymmetricSignature)"
    let matching = await withTaskGroup(of: Bool.self) { group in
      for _ in 0..<200 {
        group.addTask {
          signer.signature(id: Self.id, timestamp: Self.timestamp, body: Self.body) == expected
        }
      }
      return await group.reduce(into: 0) { count, matches in count += matches ? 1 : 0 }
    }
    #expect(matching == 200)
  }

  @Test("HMAC-SHA256 agrees with the openssl command on a body of 100,000 bytes")
  func agreesWithCommand() throws {
    let body = (0..<100_000).map { UInt8(truncatingIfNeeded: $0 * 7) }
    let message = Array("a.5.".utf8) + body
    let signer = try factory.signer(for: [Self.secret])
    #expect(
      try signer.signature(id: "a", timestamp: 5, body: body) == "v1,"
        + OpenSSLCommand.hmac(message, secret: Self.secret))
  }
}
