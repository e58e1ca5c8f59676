package struct LaneID: Hashable, Sendable, RawRepresentable {
  package let rawValue: Int64

  package init(rawValue: Int64) { self.rawValue = rawValue }
}

/// What the journal keeps of one lane.
package struct LaneRecord: Hashable, Sendable {
  package var id: LaneID
  package var subscriber: String
  /// The replay whose lane it is; nil for the subscriber's own.
  package var replay: ReplayID?
  /// Where it began; nil if that was before it was recorded.
  package var start: SequenceNumber?
  /// The lane owes nothing below this but its exceptions.
  package var cursor: SequenceNumber
  package var clock: HeldClock
  package var hold: LaneHold
  /// When it is to be forgotten, because its subscriber is no longer in the routes file; nil while it is.
  package var forgetAt: Timestamp?
  /// Under which epoch its owner has it; nil in a journal that is one gateway's alone.
  package var epoch: Int64?

  package init(
    id: LaneID, subscriber: String, replay: ReplayID? = nil, start: SequenceNumber? = nil, cursor: SequenceNumber,
    clock: HeldClock, hold: LaneHold = LaneHold(), forgetAt: Timestamp?, epoch: Int64? = nil
  ) {
    self.id = id
    self.subscriber = subscriber
    self.replay = replay
    self.start = start
    self.cursor = cursor
    self.clock = clock
    self.hold = hold
    self.forgetAt = forgetAt
    self.epoch = epoch
  }
}

/// Why nothing is sent: the receiver has asked to be left alone for a while (`Retry-After`) or for good (410), or an
/// operator has paused it.
package struct LaneHold: Hashable, Sendable {
  /// Nothing is sent before this moment; nil if it may be.
  package var until: Timestamp?
  /// The `StableHash` of the URL that answered 410: nothing is sent to that one.
  package var goneURL: UInt64?
  /// Since when an operator has it paused; nil if none has.
  package var pausedAt: Timestamp?

  package init(until: Timestamp? = nil, goneURL: UInt64? = nil, pausedAt: Timestamp? = nil) {
    self.until = until
    self.goneURL = goneURL
    self.pausedAt = pausedAt
  }
}

/// A lane's own clock: it stands still while the subscriber as a whole is held, so that holding uses up no patience.
package struct HeldClock: Hashable, Sendable {
  /// All time held before `heldSince`.
  package var heldMilliseconds: Int64
  /// Since when it stands still; nil while it runs.
  package var heldSince: Timestamp?

  package init(heldMilliseconds: Int64 = 0, heldSince: Timestamp? = nil) {
    self.heldMilliseconds = heldMilliseconds
    self.heldSince = heldSince
  }

  /// What this clock shows at a moment of wall time.
  package func reading(at now: Timestamp) -> Timestamp {
    let running = heldSince.map { min($0, now) } ?? now
    return Timestamp(milliseconds: running.milliseconds - heldMilliseconds)
  }

  /// Stops it; nothing if it stands.
  package mutating func hold(at now: Timestamp) {
    if heldSince == nil { heldSince = now }
  }

  /// Lets it run again; nothing if it runs.
  package mutating func release(at now: Timestamp) {
    guard let since = heldSince else { return }
    heldMilliseconds += max(0, now.milliseconds - since.milliseconds)
    heldSince = nil
  }
}
