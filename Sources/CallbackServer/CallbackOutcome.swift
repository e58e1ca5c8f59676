/// What became of a callback whose body was read.
enum CallbackOutcome: Sendable {
  /// It is on disk, or was before, or holds nothing to put there.
  case taken(reply: [UInt8])
  /// - detail: More for the operator than the sender is told.
  case refused(Refusal, detail: String? = nil)
}
