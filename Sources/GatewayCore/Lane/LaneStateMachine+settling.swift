// What is recorded.

extension LaneStateMachine {
  /// Where the cursor may stand: nothing below is owed but exceptions.
  package var cursor: SequenceNumber { window.oldest?.sequence ?? scanned }

  /// When the oldest delivery of the window was accepted.
  package var oldestInWindow: Timestamp? { window.oldest?.acceptedAt }

  /// Events of the window that are not settled.
  package var unsettled: Int { window.unsettled }

  package var hasOutstandingSettlement: Bool { outstanding != nil }

  /// Whether something is to be recorded that is in no settlement yet.
  package var hasUnrecorded: Bool {
    !changes.isEmpty || !unrecorded.isEmpty || cursor != recordedCursor || clock != recordedClock
      || hold != recordedHold || dueBy != nil
  }

  /// What is to be recorded now; nil if there is nothing, or if a settlement is outstanding.
  package mutating func takeSettlement(for lane: LaneID) -> Settlement? {
    guard outstanding == nil, hasUnrecorded else { return nil }
    var settlement = Settlement(lane: lane)
    for (sequence, change) in changes {
      if let change { settlement.written.append(change) } else { settlement.removed.append(sequence) }
    }
    if cursor != recordedCursor { settlement.cursor = cursor }
    if clock != recordedClock { settlement.clock = clock }
    if hold != recordedHold { settlement.hold = hold }
    settlement.dueBy = dueBy
    outstanding = Outstanding(
      changes: changes, previousCursor: recordedCursor, previousClock: recordedClock, previousHold: recordedHold,
      dueBy: dueBy, unrecorded: unrecorded)
    dueBy = nil
    changes = [:]
    unrecorded = []
    recordedCursor = cursor
    recordedClock = clock
    recordedHold = hold
    return settlement
  }

  package mutating func settlementCommitted() {
    guard let recorded = outstanding else { return }
    outstanding = nil
    release(recorded.unrecorded.filter { lines[$0]?.holder == .record })
  }

  /// The journal did not take it: all of it is to be recorded again, unless it has changed since.
  package mutating func settlementFailed() {
    guard let lost = outstanding else { return }
    outstanding = nil
    changes.merge(lost.changes) { newer, _ in newer }
    unrecorded.formUnion(lost.unrecorded)
    recordedCursor = lost.previousCursor
    recordedClock = lost.previousClock
    recordedHold = lost.previousHold
    dueBy = dueBy ?? lost.dueBy
  }
}
