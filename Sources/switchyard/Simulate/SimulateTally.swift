import ChatSimulator

/// What has been done so far.
struct SimulateTally: Hashable, Sendable {
  private(set) var calls = 0
  private(set) var refused = 0
  private(set) var callbacks = 0
  private(set) var failed = 0

  mutating func count(_ report: CallReport) {
    calls += 1
    if report.answer.error != nil { refused += 1 }
    callbacks += report.callbacks.count
    failed += report.callbacks.count { $0.failure != nil }
  }

  var text: String {
    "answered \(calls) calls, \(refused) of them refused; posted \(callbacks) callbacks, \(failed) of them in vain"
  }
}
