import Synchronization

/// Brings the gauges up to date before they are served, as far as that is quick: a journal that does not answer must not
/// keep anybody from what is known.
final class GaugeRefresh: Sendable {
  /// How long a scrape waits for the gauges.
  private static let patience: Duration = .seconds(1)
  private static let pause: Duration = .milliseconds(2)

  private let isUnderWay = Atomic(false)
  private let refresh: @Sendable () async -> Void

  init(_ refresh: @escaping @Sendable () async -> Void) { self.refresh = refresh }

  /// One at a time: who comes while one is under way waits for that.
  func callAsFunction() async {
    if !isUnderWay.exchange(true, ordering: .acquiringAndReleasing) {
      Task {
        await refresh()
        isUnderWay.store(false, ordering: .releasing)
      }
    }
    let deadline = ContinuousClock.now + Self.patience
    while isUnderWay.load(ordering: .acquiring), ContinuousClock.now < deadline {
      try? await Task.sleep(for: Self.pause)
    }
  }
}
