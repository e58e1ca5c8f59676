/// Why the gateway does not do what an operator asks for, as a sentence that says what to do.
package enum ControlError: Error, Hashable, Sendable {
  /// There is no such thing.
  case notFound(String)
  /// Not as things stand.
  case conflict(String)
  /// Never: what is asked makes no sense.
  case invalid(String)
  case journal(JournalError)
  /// It is in force, but is not on disk: it may be gone after a restart.
  case unrecorded(JournalError)
}
