import GatewayCore
import Testing

@testable import switchyard

/// The vector of Standard Webhooks 1.0.0.
enum SignedSample {
  static let secret = Secret("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw")
  static let otherSecret = Secret("whsec_C2FVsBQIhrscChlQIMV+b5sSYspob7oD")
  static let time = Timestamp(seconds: 1_614_265_330)
  static let body = Array(#"{"test": 2432232314}"#.utf8)
  static let headers = DeliveryHeaders(
    id: "msg_p5jXN8AQM9LWM0D4loKWxJek", timestamp: "1614265330",
    signature: "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=", attempt: 1)
}

@Suite("The signature check of receive")
struct SignatureCheckTests {
  private func verdict(
    secrets: [Secret] = [SignedSample.otherSecret, SignedSample.secret],
    body: [UInt8] = SignedSample.body, now: Timestamp = SignedSample.time,
    change: (inout DeliveryHeaders) -> Void = { _ in }
  ) throws -> SignatureCheck.Verdict {
    var headers = SignedSample.headers
    change(&headers)
    return try SignatureCheck(secrets: secrets).verdict(on: headers, body: body, now: now)
  }

  @Test("accepts the published vector with any of the secrets, and among several signatures")
  func valid() throws {
    #expect(try verdict() == .valid)
    #expect(try verdict { $0.signature = "v1,AAAA v1a,BBBB " + ($0.signature ?? "") } == .valid)
  }

  @Test("accepts the published Ed25519 vector by its public key, and nobody else's")
  func asymmetric() throws {
    let publicKey = Secret("whpk_1SiA4o9hyqTCpIqC5V9HUakiiaeACeqfZTInDBbOir4=")
    let signature = "v1a,hnO3f9T8Ytu9HwrXslvumlUpqtNVqkhqw/enGzPCXe5BdqzCInXqYXFymVJaA7AZdpXwVLPo3mNl8EM+m7TBAg=="
    let wrong = SignatureCheck.Verdict.invalid(reason: "no secret given here made it")
    #expect(try verdict(secrets: [publicKey]) { $0.signature = signature } == .valid)
    #expect(try verdict(secrets: [publicKey]) == wrong)
    #expect(try verdict { $0.signature = signature } == wrong)
  }

  @Test("refuses a changed body, id or timestamp, and another's secret")
  func wrong() throws {
    let wrong = SignatureCheck.Verdict.invalid(reason: "no secret given here made it")
    #expect(try verdict(body: SignedSample.body + [0x20]) == wrong)
    #expect(try verdict { $0.id = "msg_other" } == wrong)
    #expect(try verdict { $0.timestamp = "1614265331" } == wrong)
    #expect(try verdict(secrets: [SignedSample.otherSecret]) == wrong)
    #expect(try verdict { $0.signature = "" } == wrong)
  }

  @Test("takes a timestamp of up to five minutes ago or ahead")
  func tolerance() throws {
    let old = SignatureCheck.Verdict.invalid(reason: "webhook-timestamp is more than five minutes off")
    #expect(try verdict(now: SignedSample.time + .seconds(300)) == .valid)
    #expect(try verdict(now: SignedSample.time - .seconds(300)) == .valid)
    #expect(try verdict(now: SignedSample.time + .seconds(301)) == old)
    #expect(try verdict(now: SignedSample.time - .seconds(301)) == old)
  }

  @Test("tells a missing signature from an incomplete one, and checks nothing without secrets")
  func incomplete() throws {
    #expect(try verdict { $0.signature = nil } == .missing)
    #expect(try verdict { $0.id = nil } == .invalid(reason: "webhook-id is missing"))
    #expect(try verdict { $0.timestamp = nil } == .invalid(reason: "webhook-timestamp is missing"))
    #expect(try verdict { $0.timestamp = "soon" } == .invalid(reason: "webhook-timestamp is not a number"))
    #expect(try verdict(secrets: []) { $0.signature = "nonsense" } == .unchecked)
  }
}
