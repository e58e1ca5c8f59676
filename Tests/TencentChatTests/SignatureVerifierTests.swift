import GatewayCore
import OpenSSLSigner
import TencentChat
import Testing

@Suite struct SignatureVerifierTests {
  private static let sign = "17773bc39a671d7b9aa835458704d2a6db81360a5940292b587d6d760d484061"
  private static let time: Int64 = 1_669_872_112
  private static let signed = "SdkAppid=1&Sign=\(sign)&RequestTime=\(time)"

  private func verdict(
    _ query: String, tokens: [String] = ["xxxxyyyy"], tolerance: Duration = .seconds(60), at now: Timestamp? = nil
  ) -> SignatureVerdict {
    let app = AppConfiguration(
      id: AppID(rawValue: 1), tokens: tokens.map { Secret($0) }, clockTolerance: tolerance)
    return SignatureVerifier(digest: OpenSSLDigest())
      .verify(CallbackQuery(query), app: app, now: now ?? Timestamp(seconds: Self.time))
  }

  @Test("Tencent's own vector is valid")
  func vector() {
    #expect(verdict(Self.signed) == .valid)
  }

  @Test("The vector that older pages print with another token is bad")
  func oldVector() {
    #expect(verdict(Self.signed, tokens: ["xxxyyy"]) == .bad)
  }

  @Test("An app without tokens asks for no signature")
  func noTokens() {
    #expect(verdict("SdkAppid=1", tokens: []) == .valid)
    #expect(verdict("Sign=nonsense&RequestTime=x", tokens: []) == .valid)
  }

  @Test(
    "Any of several tokens may have signed",
    arguments: [["xxxxyyyy", "a"], ["a", "xxxxyyyy"], ["a", "xxxxyyyy", "b"]])
  func severalTokens(tokens: [String]) {
    #expect(verdict(Self.signed, tokens: tokens) == .valid)
  }

  @Test("Hex digits may be upper case")
  func upperCase() {
    #expect(verdict("Sign=\(Self.sign.uppercased())&RequestTime=\(Self.time)") == .valid)
  }

  @Test("The tolerance holds both ways and includes its end", arguments: [-60, 0, 60])
  func withinTolerance(offset: Int64) {
    #expect(verdict(Self.signed, at: Timestamp(seconds: Self.time + offset)) == .valid)
  }

  @Test("Beyond the tolerance it is stale", arguments: [-61, 61, 100_000, -100_000])
  func beyondTolerance(offset: Int64) {
    #expect(verdict(Self.signed, at: Timestamp(seconds: Self.time + offset)) == .stale(by: .seconds(offset)))
  }

  @Test("Times are compared in whole seconds")
  func wholeSeconds() {
    #expect(verdict(Self.signed, at: Timestamp(milliseconds: (Self.time + 60) * 1000 + 999)) == .valid)
  }

  @Test("The tolerance is the app's")
  func otherTolerance() {
    let now = Timestamp(seconds: Self.time + 300)
    #expect(verdict(Self.signed, tolerance: .seconds(300), at: now) == .valid)
    #expect(verdict(Self.signed, tolerance: .seconds(299), at: now) == .stale(by: .seconds(300)))
  }

  @Test(
    "What is missing or wrong is bad, also when it is old",
    arguments: [
      "SdkAppid=1", "Sign=\(sign)", "RequestTime=\(time)", "Sign=&RequestTime=\(time)", "Sign=00&RequestTime=\(time)",
      "Sign=\(sign.dropLast())&RequestTime=\(time)", "Sign=\(sign)0&RequestTime=\(time)",
      "Sign=\(sign.dropLast())0&RequestTime=\(time)", "Sign=\(sign)&RequestTime=\(time + 1)",
      "Sign=\(sign)&RequestTime=-5", "Sign=\(sign)&RequestTime=1669872112.0", "Sign=\(sign)&RequestTime=0x10",
      "Sign=\(sign)&RequestTime=%2B\(time)", "Sign=\(sign)&RequestTime=١٢٣",
    ])
  func bad(query: String) {
    #expect(verdict(query) == .bad)
    #expect(verdict(query, at: Timestamp(seconds: 4_000_000_000)) == .bad)
  }

  @Test("A time at the end of what a number can hold is stale and nothing worse")
  func hugeTime() {
    let time = String(Int64.max)
    let hash = OpenSSLDigest().sha256([Array("t".utf8), Array(time.utf8)])
    let digits = Array("0123456789abcdef")
    let sign = String(hash.flatMap { [digits[Int($0 >> 4)], digits[Int($0 & 0xF)]] })
    let age = Duration.seconds(Self.time) - .seconds(Int64.max)
    #expect(verdict("Sign=\(sign)&RequestTime=\(time)", tokens: ["t"]) == .stale(by: age))
  }
}
