/// One attempt that a lane has decided to make now.
package struct LaneSend: Hashable, Sendable {
  package var sequence: SequenceNumber
  /// 1 for the first.
  package var attempt: Int
  package var acceptedAt: Timestamp
  /// Its place in the lane's window; nil for a retry.
  var slot: Int?

  /// Whether it is at an exception, not at a delivery of the window.
  package var isRetry: Bool { slot == nil }
}

/// What the outcome of an attempt means for its delivery.
package enum LaneVerdict: Hashable, Sendable {
  case delivered
  /// It is tried again at this moment.
  case retry(at: Timestamp)
  case dead
}
