/// One attempt that a lane has decided to make now.
package struct LaneSend: Hashable, Sendable {
  /// The first of its events.
  package var sequence: SequenceNumber
  /// All its events in order where it is a batch; empty for one event.
  package var members: [SequenceNumber]
  package var form: DeliveryForm
  /// 1 for the first.
  package var attempt: Int
  /// When its first event was accepted.
  package var acceptedAt: Timestamp
  /// How many events it carries.
  package var eventCount: Int
  /// Their places in the lane's window; empty for what the cursor has passed.
  var slots: [Int]
  /// The `StableHash` of the URL it goes to: what comes back speaks of that receiver.
  var url: UInt64
  /// Whether it only asks if the receiver is up again: a failure uses up no attempt.
  package var isProbe: Bool

  /// By what a dead letter is sent again.
  package var replay: ReplayID?

  /// Whether its events are in the window; otherwise they were loaded for it.
  package var isFromWindow: Bool { !slots.isEmpty }
  package var events: [SequenceNumber] { members.isEmpty ? [sequence] : members }
}

/// What the outcome of an attempt means for its delivery.
package enum LaneVerdict: Hashable, Sendable {
  case delivered
  /// It is tried again at this moment.
  case retry(at: Timestamp)
  /// It is owed as before: the attempt does not count.
  case owed
  /// The batch was too large: each half is sent by itself.
  case halved
  case dead
}
