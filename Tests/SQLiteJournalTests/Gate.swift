import Dispatch

/// Holds a thread until a test lets it go on, and tells the test that it is held.
final class Gate: Sendable {
  private let opened = DispatchSemaphore(value: 0)
  private let arrivals: AsyncStream<Void>
  private let arrived: AsyncStream<Void>.Continuation

  init() { (arrivals, arrived) = AsyncStream.makeStream() }

  func hold() {
    arrived.yield()
    opened.wait()
  }

  func reached() async {
    for await _ in arrivals { return }
  }

  func open() { opened.signal() }
}
