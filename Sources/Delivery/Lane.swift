import GatewayCore
import Synchronization

/// The handle of one subscriber's lane: how others reach its task, and what it last showed of itself.
final class Lane: Sendable {
  /// What a lane shows at a moment.
  struct Figures: Sendable {
    var phase = LanePhase.closed
    var cursor: SequenceNumber
    /// The lowest number whose batch the lane needs: its cursor, or an older exception.
    var lowestNeeded: SequenceNumber
    /// Wanted events below this are not in `passed` yet; nil once they are.
    var uncountedBelow: SequenceNumber?
    /// Wanted events that the scan has passed, ever.
    var passed = 0
    /// Events of the window that are not settled.
    var unsettled = 0
    /// Deliveries that wait for a retry.
    var retrying = 0
    /// Events of those, and parked ones.
    var waitingEvents = 0
    /// Events that an exception stands for, or stood for, and that are not passed yet.
    var knownEvents = 0
    /// Events.
    var deadLetters = 0
    /// When the oldest event was accepted that is in the window or is retried.
    var oldestKnown: Timestamp?
    var inFlight = 0
    var delivered = 0
    var dead = 0
    var expired = 0
    var attempts: [AttemptOutcome: Int] = [:]
  }

  let record: LaneRecord
  let mailbox = Mailbox<LaneMessage>()
  let answers = LaneAnswers()
  let attempts = RecentAttempts()
  /// Opens when its task has ended.
  let ended = Gate()
  /// The subscriber's own lane, which the lane of a replay gives way to.
  let follows: Lane?
  /// For how long it is this gateway's; nil where the journal is one gateway's alone.
  let term: LeaseTerm?
  /// Its attempts in flight.
  let requests = RequestGroup()
  private let route: Mutex<LaneRoute>
  private let shown: Mutex<Figures>
  private let stopping = Atomic(false)
  private let isWaitingForNews = Atomic(true)
  private let completed = Atomic(false)
  private let dropped = Atomic(false)

  init(record: LaneRecord, route: LaneRoute, follows: Lane? = nil, term: LeaseTerm? = nil) {
    self.record = record
    self.follows = follows
    self.term = term
    self.route = Mutex(route)
    shown = Mutex(
      Figures(
        phase: record.phase(route.settings()), cursor: record.cursor, lowestNeeded: record.cursor,
        uncountedBelow: record.cursor))
  }

  var subscriber: Subscriber { route.withLock { $0.subscriber } }
  var currentRoute: LaneRoute { route.withLock { $0 } }
  var figures: Figures { shown.withLock { $0 } }
  var isStopping: Bool { stopping.load(ordering: .relaxed) }

  func update(_ newRoute: LaneRoute) {
    route.withLock { $0 = newRoute }
    mailbox.post(.update(newRoute))
  }

  /// A replay's: whether all of its span is done.
  var isComplete: Bool { completed.load(ordering: .acquiring) }

  func complete() { completed.store(true, ordering: .releasing) }

  /// Starts nothing new; the lane ends when what is in flight has ended and is recorded.
  func stop() {
    stopping.store(true, ordering: .relaxed)
    mailbox.post(.stop)
  }

  /// Ends the lane now, whatever is in flight: that is repeated at the next start.
  func abandon() {
    stopping.store(true, ordering: .relaxed)
    mailbox.post(.abandon)
  }

  /// Whether this gateway may work it: asked right before each attempt and each settlement.
  var isOwned: Bool { !dropped.load(ordering: .relaxed) && term?.runs ?? true }

  /// Ends the lane now because it is another gateway's, or may be: nothing is recorded any more, and the attempts in
  /// flight are broken off.
  func drop(_ transport: any Transport) {
    guard !dropped.exchange(true, ordering: .relaxed) else { return }
    abandon()
    transport.cut(requests)
  }

  /// Whether new events are worth waking it for: not while it has no room for them. It says so before it looks at the
  /// journal's head, and is asked after that has moved, so that nothing new is missed.
  var waitsForNews: Bool {
    get { isWaitingForNews.load(ordering: .sequentiallyConsistent) }
    set { isWaitingForNews.store(newValue, ordering: .sequentiallyConsistent) }
  }

  func show(_ figures: Figures) { shown.withLock { $0 = figures } }
}
