/// When a subscriber is taken to be down, and how often it is tried while it is.
package struct BreakerPolicy: Hashable, Sendable {
  /// First attempts that must fail in a row.
  package var openAfter: Int
  package var probeEvery: Duration

  package init(openAfter: Int = 5, probeEvery: Duration = .seconds(30)) {
    precondition(openAfter > 0, "a breaker opens after at least one failure")
    self.openAfter = openAfter
    self.probeEvery = probeEvery
  }
}
