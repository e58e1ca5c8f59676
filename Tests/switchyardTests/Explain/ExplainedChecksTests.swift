import GatewayCore
import OpenSSLSigner
import OrderedCollections
import Testing

@testable import switchyard

@Suite("The checks that explain tells of")
struct ExplainedChecksTests {
  private typealias Sample = ExplainedSample

  private func results(_ explanation: Explanation) -> [String] {
    explanation.checks.map { "\($0.name) \($0.result)\($0.refusal.map { " \($0.status) \($0.reason)" } ?? "")" }
  }

  private func signed(_ suffix: String, tolerance: Duration = .seconds(60)) throws -> [String] {
    let app = AppConfiguration(id: Sample.app.id, tokens: [Secret("other"), Sample.token], clockTolerance: tolerance)
    return try results(Sample.explain(app: app, query: Sample.query + suffix))
  }

  @Test("pass an ordinary callback")
  func good() throws {
    let explanation = try Sample.explain()
    #expect(results(explanation) == ["size good", "app known", "address any", "sign not_asked_for", "body good"])
    #expect(explanation.refusal == nil)
  }

  @Test("tell a Sign that is right, absent, wrong or stale")
  func sign() throws {
    #expect(try signed("&" + Sample.sign).contains("sign right"))
    #expect(try signed("").contains("sign absent 401 bad_signature"))
    #expect(try signed("&RequestTime=1669872113&Sign=00").contains("sign wrong 401 bad_signature"))
    #expect(try signed("&Sign=00").contains("sign wrong 401 bad_signature"))
    let late = AppConfiguration(id: Sample.app.id, tokens: [Sample.token], clockTolerance: .zero)
    var explainer = Explainer(
      routes: Routes(apps: [late.id: late], subscribers: [:], fingerprint: ""), peer: nil, subscriber: nil,
      eventsShown: 1, now: Sample.now)
    #expect(try results(explainer.explain(query: Sample.query + "&" + Sample.sign, body: [])).contains("sign right"))
    explainer = Explainer(
      routes: explainer.routes, peer: nil, subscriber: nil, eventsShown: 1, now: Sample.now + .seconds(90))
    let stale = try explainer.explain(query: Sample.query + "&" + Sample.sign, body: Sample.body)
    #expect(results(stale).contains("sign stale 401 stale_signature"))
    #expect(stale.text.contains("made with the app's token, but 90s ago; 0s are allowed (401 stale_signature)"))
    #expect(stale.callback?.eventCount == 3)
  }

  @Test("tell how far off a time is that is not in seconds", arguments: [1_669_872_112_000_000_000, Int64.max])
  func hugeTime(time: Int64) throws {
    let hash = OpenSSLDigest().sha256([Array(Sample.token.exposed.utf8), Array("\(time)".utf8)])
    let sign = hash.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
    let app = AppConfiguration(id: Sample.app.id, tokens: [Sample.token])
    let explanation = try Sample.explain(app: app, query: Sample.query + "&RequestTime=\(time)&Sign=\(sign)")
    #expect(results(explanation).contains("sign stale 401 stale_signature"))
    #expect(explanation.text.contains(" ahead; "))
  }

  @Test("tell an address only when there is one to try")
  func address() throws {
    func result(_ peer: String?, _ mode: AppConfiguration.AllowMode = .enforce) throws -> String {
      let app = AppConfiguration(
        id: Sample.app.id, allowedAddresses: [try #require(AddressRange("203.0.113.0/24"))], allowMode: mode)
      return try results(Sample.explain(app: app, peer: peer))[2]
    }
    #expect(try result(nil) == "address not_looked_at")
    #expect(try result("203.0.113.9") == "address allowed")
    #expect(try result("198.51.100.1") == "address not_allowed 403 ip_not_allowed")
    #expect(try result("198.51.100.1", .report) == "address reported")
  }

  @Test("leave nothing more to tell of an unknown app, or of what is no callback")
  func nothingMore() throws {
    let unknown = try Sample.explain(query: "SdkAppid=7")
    #expect(results(unknown) == ["size good", "app unknown 403 unknown_app"])
    #expect(unknown.text.hasPrefix("It is refused with 403, reason unknown_app.\n  size  "))
    #expect(try results(Sample.explain(query: "SdkAppid=x")).last == "app absent 403 unknown_app")
    let malformed = try Sample.explain(body: Array("{".utf8))
    #expect(results(malformed).last == "body malformed 400 malformed")
    #expect(malformed.callback == nil && malformed.subscribers.isEmpty)
    let large = try Sample.explain(body: Sample.body + Array(repeating: UInt8(ascii: " "), count: 4 << 20))
    #expect(large.refusal?.status == 413)
    #expect(large.callback?.eventCount == 3)
  }
}
