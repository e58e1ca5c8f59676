import GatewayCore
import Logging

// What is given up to make room.

extension RetentionService {
  /// A lane, how many events it has not had (dead letters too, which hold on to their callbacks as well), and the lowest
  /// number whose batch it needs: its cursor, or an older exception.
  struct Laggard {
    var record: LaneRecord
    var behind: Int
    var needs: SequenceNumber
  }

  /// What a lane was told to give up, and when.
  struct Told {
    var limit: SequenceNumber
    var at: ContinuousClock.Instant
    /// Whether its cursor had to move for that, and not only exceptions to go.
    var movesCursor: Bool

    func isRecorded(_ lane: Laggard) -> Bool { (movesCursor ? lane.record.cursor : lane.needs) >= limit }
  }

  /// The lane with the most events it has not had. Not the one with the oldest: a single event that is retried keeps one
  /// callback, and giving it up would make next to no room.
  ///
  /// By what lanes have recorded, and so to be asked before trimming: a lane that has not yet recorded what it was told to
  /// give up is then told the same again. Asked after trimming, one that has just recorded it would be told to give up
  /// more, though what it has given up is not trimmed yet.
  func furthestBehind(_ records: [LaneRecord]) async throws(JournalError) -> Laggard? {
    let head = journal.head.next
    var furthest: Laggard?
    for record in records {
      let counts = try await journal.exceptionCounts(of: record.id)
      let lane = Laggard(
        record: record, behind: head - record.cursor + counts.waitingEvents + counts.dead,
        needs: min(record.cursor, counts.lowestPinned ?? record.cursor))
      if lane.behind > furthest?.behind ?? 0 { furthest = lane }
    }
    return furthest
  }

  /// Gives up the oldest piece of what the subscriber furthest behind has not had: as large a share of it as is too much of
  /// the journal. Not a share of the journal's numbers: where one old event is kept for somebody, most of those below are
  /// gone, and the piece could be all that there is. Returns whether there was anything to give up.
  func expire(_ furthest: Laggard, tooMuch share: Double) async throws(JournalError) -> Bool {
    let record = furthest.record
    let oldest = try await journal.position(receivedAtOrAfter: Timestamp(milliseconds: .min))
    let head = journal.head.next
    guard furthest.needs < head else { return false }
    var start = max(furthest.needs, oldest)
    if let last = told[record.id] {
      guard last.isRecorded(furthest) || .now - last.at > Limit.patience else { return true }
      // What is left below is in flight, and ends by itself.
      start = max(start, last.limit)
    }
    let piece = max(1, Int(Double(head - start) * share))
    let limit = min(head, start + piece)
    let lane = await delivery.running(record.id)
    let lanesAreOpen = await delivery.lanesAreOpen
    guard lane != nil || lanesAreOpen else { return true }
    told[record.id] = Told(limit: limit, at: .now, movesCursor: record.cursor < limit)
    let reason = "given up undelivered to make room in the journal"
    if let lane {
      lane.mailbox.post(.expire(below: limit, reason: reason, alsoDead: true))
    } else if await delivery.isWorkedByOthers(record.subscriber) {
      await delivery.passOnExpiry(of: record.subscriber, below: limit, reason)
    } else if await !delivery.isEnding(record.id) {
      try await expireUnowned(record, below: limit, reason)
    }
    return true
  }

  /// Where the journal is shared, nobody else may come to own the lane meanwhile: it is claimed for this.
  private func expireUnowned(_ record: LaneRecord, below limit: SequenceNumber, _ reason: String)
    async throws(JournalError)
  {
    guard let leases = journal.leases else { return try await expire(record, below: limit, reason) }
    guard let claimed = try await leases.claim([record.subscriber]).first else { return }
    let done = await Result { () async throws(JournalError) in try await expire(claimed, below: limit, reason) }
    // If this fails it is let go of with the next look at who should have what.
    try await leases.release([record.subscriber])
    try done.get()
  }

  /// What was given up last of a lane, unless that has been discarded since, or is sent again.
  private func lastExpired(of lane: LaneID) async throws(JournalError) -> ExpiredRange? {
    guard let last = expired[lane], try await journal.exception(of: lane, at: last.range.first)?.state == .expired
    else {
      return nil
    }
    return last
  }

  /// A lane that no task works on: its subscriber has been removed or is misconfigured. What it wants is not known here,
  /// so all events count.
  private func expire(_ record: LaneRecord, below limit: SequenceNumber, _ reason: String) async throws(JournalError) {
    let now = clock()
    let exceptions = try await journal.pinningExceptions(of: record.id, below: limit, limit: LaneReader.Limit.expiring)
    let next = try await journal.read(
      from: record.cursor, limit: ReadLimit(batches: 1, bytes: 1), wanted: { _ in true })
    var machine = LaneStateMachine(
      lane: record, held: try await journal.held(of: record), settings: .unserved, now: now)
    machine.lastExpired = try await lastExpired(of: record.id)
    let acceptedAt = (exceptions.map(\.acceptedAt) + (next.batches + next.damaged).map(\.receivedAt)).min() ?? now
    let count = machine.expire(
      below: limit, exceptions: exceptions, unscanned: max(0, limit - record.cursor), acceptedAt: acceptedAt,
      reason: reason, now: now)
    guard var settlement = machine.takeSettlement(for: record.id) else { return }
    settlement.epoch = record.epoch
    // These are its subscriber's, which is not here.
    (settlement.clock, settlement.hold) = (nil, nil)
    try await journal.settle(settlement)
    expired[record.id] = machine.lastExpired
    guard count > 0 else { return }
    logger.error(
      "events of a subscriber that is not served have expired",
      metadata: [
        "subscriber": "\(record.subscriber)", "events": "\(count)", "below": "\(limit)", "reason": "\(reason)",
      ])
  }
}

extension LaneSettings {
  /// For a lane that sends nothing.
  fileprivate static let unserved = LaneSettings(
    concurrency: 1, retry: RetryPolicy(), attemptTimeout: .zero, isHeld: true)
}
