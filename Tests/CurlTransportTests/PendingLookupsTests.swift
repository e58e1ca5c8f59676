import GatewayCore
import Testing

@testable import CurlTransport

@Suite struct PendingLookupsTests {
  private let start = ContinuousClock.now

  @Test("a name is asked for by the first alone, and its answer is for all")
  func oneQuestion() {
    var lookups = PendingLookups()
    let isNew = ["a", "a", "b"].map { lookups.add(submission(seconds: 1), for: $0) }
    #expect(isNew == [true, false, true])
    let finished = [lookups.finish("a").count, lookups.finish("a").count]
    #expect(finished == [2, 0])
    let isNewAgain = lookups.add(submission(seconds: 1), for: "a")
    #expect(isNewAgain)
  }

  @Test("each leaves at its own deadline, and a name stays asked for when all have left")
  func expiry() {
    var lookups = PendingLookups()
    _ = lookups.add(submission(seconds: 3), for: "a")
    _ = lookups.add(submission(seconds: 1), for: "a")
    _ = lookups.add(submission(seconds: 2), for: "b")
    #expect(lookups.nextDeadline == start + .seconds(1))
    let early = [.milliseconds(999), .seconds(1)].map { lookups.expire(at: start + $0).count }
    #expect(early == [0, 1])
    #expect(lookups.nextDeadline == start + .seconds(2))
    let late = lookups.expire(at: start + .seconds(9)).count
    #expect(late == 2)
    #expect(lookups.nextDeadline == nil)
    let isNew = lookups.add(submission(seconds: 20), for: "a")
    #expect(!isNew)
  }

  @Test("draining takes all")
  func drain() {
    var lookups = PendingLookups()
    for name in ["a", "b", "b"] { _ = lookups.add(submission(seconds: 1), for: name) }
    let drained = [lookups.drain().count, lookups.drain().count]
    #expect(drained == [3, 0])
    #expect(lookups.nextDeadline == nil)
  }

  private func submission(seconds: Int) -> Submission {
    let endpoint = Endpoint(
      url: "http://a/", timeout: .seconds(30), connectTimeout: .seconds(seconds), privateAddresses: .allow)
    return Submission(
      request: OutboundRequest(endpoint: endpoint, headers: [], body: []), authority: Authority(url: endpoint.url),
      startedAt: start, completion: { _ in })
  }
}
