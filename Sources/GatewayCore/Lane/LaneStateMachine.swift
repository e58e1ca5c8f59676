import DequeModule

/// One subscriber's queue as a pure value: it decides what is sent, retried and given up, and what of that is recorded.
///
/// Its shell feeds it what happened (deliveries scanned, attempts finished, settlements committed) and asks it what to do
/// (`nextSend`, `takeSettlement`, `scanCapacity`, `retryCapacity`). It knows sequence numbers and moments, no bytes.
///
///     scanned ─▶ waiting ─▶ in flight ─▶ settled ─▶ (cursor passes)
///                              │ failed
///                              ▼
///                          exception: retrying ─▶ due ─▶ in flight ─▶ removed
///                              ▲                            │ failed        or dead
///                              └────────────────────────────┘
///
/// Rules that hold whatever comes:
/// - at most `concurrency` attempts are in flight, and no more begin than `rateLimit` says;
/// - the cursor never passes a delivery that is neither delivered nor written as an exception in the same settlement;
/// - one settlement is outstanding at a time, and what it holds is not forgotten until it is committed.
package struct LaneStateMachine: Sendable {
  /// Bounds of one lane.
  package enum Limit {
    /// Deliveries above the cursor that are held in memory, or four times the concurrency if that is more.
    package static let window = 1024
    /// Due retries that are held in memory.
    package static let readyRetries = 64
    /// Retrying exceptions a lane may have: beyond it the cursor waits.
    package static let retrying = 10_000
    /// How long the oldest attempt may hold up a full window before it is written out.
    package static let straggling = Duration.seconds(1)
  }

  private var settings: LaneSettings
  private var window = LaneWindow()
  /// Everything below is in the window, settled, or not wanted.
  package private(set) var scanned: SequenceNumber
  /// The cursor as it stands in the journal once the outstanding settlement is committed.
  private var recordedCursor: SequenceNumber
  private var clock: HeldClock
  private var recordedClock: HeldClock
  /// Nil: no rate limit.
  private var bucket: TokenBucket?
  /// Due retries that wait for a slot.
  private var ready: Deque<DeliveryException> = []
  /// Exceptions whose attempt is in flight.
  private var underWay: [SequenceNumber: DeliveryException] = [:]
  /// What is not in a settlement yet: an exception to write, or nil for one to remove.
  private var changes: [SequenceNumber: DeliveryException?] = [:]
  /// What is in the settlement that has not been committed yet.
  private var outstanding: Outstanding?
  private var retryGoesFirst = false
  /// Retries that have ended since `beginExpiry`: what has been read of them since may be out of date. Nil: none is read.
  private var endedDuringExpiry: Set<SequenceNumber>?
  package private(set) var inFlight = 0
  /// Retrying exceptions, also those in flight.
  package private(set) var retrying: Int

  private struct Outstanding: Sendable {
    var changes: [SequenceNumber: DeliveryException?]
    var previousCursor: SequenceNumber
    var previousClock: HeldClock
  }

  /// - Parameter retrying: How many retrying exceptions the journal holds for this lane.
  package init(lane: LaneRecord, retrying: Int, settings: LaneSettings, now: Timestamp) {
    self.settings = settings
    self.retrying = retrying
    scanned = lane.cursor
    recordedCursor = lane.cursor
    clock = lane.clock
    recordedClock = lane.clock
    bucket = settings.rateLimit.map { TokenBucket($0, now: now) }
    hold(settings.isHeld, now: now)
  }

  package var isHeld: Bool { settings.isHeld }

  package mutating func update(_ settings: LaneSettings, now: Timestamp) {
    if settings.rateLimit != self.settings.rateLimit { limitRate(settings.rateLimit, now: now) }
    self.settings = settings
    hold(settings.isHeld, now: now)
  }

  private mutating func limitRate(_ limit: RateLimit?, now: Timestamp) {
    guard let limit else { return bucket = nil }
    if bucket == nil { bucket = TokenBucket(limit, now: now) } else { bucket?.update(limit, now: now) }
  }

  private mutating func hold(_ isHeld: Bool, now: Timestamp) {
    if isHeld { clock.hold(at: now) } else { clock.release(at: now) }
  }
}

// MARK: What comes in from the journal

extension LaneStateMachine {
  private var windowLimit: Int { max(Limit.window, 4 * settings.concurrency) }

  /// How many more deliveries may be admitted now.
  package var scanCapacity: Int { settings.isHeld ? 0 : max(0, windowLimit - window.count) }

  /// Takes the next delivery owed. They come in journal order, each at or above `scanned`.
  package mutating func admit(_ sequence: SequenceNumber, acceptedAt: Timestamp) {
    precondition(sequence >= scanned, "deliveries are admitted in order")
    window.append(sequence, acceptedAt: acceptedAt)
    scanned = sequence + 1
  }

  /// Nothing below `end` is wanted but what has been admitted.
  package mutating func pass(to end: SequenceNumber) { scanned = max(scanned, end) }

  /// Events that cannot be read: they become one dead letter, so that the lane can go on.
  package mutating func admitDamaged(
    _ first: SequenceNumber, eventCount: Int, acceptedAt: Timestamp, reason: String, now: Timestamp
  ) {
    precondition(first >= scanned, "deliveries are admitted in order")
    changes[first] = DeliveryException(
      first: first, last: first + (eventCount - 1), eventCount: eventCount, state: .dead, acceptedAt: acceptedAt,
      attempts: 0, dueAt: now, firstAttemptAt: clock.reading(at: now), endedAt: now, lastError: reason)
    scanned = first + eventCount
  }

  /// How many more due retries may be admitted now.
  package var retryCapacity: Int { settings.isHeld ? 0 : max(0, Limit.readyRetries - ready.count) }

  /// Exceptions whose row in the journal is out of date or taken: not to be loaded.
  package var heldExceptions: Set<SequenceNumber> {
    var held = Set(changes.keys)
    held.formUnion(underWay.keys)
    held.formUnion(ready.lazy.map(\.first))
    if let outstanding { held.formUnion(outstanding.changes.keys) }
    return held
  }

  /// Takes retries that are due. Those that have become taken since they were loaded are ignored.
  package mutating func admitRetries(_ exceptions: [DeliveryException]) {
    let held = heldExceptions
    ready.append(contentsOf: exceptions.lazy.filter { !held.contains($0.first) })
  }

  /// A retry whose event can no longer be read is dead.
  package mutating func giveUp(_ exception: DeliveryException, reason: String, now: Timestamp) {
    guard !heldExceptions.contains(exception.first) else { return }
    write(exception, state: .dead, error: reason, now: now)
    retrying -= 1
  }
}

// MARK: Sending

extension LaneStateMachine {
  /// The next attempt to make, which then is in flight; nil when there is nothing, no slot or no token.
  package mutating func nextSend(now: Timestamp) -> LaneSend? {
    guard couldSend, bucket?.take(now: now) ?? true else { return nil }
    guard !ready.isEmpty, retryGoesFirst || !mayTryFirst else {
      retryGoesFirst = true
      return firstAttempt(now: now)
    }
    retryGoesFirst = false
    return retry()
  }

  /// When an attempt may begin that only the rate limit holds up; nil if there is none.
  package var nextToken: Timestamp? { couldSend ? bucket?.nextToken() : nil }

  private var couldSend: Bool {
    !settings.isHeld && inFlight < settings.concurrency && (mayTryFirst || !ready.isEmpty)
  }

  /// A failure needs a row of its own: without room for one no first attempt is made.
  private var mayTryFirst: Bool { window.waiting > 0 && retrying + inFlight < Limit.retrying }

  private mutating func firstAttempt(now: Timestamp) -> LaneSend? {
    guard let (slot, entry) = window.takeWaiting(at: now) else { return nil }
    inFlight += 1
    return LaneSend(sequence: entry.sequence, attempt: 1, acceptedAt: entry.acceptedAt, slot: slot)
  }

  private mutating func retry() -> LaneSend? {
    guard let exception = ready.popFirst() else { return nil }
    underWay[exception.first] = exception
    inFlight += 1
    return LaneSend(sequence: exception.first, attempt: exception.attempts + 1, acceptedAt: exception.acceptedAt)
  }

  /// Takes the outcome of an attempt.
  ///
  /// - Parameter fraction: A random number from 0 to 1, for the jitter.
  package mutating func finish(
    _ send: LaneSend, result: AttemptResult, now: Timestamp, fraction: Double
  ) -> LaneVerdict {
    inFlight -= 1
    if let slot = send.slot, let entry = window.inFlight(slot) {
      window.settle(slot)
      if result.outcome == .success { return .delivered }
      let first = clock.reading(at: entry.sentAt ?? now)
      let exception = Self.exception(for: entry, firstAttemptAt: first, dueAt: now)
      retrying += 1
      return fail(exception, result: result, now: now, fraction: fraction)
    }
    guard let exception = underWay.removeValue(forKey: send.sequence) else {
      preconditionFailure("an attempt finished that was not in flight")
    }
    endedDuringExpiry?.insert(send.sequence)
    if result.outcome == .success {
      changes[send.sequence] = .some(nil)
      retrying -= 1
      return .delivered
    }
    return fail(exception, result: result, now: now, fraction: fraction)
  }

  private mutating func fail(
    _ exception: DeliveryException, result: AttemptResult, now: Timestamp, fraction: Double
  ) -> LaneVerdict {
    var failed = exception
    failed.attempts += 1
    let error = result.error ?? result.outcome.rawValue
    let patience = settings.retry.giveUpAfter - (clock.reading(at: now) - failed.firstAttemptAt)
    let isPermanent = result.status.map(settings.retry.permanentStatuses.contains) ?? false
    if isPermanent || patience <= .zero {
      write(failed, state: .dead, error: error, now: now)
      retrying -= 1
      return .dead
    }
    // The last attempt is made when patience ends, not after it.
    failed.dueAt = now + min(settings.retry.delay(afterAttempt: failed.attempts, fraction: fraction), patience)
    write(failed, state: .retrying, error: error, now: now)
    return .retry(at: failed.dueAt)
  }

  private mutating func write(
    _ exception: DeliveryException, state: DeliveryException.State, error: String, now: Timestamp
  ) {
    var written = exception
    written.state = state
    written.lastError = error
    written.endedAt = state == .retrying ? nil : now
    changes[written.first] = written
  }

  private static func exception(
    for entry: LaneWindow.Entry, firstAttemptAt: Timestamp, dueAt: Timestamp
  ) -> DeliveryException {
    DeliveryException(
      first: entry.sequence, last: entry.sequence, state: .retrying, acceptedAt: entry.acceptedAt, attempts: 0,
      dueAt: dueAt, firstAttemptAt: firstAttemptAt, endedAt: nil, lastError: "")
  }
}

// MARK: Making way

extension LaneStateMachine {
  /// Writes out the oldest attempts in flight when they alone keep a full window from moving on.
  ///
  /// - Parameter isFull: Whether there is no room for more, though not for their number.
  package mutating func writeOutStragglers(now: Timestamp, isFull: Bool = false) {
    guard window.waiting == 0, scanCapacity == 0 || isFull, !settings.isHeld else { return }
    for entry in window.takeStragglers(sentBefore: now - Limit.straggling) { writeOut(entry, now: now) }
  }

  /// To be called before the exceptions are read that `expire` is then given.
  package mutating func beginExpiry() { endedDuringExpiry = [] }

  /// The exceptions could not be read.
  package mutating func cancelExpiry() { endedDuringExpiry = nil }

  /// Gives up everything below `limit` that is not delivered: it becomes one expired range. What has ended since
  /// `beginExpiry` is left to the next time.
  ///
  /// - Parameters:
  ///   - exceptions: The retrying and dead exceptions below `limit`, as the journal has them.
  ///   - unscanned: How many wanted events lie from `scanned` to `limit`.
  ///   - acceptedAt: When the first event given up was accepted.
  /// - Returns: How many events have expired; dead ones are not counted a second time.
  package mutating func expire(
    below limit: SequenceNumber, exceptions: [DeliveryException], unscanned: Int, acceptedAt: Timestamp,
    reason: String, now: Timestamp
  ) -> Int {
    let dropped = window.drop(below: limit)
    // An attempt that is under way is left to end; until then its event is owed.
    for entry in dropped.inFlight { writeOut(entry, now: now) }
    let held = Set(underWay.keys).union(changes.keys).union(outstanding?.changes.keys.map { $0 } ?? [])
      .union(endedDuringExpiry ?? [])
    endedDuringExpiry = nil
    let given = exceptions.filter { $0.first < limit && !held.contains($0.first) }
    ready.removeAll { exception in exception.first < limit }
    for exception in given { changes[exception.first] = .some(nil) }
    let waited = given.count { $0.state == .retrying }
    retrying -= waited
    let firsts = given.map(\.first) + dropped.waiting.map(\.sequence) + (scanned < limit ? [scanned] : [])
    let count = waited + dropped.waiting.count + unscanned
    if let first = firsts.min(), count > 0 {
      changes[first] = DeliveryException(
        first: first, last: SequenceNumber(rawValue: limit.rawValue - 1), eventCount: count, state: .expired,
        acceptedAt: acceptedAt, attempts: 0, dueAt: now, firstAttemptAt: clock.reading(at: now), endedAt: now,
        lastError: reason)
    }
    pass(to: limit)
    return count
  }

  private mutating func writeOut(_ entry: LaneWindow.Entry, now: Timestamp) {
    let exception = Self.exception(
      for: entry, firstAttemptAt: clock.reading(at: entry.sentAt ?? now), dueAt: now + settings.attemptTimeout)
    underWay[entry.sequence] = exception
    retrying += 1
    write(exception, state: .retrying, error: "an attempt was under way", now: now)
  }
}

// MARK: Settling

extension LaneStateMachine {
  /// Where the cursor may stand: nothing below is owed but exceptions.
  package var cursor: SequenceNumber { window.oldest?.sequence ?? scanned }

  /// When the oldest delivery of the window was accepted.
  package var oldestInWindow: Timestamp? { window.oldest?.acceptedAt }

  /// Deliveries of the window that are not settled.
  package var unsettled: Int { window.unsettled }

  package var hasOutstandingSettlement: Bool { outstanding != nil }

  /// Whether something is to be recorded that is in no settlement yet.
  package var hasUnrecorded: Bool { !changes.isEmpty || cursor != recordedCursor || clock != recordedClock }

  /// What is to be recorded now; nil if there is nothing, or if a settlement is outstanding.
  package mutating func takeSettlement(for lane: LaneID) -> Settlement? {
    guard outstanding == nil else { return nil }
    var settlement = Settlement(lane: lane)
    for (sequence, change) in changes {
      if let change { settlement.written.append(change) } else { settlement.removed.append(sequence) }
    }
    if cursor != recordedCursor { settlement.cursor = cursor }
    if clock != recordedClock { settlement.clock = clock }
    guard !settlement.isEmpty else { return nil }
    outstanding = Outstanding(changes: changes, previousCursor: recordedCursor, previousClock: recordedClock)
    changes = [:]
    recordedCursor = cursor
    recordedClock = clock
    return settlement
  }

  package mutating func settlementCommitted() { outstanding = nil }

  /// The journal did not take it: all of it is to be recorded again, unless it has changed since.
  package mutating func settlementFailed() {
    guard let lost = outstanding else { return }
    outstanding = nil
    changes.merge(lost.changes) { newer, _ in newer }
    recordedCursor = lost.previousCursor
    recordedClock = lost.previousClock
  }
}
