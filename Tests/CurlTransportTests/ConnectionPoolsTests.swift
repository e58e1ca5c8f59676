import GatewayCore
import Synchronization
import Testing

@testable import CurlTransport

@Suite struct ConnectionPoolsTests {
  private func settings(_ number: Int) -> TLSSettings {
    TLSSettings(authorities: Array("authority \(number)".utf8), identity: nil)
  }

  private func makePools() -> ConnectionPools {
    ConnectionPools(
      settings: TransferSettings(userAgent: "test", connectionLifetime: .seconds(300), environment: [:]), epoll: Epoll()
    )
  }

  @Test("equal settings share a pool, different ones and none have their own")
  func pools() {
    var pools = makePools()
    let first = pools.pool(for: settings(1))
    #expect(pools.pool(for: settings(1)) === first)
    #expect(pools.pool(for: settings(2)) !== first)
    #expect(pools.pool(for: nil) === pools.standard)
    #expect(pools.extraCount == 2)
    for pool in [pools.standard, first] { #expect(pools.pool(inSlot: pool.slot) === pool) }
  }

  @Test("a pool that is idle for long is let go of, and its slot taken again")
  func retirement() {
    var pools = makePools()
    weak let retired = pools.pool(for: settings(1))
    pools.retireIdle(at: .now + ConnectionPools.idleLimit + .seconds(1))
    #expect(pools.extraCount == 0 && retired == nil)
    #expect(pools.pool(inSlot: 1) == nil)
    #expect(pools.pool(for: settings(2)).slot == 1)
    #expect(pools.pool(inSlot: 0) === pools.standard)
  }

  @Test("of too many idle pools those go that have been idle for longest")
  func tooMany() {
    var pools = makePools()
    for number in 0..<ConnectionPools.idlePoolLimit + 3 { _ = pools.pool(for: settings(number)) }
    pools.retireIdle(at: .now)
    #expect(pools.extraCount == ConnectionPools.idlePoolLimit)
    #expect((1...3).allSatisfy { pools.pool(inSlot: $0) == nil }, "the first three")
  }

  @Test("a pool that is let go of takes its kept connection with it")
  func connections() async throws {
    try await withServer { _ in
      [.answer("200 OK")]
    } _: { server in
      let epoll = Epoll()
      var pools = ConnectionPools(
        settings: TransferSettings(userAgent: "test", connectionLifetime: .seconds(300), environment: [:]), epoll: epoll
      )
      for expected in [1, 1, 2] {
        if expected == 2 { pools.retireIdle(at: .now + ConnectionPools.idleLimit + .seconds(1)) }
        let outcome = post(to: server.url(), pool: pools.pool(for: settings(1)), pools, epoll)
        #expect(outcome == .success)
        #expect(server.connections == expected)
      }
      pools.retireIdle(at: .now + ConnectionPools.idleLimit * 3)
      #expect(pools.extraCount == 0)
    }
  }

  /// Does for one request what the loop does for all.
  private func post(
    to url: String, pool: ConnectionPool, _ pools: ConnectionPools, _ epoll: Epoll
  ) -> AttemptOutcome? {
    let ended = Ended()
    let endpoint = Endpoint(
      url: url, timeout: .seconds(30), connectTimeout: .seconds(10), privateAddresses: .allow)
    let submission = Submission(
      request: OutboundRequest(endpoint: endpoint, headers: [], body: []), authority: nil, startedAt: .now
    ) { result in ended.outcome.withLock { $0 = result.outcome } }
    guard let headers = StringList(headers: []),
      pool.start(submission, headers: headers, addresses: nil, policy: AddressPolicy())
    else { return nil }
    while pool.idleSince == nil {
      pools.fireTimers(at: .now)
      epoll.wait(milliseconds: 1) { pools.pool(inSlot: $1)?.socketIsReady($0, events: $2) }
      pools.finishCompleted()
    }
    return ended.outcome.withLock { $0 }
  }

  private final class Ended: Sendable {
    let outcome = Mutex<AttemptOutcome?>(nil)
  }
}
