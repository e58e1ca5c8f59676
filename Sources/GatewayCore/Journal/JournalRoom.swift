import Synchronization

/// How much room a journal has left: told by the journal with each commit, to whoever makes room in it.
package final class JournalRoom: Sendable {
  /// Called with the bytes that callbacks can still take; 0 when some wait because there are too few. Must be quick and
  /// must not call back.
  package typealias Observer = @Sendable (_ free: Int) -> Void

  /// A closure by itself would be wrapped once more each time that the lock hands it out.
  private struct Held {
    var observer: Observer?
  }

  private let held = Mutex(Held())

  package init() {}

  /// There is one observer: retention.
  package func observe(_ observer: @escaping Observer) { held.withLock { $0.observer = observer } }

  /// For journals.
  package func report(free: Int) { held.withLock(\.observer)?(free) }
}
