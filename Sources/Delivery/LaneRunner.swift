import DequeModule
import GatewayCore
import Logging

/// The task of one lane: it tells the state machine what happened and does what the machine decides.
///
/// It never waits for anything but its mailbox: reading, settling and sending go on beside it and report by message.
final class LaneRunner {
  enum Limit {
    /// How often an idle lane looks after itself.
    static let housekeepingInterval = Duration.seconds(1)
    /// How often it looks for what has been kept too long.
    static let sweepInterval = Duration.seconds(30)
    /// How long it leaves the journal alone after the journal has refused it something.
    static let journalPause = Duration.seconds(1)
    /// Bytes of batches that the window is in; beyond it nothing more is read.
    static let windowBytes = 8 << 20
    /// Attempts that must succeed in a row before a failure is news again.
    static let recovery = 3
    static let deadLettersDeletedAtOnce = 1000
    /// Attempts that wait to be recorded; further ones are not kept.
    static let unrecordedAttempts = 256
    /// Attempts of a lane that the journal keeps.
    static let keptAttempts = 2000
  }

  enum Phase { case running, stopping, ended }

  let lane: Lane
  let context: DeliveryContext
  let reader: LaneReader
  let metrics: DeliveryMetrics
  let logger: Logger

  var machine: LaneStateMachine
  var route: LaneRoute
  /// Goes up with each change of the route, so that what was read for an older one is known as such.
  var version = 0
  var phase = Phase.running
  var figures: Lane.Figures

  /// Read and not yet admitted, in order, and how far that reading went.
  var staged: Deque<LanePage.Item> = []
  var stagedThrough: SequenceNumber
  /// The batches that the window's deliveries are in, in order.
  var windowBatches: Deque<any DerivedBatch> = []
  var windowBytes = 0
  /// The batches of events that are loaded or in flight and are not in the window.
  var loadedEvents: LoadedEvents = [:] {
    didSet { knownLoadedBytes = nil }
  }
  private var knownLoadedBytes: Int?

  var isScanning = false
  var isLoadingRetries = false
  var isLoadingRuns = false
  /// What is being loaded may have been given up since.
  var isRetryLoadStale = false
  var isExpiring = false
  /// What was told to be given up while something else was.
  var waitingExpiry: (limit: SequenceNumber, reason: String, alsoDead: Bool)?
  /// Dead letters that are to be sent again, and who waits for that.
  var waitingRevivals: Deque<(firsts: [SequenceNumber], replay: ReplayID, answer: LaneAnswer)> = []
  var isReviving = false
  /// Who waits for what is not in a settlement yet, and for what is in the one that is outstanding.
  var answersWaiting: [(LaneAnswer, LaneOutcome)] = []
  var answersOutstanding: [(LaneAnswer, LaneOutcome)] = []
  /// Attempts to keep that are in no settlement yet.
  var unrecordedAttempts: [AttemptRecord] = []
  /// The journal has attempts of it, as far as is known.
  var hasAttempts = true
  /// Whether a replay has to wait.
  var isHeldAsReplay = false
  /// A settlement of attempts alone is under way.
  var isRecordingAttempts = false
  /// When the next retry is due that is not loaded.
  var nextRetry = Timestamp(milliseconds: .min)
  /// The earliest due time in the settlement that is outstanding.
  var earliestOutstandingRetry: Timestamp?
  var nextSettlement = Timestamp(milliseconds: .min)
  var nextHousekeeping = Timestamp(milliseconds: .min)
  var nextSweep = Timestamp(milliseconds: .min)
  /// Nothing is asked of the journal before this.
  var journalPausedUntil = Timestamp(milliseconds: .min)
  private var lastStep = Timestamp(milliseconds: .min)
  /// The first failure of a streak is worth a line in the log; a streak ends after some successes in a row.
  var isFailing = false
  var successesInRow = 0
  /// The subscriber's state as the log has it.
  private var toldState: SubscriberState

  /// - Parameters:
  ///   - record: As the journal has it now.
  ///   - route: What `totals` were counted for, at the record's cursor.
  ///   - held: What the journal holds for it.
  init(
    lane: Lane, record: LaneRecord, route: LaneRoute, totals: LaneTotals,
    held: LaneStateMachine.Held, reader: LaneReader, metrics: DeliveryMetrics, context: DeliveryContext
  ) {
    self.lane = lane
    self.reader = reader
    self.metrics = metrics
    self.context = context
    self.route = route
    machine = LaneStateMachine(
      lane: record, held: held, settings: route.settings(), now: context.clock())
    stagedThrough = record.cursor
    figures = lane.figures
    figures.passed = totals.passed
    figures.uncountedBelow = nil
    figures.deadLetters = held.counts.dead
    figures.lowestNeeded = min(record.cursor, held.counts.lowestPinned ?? record.cursor)
    var logger = context.logger
    logger[metadataKey: "subscriber"] = "\(lane.record.subscriber)"
    if let replay = lane.record.replay { logger[metadataKey: "replay"] = "\(replay)" }
    toldState = lane.figures.phase.state
    self.logger = logger
  }

  /// Runs until the lane has been told to stop and what was in flight has ended.
  func run() async {
    await withDiscardingTaskGroup { group in
      while true {
        guard lane.isOwned else { break }
        step(&group)
        if phase == .ended { break }
        for message in await lane.mailbox.take() { accept(message, &group) }
      }
    }
  }

  private func step(_ group: inout DiscardingTaskGroup) {
    let now = context.clock()
    if now < lastStep { replan() }
    lastStep = now
    machine.tick(now: now)
    followSubscriber(now)
    showPhase()
    if phase == .running {
      keepHouse(now, &group)
      load(now, &group)
      scan(now, &group)
      sendWhatMayGo(now)
      machine.writeOutStragglers(now: now, isFull: windowBytes >= Limit.windowBytes)
      readNextRevival(&group)
    }
    if phase == .stopping, machine.inFlight == 0 { machine.writeOutWaiting(now: now) }
    dropPassedBatches()
    settle(now, &group)
    show()
    if phase == .stopping, machine.inFlight == 0, !machine.hasOutstandingSettlement, !machine.hasUnrecorded,
      unrecordedAttempts.isEmpty, !isRecordingAttempts
    {
      phase = .ended
    }
    if phase == .running, isReplayDone {
      lane.complete()
      phase = .ended
    }
    lane.mailbox.setAlarm(nextAlarm(now).milliseconds)
  }

  /// The clock has been set back: what was planned by it would wait for the old time to come again.
  private func replan() {
    let now = Timestamp(milliseconds: .min)
    (nextRetry, nextSettlement, nextHousekeeping, nextSweep, journalPausedUntil) = (now, now, now, now, now)
  }

  private func nextAlarm(_ now: Timestamp) -> Timestamp {
    var alarm = min(nextHousekeeping, now + Limit.housekeepingInterval)
    if let wake = machine.nextWake(now: now) { alarm = min(alarm, wake) }
    if machine.hasUnrecorded || !unrecordedAttempts.isEmpty {
      alarm = min(alarm, max(nextSettlement, journalPausedUntil))
    }
    // When there is no room, the end of an attempt makes some.
    if machine.retrying > 0, machine.retryCapacity > 0, !isLoadingRetries, hasRoomToLoad {
      alarm = min(alarm, max(nextRetry, journalPausedUntil))
    }
    return alarm
  }

  var hasRoomToLoad: Bool { loadedBytes < LaneReader.Limit.retryBytes }

  /// What the batches of loaded events take, each counted once.
  private var loadedBytes: Int {
    if let knownLoadedBytes { return knownLoadedBytes }
    var sizes: [SequenceNumber: Int] = [:]
    for batch in loadedEvents.values { sizes[batch.first] = batch.size }
    let bytes = sizes.values.reduce(0, +)
    knownLoadedBytes = bytes
    return bytes
  }

  private func accept(_ message: LaneMessage, _ group: inout DiscardingTaskGroup) {
    switch message {
    case .finished(let send, let result): finish(send, result)
    case .scanned(let page): acceptPage(page)
    case .retriesLoaded(let retries): acceptRetries(retries)
    case .probeLoaded(let probe): acceptProbe(probe)
    case .runsLoaded(let turns, let runs): acceptRuns(turns, runs)
    case .settled(let result): acceptSettlement(result)
    case .attemptsRecorded(let result): acceptAttempts(result)
    case .attemptsLeft: hasAttempts = true
    case .update(let newRoute): update(newRoute, &group)
    case .counted(let totals): acceptTotals(totals)
    case .exceptionsCounted(let counts): acceptExceptionCounts(counts)
    case .expire(let limit, let reason, let alsoDead): readExpiry(below: limit, reason, alsoDead: alsoDead, &group)
    case .expiryRead(let expiry):
      acceptExpiry(expiry)
      expireWhatWaits(&group)
    case .pause(let answer): pause(answer)
    case .resume(let answer): resume(answer)
    case .revive(let firsts, let replay, let answer): revive(firsts, as: replay, answer, &group)
    case .revivalRead(let read, let replay, let answer): acceptRevival(read, replay, answer, &group)
    case .expiredRangeDiscarded: machine.lastExpired = nil
    case .stop: if phase == .running { phase = .stopping }
    case .abandon: phase = .ended
    }
  }

  /// The journal has refused something: it is left alone for a while, and asked again.
  func pauseJournal(_ error: JournalError) {
    journalPausedUntil = context.clock() + Limit.journalPause
    logger.warning("the journal refused a lane", metadata: ["error": "\(error)"])
  }

  private func update(_ newRoute: LaneRoute, _ group: inout DiscardingTaskGroup) {
    let now = context.clock()
    let wantsOthers =
      newRoute.subscriber.events != route.subscriber.events || newRoute.subscriber.apps != route.subscriber.apps
    route = newRoute
    machine.update(newRoute.settings(isHeld: isHeldAsReplay), now: now)
    // Another `match` needs no more than this: it is held against what has been read when that is admitted.
    guard wantsOthers else { return }
    // What the queue has not reached is owed by the new route: it is read again, and counted again.
    version += 1
    dropStaged()
    figures.passed = 0
    figures.uncountedBelow = machine.scanned
    count(&group)
  }

  private func count(_ group: inout DiscardingTaskGroup) {
    let (reader, route, mailbox) = (reader, route, lane.mailbox)
    let (position, version) = (machine.scanned, version)
    group.addTask {
      let totals = await Result { () async throws(JournalError) in
        try await reader.totals(below: position, version: version, wanted: route.wants)
      }
      mailbox.post(.counted(totals))
    }
  }

  private func acceptTotals(_ result: Result<LaneTotals, JournalError>) {
    switch result {
    case .success(let totals):
      // The scan has gone on since: what it has passed is counted from zero.
      guard totals.version == version else { return }
      figures.passed += totals.passed
      figures.uncountedBelow = nil
    case .failure(let error): pauseJournal(error)
    }
  }

  /// Tells of a change, and looks again at what waits: what was loaded before may have been let go of.
  private func showPhase() {
    let phase = machine.phase
    guard phase != figures.phase else { return }
    // One that asks for time again and again would fill the log.
    let isRepeated = toldState == .held && (phase == .halfOpen || phase.state == .held)
    // What holds a replay is told of the subscriber.
    if !isRepeated, lane.record.replay == nil {
      logger.info(
        "subscriber state changed",
        metadata: [
          "state": "\(phase.state.rawValue)", "before": "\(toldState.rawValue)", "reason": "\(phase.reason ?? "-")",
        ])
      toldState = phase.state
    }
    figures.phase = phase
    nextRetry = Timestamp(milliseconds: .min)
    dropUnneededEvents()
  }

  private func show() {
    figures.cursor = machine.cursor
    figures.unsettled = machine.unsettled
    figures.retrying = machine.retrying
    figures.waitingEvents = machine.waitingEvents
    figures.knownEvents = machine.knownEvents
    figures.inFlight = machine.inFlight
    if machine.waitingEvents == 0 { figures.oldestKnown = machine.oldestInWindow }
    lane.show(figures)
  }
}

extension Result {
  /// What an asynchronous piece of work returned or threw.
  init(_ body: () async throws(Failure) -> Success) async {
    do throws(Failure) {
      self = .success(try await body())
    } catch {
      self = .failure(error)
    }
  }
}
