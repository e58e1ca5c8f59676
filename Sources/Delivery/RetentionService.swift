package import GatewayCore
package import Logging

/// Keeps the journal within its bounds: history is trimmed when it is old enough, and when room is short the space rule
/// decides what goes.
///
/// The space rule: delivered history first, oldest first; then the oldest undelivered events of the subscriber furthest
/// behind, as one expired range. Acceptance is stopped by neither.
package actor RetentionService {
  enum Limit {
    static let interval = Duration.seconds(1)
    /// While room is short.
    static let urgentInterval = Duration.milliseconds(100)
    /// Batches deleted in one transaction, and transactions in one round.
    static let chunk = 256
    static let chunks = 64
    /// When room is short, the journal is brought down to this many tenths of its limit.
    static let target = 9
  }

  private let delivery: DeliveryService
  private let journal: any Journal
  private let retain: Duration
  private let maximumSize: ByteSize?
  private let clock: WallClock
  private let logger: Logger
  private var isStopping = false

  /// - Parameters:
  ///   - retain: How long delivered history stays.
  ///   - maximumSize: The size of the journal; nil is what leaves a tenth of the volume free.
  package init(
    delivery: DeliveryService, journal: any Journal, retain: Duration, maximumSize: ByteSize?,
    clock: @escaping WallClock, logger: Logger
  ) {
    self.delivery = delivery
    self.journal = journal
    self.retain = retain
    self.maximumSize = maximumSize
    self.clock = clock
    self.logger = logger
  }

  package func run() async {
    while !isStopping, !Task.isCancelled {
      var isUrgent = false
      do throws(JournalError) {
        isUrgent = try await round()
      } catch {
        logger.warning("the journal could not be trimmed", metadata: ["error": "\(error)"])
      }
      try? await Task.sleep(for: isUrgent ? Limit.urgentInterval : Limit.interval)
    }
  }

  package func stop() { isStopping = true }

  /// One look at the journal. Returns whether events had to be given up, so that the next look should come soon.
  func round() async throws(JournalError) -> Bool {
    let now = clock()
    var records = try await journal.lanes()
    for record in records {
      guard let forgetAt = record.forgetAt, forgetAt <= now else { continue }
      try await journal.deleteLane(record.id)
      logger.info("a removed subscriber's position is forgotten", metadata: ["subscriber": "\(record.subscriber)"])
    }
    records.removeAll { $0.forgetAt.map { $0 <= now } ?? false }
    let floor = records.map(\.cursor).min() ?? journal.head.next
    try await trim(below: floor, receivedBefore: now - retain) { _ in false }
    let limit = limit(try await journal.space())
    guard try await journal.space().used > limit else { return false }
    let target = limit / 10 * Limit.target
    try await trim(below: floor, receivedBefore: Timestamp(milliseconds: .max)) { $0.used <= target }
    let used = try await journal.space().used
    guard used > limit else { return false }
    return try await expire(records, tooMuch: Double(used - target) / Double(used))
  }

  private func limit(_ space: JournalSpace) -> Int {
    maximumSize?.bytes ?? max(0, space.used + space.free - space.volume / 10)
  }

  private func trim(
    below floor: SequenceNumber, receivedBefore moment: Timestamp, until isEnough: (JournalSpace) -> Bool
  ) async throws(JournalError) {
    for _ in 0..<Limit.chunks {
      let deleted = try await journal.trim(below: floor, receivedBefore: moment, limit: Limit.chunk)
      if deleted < Limit.chunk { return }
      if isEnough(try await journal.space()) { return }
    }
  }

  /// Gives up the oldest piece of what the subscriber furthest behind has not had: the share of the journal's span that
  /// is too much. Returns whether there was anything to give up.
  private func expire(_ records: [LaneRecord], tooMuch share: Double) async throws(JournalError) -> Bool {
    let oldest = try await journal.position(receivedAtOrAfter: Timestamp(milliseconds: .min))
    let head = journal.head.next
    let piece = max(1, Int(Double(head - oldest) * share))
    let reason = "given up undelivered to make room in the journal"
    let running = await delivery.furthestBehind()
    var idle: LaneRecord?
    for record in records where await !delivery.isRunning(record.id) {
      if idle.map({ record.cursor < $0.cursor }) ?? true { idle = record }
    }
    if let idle, idle.cursor < head, running.map({ idle.cursor < $0.lowestNeeded }) ?? true {
      try await expire(idle, below: min(head, max(idle.cursor, oldest) + piece), reason)
    } else if let running, running.lowestNeeded < head {
      let limit = min(head, max(running.lowestNeeded, oldest) + piece)
      running.lane.mailbox.post(.expire(below: limit, reason: reason, alsoDead: true))
    } else {
      return false
    }
    return true
  }

  /// A lane that no task works on: its subscriber has been removed or is misconfigured.
  private func expire(_ record: LaneRecord, below limit: SequenceNumber, _ reason: String) async throws(JournalError) {
    let now = clock()
    let range = DeliveryException(
      first: record.cursor, last: SequenceNumber(rawValue: limit.rawValue - 1), eventCount: limit - record.cursor,
      state: .expired, acceptedAt: now, attempts: 0, dueAt: now, firstAttemptAt: now, endedAt: now, lastError: reason)
    try await journal.settle(Settlement(lane: record.id, cursor: limit, written: [range]))
    logger.error(
      "events of a subscriber that is not served have expired",
      metadata: ["subscriber": "\(record.subscriber)", "below": "\(limit)", "reason": "\(reason)"])
  }
}
