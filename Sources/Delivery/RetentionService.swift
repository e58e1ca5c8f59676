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
    /// What others fill the volume with is no reason to give up a small journal's events, while there is any room.
    static let leastDefaultSize = 64 << 20
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
  ///   - maximumSize: The size of the journal. It never takes more than what leaves a tenth of the volume free, which is
  ///     the size where this is nil.
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

  /// One look at the journal. Returns whether there is more to do, so that the next look should come soon.
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
    let isTrimmed = try await trim(below: floor, receivedBefore: now - retain) { _ in false }
    let space = try await journal.space()
    let limit = limit(space)
    guard space.used > limit else { return !isTrimmed }
    let target = limit / 10 * Limit.target
    let furthest = try await furthestBehind(records)
    // All history that everybody has had goes before anything is given up.
    guard try await trim(below: floor, receivedBefore: Timestamp(milliseconds: .max), until: { $0.used <= target })
    else { return true }
    let used = try await journal.space().used
    guard used > limit, let furthest else { return false }
    return try await expire(furthest, tooMuch: Double(used - target) / Double(used))
  }

  private func limit(_ space: JournalSpace) -> Int {
    let room = space.used + space.free
    let byVolume = max(min(Limit.leastDefaultSize, room / 10 * Limit.target), room - space.volume / 10)
    return min(maximumSize?.bytes ?? .max, byVolume)
  }

  /// Returns false if there was more than may go in one round.
  private func trim(
    below floor: SequenceNumber, receivedBefore moment: Timestamp, until isEnough: (JournalSpace) -> Bool
  ) async throws(JournalError) -> Bool {
    for _ in 0..<Limit.chunks {
      let deleted = try await journal.trim(below: floor, receivedBefore: moment, limit: Limit.chunk)
      if deleted < Limit.chunk { return true }
      if isEnough(try await journal.space()) { return true }
    }
    return false
  }

  /// A lane, and the lowest number whose batch it needs: its cursor, or an older exception.
  private typealias Laggard = (record: LaneRecord, needs: SequenceNumber)

  /// By what lanes have recorded, and so to be asked before trimming: a lane that has not yet recorded what it was told to
  /// give up is then told the same again. Asked after trimming, one that has just recorded it would be told to give up
  /// more, though what it has given up is not trimmed yet.
  private func furthestBehind(_ records: [LaneRecord]) async throws(JournalError) -> Laggard? {
    var furthest: Laggard?
    for record in records {
      let pinned = try await journal.exceptionCounts(of: record.id).lowestPinned
      let needs = min(record.cursor, pinned ?? record.cursor)
      if furthest.map({ needs < $0.needs }) ?? true { furthest = (record, needs) }
    }
    return furthest
  }

  /// Gives up the oldest piece of what the subscriber furthest behind has not had: the share of the journal's span that
  /// is too much. Returns whether there was anything to give up.
  private func expire(_ furthest: Laggard, tooMuch share: Double) async throws(JournalError) -> Bool {
    let oldest = try await journal.position(receivedAtOrAfter: Timestamp(milliseconds: .min))
    let head = journal.head.next
    guard furthest.needs < head else { return false }
    let piece = max(1, Int(Double(head - oldest) * share))
    let limit = min(head, max(furthest.needs, oldest) + piece)
    let reason = "given up undelivered to make room in the journal"
    if let lane = await delivery.running(furthest.record.id) {
      lane.mailbox.post(.expire(below: limit, reason: reason, alsoDead: true))
    } else {
      try await expire(furthest.record, below: limit, reason)
    }
    return true
  }

  /// A lane that no task works on: its subscriber has been removed or is misconfigured. What it wants is not known here,
  /// so all events count.
  private func expire(_ record: LaneRecord, below limit: SequenceNumber, _ reason: String) async throws(JournalError) {
    let now = clock()
    let exceptions = try await journal.pinningExceptions(
      of: record.id, below: limit, limit: LaneReader.Limit.expiring)
    let count = exceptions.count { $0.state == .retrying } + max(0, limit - record.cursor)
    var settlement = Settlement(
      lane: record.id, cursor: max(record.cursor, limit), removed: exceptions.map(\.first))
    if count > 0 {
      settlement.written = [
        DeliveryException(
          first: min(record.cursor, exceptions.first?.first ?? record.cursor),
          last: SequenceNumber(rawValue: limit.rawValue - 1), eventCount: count, state: .expired,
          acceptedAt: exceptions.map(\.acceptedAt).min() ?? now, attempts: 0, dueAt: now, firstAttemptAt: now,
          endedAt: now, lastError: reason)
      ]
    }
    try await journal.settle(settlement)
    guard count > 0 else { return }
    logger.error(
      "events of a subscriber that is not served have expired",
      metadata: [
        "subscriber": "\(record.subscriber)", "events": "\(count)", "below": "\(limit)", "reason": "\(reason)",
      ])
  }
}
