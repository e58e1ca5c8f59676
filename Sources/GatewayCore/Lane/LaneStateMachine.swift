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
/// - one settlement is outstanding at a time, and what it holds is not forgotten until it is committed;
/// - of the events of one ordering key, one has its turn; the next one has it when that is delivered, or recorded as dead.
package struct LaneStateMachine: Sendable {
  /// Bounds of one lane.
  package enum Limit {
    /// Deliveries above the cursor that are held in memory, or enough for four times the concurrency if that is more.
    package static let window = 1024
    /// The same where the concurrency and the size of batches ask for more.
    package static let largestWindow = 65_536
    /// Due retries that are held in memory, and as many keys whose parked events are.
    package static let readyRetries = 64
    /// Parked events of a key that are held in memory, or as many as a batch has.
    package static let loadedOfRun = 32
    /// Retrying exceptions a lane may have: beyond it the cursor waits.
    package static let retrying = 10_000
    /// Up to how many retrying exceptions dead letters are taken back: what fails anew needs room besides.
    package static let revived = retrying / 2
    /// Parked runs a lane may have: beyond it the cursor waits.
    package static let parkedRuns = 10_000
    /// Deliveries that are taken to probe the subscriber with while it is down: one of them may be at fault itself.
    package static let probed = 32
    /// How long the oldest attempt may hold up a full window before it is written out.
    package static let straggling = Duration.seconds(1)
  }

  /// What the journal holds of a lane when it is opened.
  package struct Held: Sendable {
    /// How many exceptions there are.
    package var counts: ExceptionCounts
    /// Those that hold back others of their ordering keys, lowest first; parked ones without their members.
    package var keyed: [DeliveryException]
    /// Those that stand for events at or above the cursor.
    package var aboveCursor: [DeliveryException]

    package init(
      counts: ExceptionCounts = ExceptionCounts(), keyed: [DeliveryException] = [],
      aboveCursor: [DeliveryException] = []
    ) {
      self.counts = counts
      self.keyed = keyed
      self.aboveCursor = aboveCursor
    }
  }

  /// Where a delivery comes from.
  enum Source: CaseIterable, Sendable { case window, retries, runs }

  struct Outstanding: Sendable {
    var changes: [SequenceNumber: DeliveryException?]
    var previousCursor: SequenceNumber
    var previousClock: HeldClock
    var previousHold: LaneHold
    var dueBy: Timestamp?
    var unrecorded: Set<OrderingKey>
  }

  var settings: LaneSettings
  var window = LaneWindow()
  /// Everything below is in the window, settled, or not wanted.
  package internal(set) var scanned: SequenceNumber
  /// Events at or above `scanned` that an exception stands for already, and for how many: a crash left the cursor behind
  /// them.
  var known: [SequenceNumber: Int]
  /// How many events that is: they are not scanned yet, and yet recorded.
  package internal(set) var knownEvents: Int
  /// The cursor as it stands in the journal once the outstanding settlement is committed.
  var recordedCursor: SequenceNumber
  var clock: HeldClock
  var recordedClock: HeldClock
  var hold: LaneHold
  var recordedHold: LaneHold
  var breaker = Breaker()
  /// Nil: no rate limit.
  var bucket: TokenBucket?
  /// Due retries that wait for a slot.
  var ready: Deque<DeliveryException> = []
  /// Exceptions and heads of runs whose attempt is in flight.
  var underWay: [SequenceNumber: DeliveryException] = [:]
  /// The slots of batches in flight that were taken from the window, by their lowest.
  var batches: [Int: [Int]] = [:]
  /// How many events a batch may have since one was too large; nil if none was, or it has grown again.
  var batchLimit: Int?
  var lines: [OrderingKey: KeyLine] = [:]
  /// Keys of runs at or above `scanned`, by the run's first event, in order.
  var gates: Deque<(first: SequenceNumber, key: OrderingKey)> = []
  /// Keys whose first run has its turn and is not loaded.
  var runTurns: Deque<OrderingKey> = []
  /// Keys whose first run has its turn and is loaded.
  var readyRuns: Deque<OrderingKey> = []
  /// Keys whose first run is being loaded, and its first event.
  var loadingRuns: [OrderingKey: SequenceNumber] = [:]
  /// Keys of which something is dead or given up that is not in a settlement yet.
  var unrecorded: Set<OrderingKey> = []
  /// What is not in a settlement yet: an exception to write, or nil for one to remove.
  var changes: [SequenceNumber: DeliveryException?] = [:]
  /// Retries in the journal are to be due no later than this; nil: as they are.
  var dueBy: Timestamp?
  /// What is in the settlement that has not been committed yet.
  var outstanding: Outstanding?
  /// Which source is asked first.
  var turn = Source.window
  var isProbing = false
  /// Events parked since the breaker opened.
  var parkedWhileOpen = 0
  /// Whether the next probe is at an exception, not at an untried delivery.
  var probesException = false
  var lastProbed = SequenceNumber(rawValue: 0)
  /// Exceptions that have ended since `beginExpiry`: what has been read of them since may be out of date. Nil: none is
  /// read.
  var endedDuringExpiry: Set<SequenceNumber>?
  /// What was given up last.
  package var lastExpired: ExpiredRange?
  package internal(set) var inFlight = 0
  /// Retrying exceptions, also those in flight.
  package internal(set) var retrying: Int
  /// Runs of parked events.
  package internal(set) var parkedRuns: Int
  /// Events of retrying exceptions and parked runs.
  package internal(set) var waitingEvents: Int

  package init(lane: LaneRecord, held: Held = Held(), settings: LaneSettings, now: Timestamp) {
    self.settings = settings
    retrying = held.counts.retrying
    parkedRuns = held.counts.parkedRuns
    waitingEvents = held.counts.waitingEvents
    known = [:]
    for exception in held.aboveCursor {
      let events = exception.events
      for event in events where event >= lane.cursor { known[event] = events.count == 1 ? exception.eventCount : 1 }
    }
    knownEvents = known.values.reduce(0, +)
    scanned = lane.cursor
    recordedCursor = lane.cursor
    clock = lane.clock
    recordedClock = lane.clock
    hold = lane.hold
    recordedHold = lane.hold
    // Another gateway may have used its last token a moment ago. So a lane that moves exceeds its limit by nothing, and
    // waits for one token longer.
    bucket = settings.rateLimit.map { TokenBucket($0, now: now, isEmpty: lane.epoch != nil) }
    if hold.goneURL != settings.url { hold.goneURL = nil }
    // What was failing when it ended may be failing still.
    if retrying >= settings.breaker.openAfter { breaker.recover() }
    restoreLines(held.keyed)
    tick(now: now)
  }

  package mutating func update(_ settings: LaneSettings, now: Timestamp) {
    let old = self.settings
    self.settings = settings
    if settings.rateLimit != old.rateLimit { limitRate(settings.rateLimit, now: now) }
    if settings.url != old.url {
      // Another receiver: nothing is known of it.
      hold = LaneHold(pausedAt: hold.pausedAt)
      breaker = Breaker()
    } else if old.isHeld, !settings.isHeld, hold.goneURL != nil {
      hold.goneURL = nil
      breaker.recover()
    }
    tick(now: now)
  }

  private mutating func limitRate(_ limit: RateLimit?, now: Timestamp) {
    guard let limit else { return bucket = nil }
    if bucket == nil { bucket = TokenBucket(limit, now: now) } else { bucket?.update(limit, now: now) }
  }
}

// MARK: Time

extension LaneStateMachine {
  package var phase: LanePhase {
    if let phase = hold.phase(settings) { return phase }
    return switch breaker.state {
    case .closed: .closed
    case .open: .open
    case .halfOpen: .halfOpen
    }
  }

  /// Nothing is sent, not even a probe.
  var isStopped: Bool { settings.isHeld || hold.pausedAt != nil || hold.goneURL != nil || hold.until != nil }

  /// Takes notice of the time: to be called before anything else is asked.
  package mutating func tick(now: Timestamp) {
    if let until = hold.until {
      // The clock may have been set back.
      let bounded = min(until, now + settings.retry.retryAfterMax)
      hold.until = bounded > now ? bounded : nil
      if hold.until == nil { breaker.recover() }
    }
    breaker.keepProbeNear(settings.breaker, now: now)
    if isStopped || breaker.isOpen { clock.hold(at: now) } else { clock.release(at: now) }
  }

  /// When there may be something to do that nothing else tells of; nil if there is no such moment.
  package func nextWake(now: Timestamp) -> Timestamp? {
    guard !settings.isHeld, hold.pausedAt == nil, hold.goneURL == nil else { return nil }
    if let until = hold.until { return until }
    var wake = Timestamp(milliseconds: .max)
    func consider(_ moment: Timestamp?) {
      if let moment, moment > now { wake = min(wake, moment) }
    }
    if case .open(let nextProbe) = breaker.state { consider(nextProbe) }
    consider(nextToken)
    consider(nextBatch)
    return wake.milliseconds == .max ? nil : wake
  }
}
