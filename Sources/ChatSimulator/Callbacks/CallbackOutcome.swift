package import TencentChat

/// What became of one callback.
package struct CallbackOutcome: Hashable, Sendable {
  package let command: PairCommand
  package let pairCount: Int
  /// How often it was posted; 0 if it was dropped.
  package let tries: Int
  /// One sentence; nil if it was taken.
  package let failure: String?

  package init(command: PairCommand, pairCount: Int, tries: Int, failure: String?) {
    self.command = command
    self.pairCount = pairCount
    self.tries = tries
    self.failure = failure
  }
}
