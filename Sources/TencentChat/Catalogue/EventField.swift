/// What an event can have a value for that is read out of the callback. The names are those of the event's JSON and of
/// a derivation's text; they never change.
package enum EventField: String, Hashable, Sendable, CaseIterable {
  case from, to, group, account
  /// What orders events that none of the four above orders, such as a call's id. It is not in the event's JSON.
  case subject
  case time
}
