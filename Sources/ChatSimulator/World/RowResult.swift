/// What became of one row of a call.
package struct RowResult: Hashable, Sendable {
  package let account: AccountID
  /// Nil if it succeeded.
  package let failure: RowFailure?

  package init(_ account: AccountID, _ failure: RowFailure? = nil) {
    self.account = account
    self.failure = failure
  }
}
