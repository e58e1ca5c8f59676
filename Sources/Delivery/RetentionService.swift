package import GatewayCore
package import Logging
import Synchronization

/// Keeps the journal within its bounds: history is trimmed when it is old enough, and when room is short the space rule
/// decides what goes.
///
/// The space rule: delivered history first, oldest first; then the oldest undelivered events of the subscriber furthest
/// behind, as one expired range. Acceptance is stopped by neither.
package actor RetentionService {
  enum Limit {
    static let interval = Duration.seconds(1)
    /// The least time between two looks; while room is short, the time.
    static let pause = Duration.milliseconds(50)
    /// Batches deleted in one transaction, and transactions in one round.
    static let chunk = 256
    /// The same of the first one where only so much shall go: how large batches are is not known yet.
    static let firstChunk = 16
    static let chunks = 64
    /// When room is short, the journal is brought down to this many tenths of its limit.
    static let target = 9
    /// What others fill the volume with is no reason to give up a small journal's events, while there is any room.
    static let leastDefaultSize = 64 << 20
    /// How long a lane that was told to give something up is waited for.
    static let patience = Duration.seconds(5)
  }

  let delivery: DeliveryService
  let journal: any Journal
  private let retain: Duration
  private let maximumSize: ByteSize?
  let clock: WallClock
  let logger: Logger
  /// When to look at the journal: each interval, and when less is free than should be.
  private let looks: AsyncStream<Void>
  private let look: AsyncStream<Void>.Continuation
  /// With less than this free the journal is over its limit, as far as is known.
  private let leastFree = FreeMark()
  /// What lanes were told last to give up.
  var told: [LaneID: Told] = [:]
  /// What was given up last of lanes that no task works on.
  var expired: [LaneID: ExpiredRange] = [:]

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
    (looks, look) = AsyncStream.makeStream(bufferingPolicy: .bufferingNewest(1))
    journal.room.observe { [look, leastFree] free in if free < leastFree.bytes { look.yield() } }
  }

  package func run() async {
    await withDiscardingTaskGroup { group in
      group.addTask { [look] in
        repeat { look.yield() } while (try? await Task.sleep(for: Limit.interval)) != nil
      }
      for await _ in looks {
        if await isShort() { look.yield() }
        // A journal that stays short asks with each commit.
        try? await Task.sleep(for: Limit.pause)
      }
      group.cancelAll()
    }
  }

  package func stop() { look.finish() }

  private func isShort() async -> Bool {
    do throws(JournalError) {
      return try await round()
    } catch {
      logger.warning("the journal could not be trimmed", metadata: ["error": "\(error)"])
      return false
    }
  }

  /// One look at the journal. Returns whether there is more to do, so that the next look should come soon.
  func round() async throws(JournalError) -> Bool {
    guard await delivery.keepsJournal else { return false }
    let isUrgent = try await trim()
    let space = try await journal.space()
    let least = space.used + space.free - limit(space)
    // What could not be helped now is looked at again when half of it is gone, and each interval.
    leastFree.bytes = isUrgent || space.free >= least ? least : space.free / 2
    return isUrgent
  }

  private func trim() async throws(JournalError) -> Bool {
    let now = clock()
    var records = try await journal.lanes()
    // What another gateway's routes file names is not forgotten, whatever has retired it.
    let named = await delivery.namedByOthers
    let isForgotten = Self.forgotten(of: records, but: named, at: now)
    for record in records where isForgotten(record) {
      try await journal.deleteLane(record.id)
      (told[record.id], expired[record.id]) = (nil, nil)
      guard record.replay == nil else { continue }
      logger.info("a removed subscriber's position is forgotten", metadata: ["subscriber": "\(record.subscriber)"])
    }
    records.removeAll(where: isForgotten)
    let owing = records.filter { $0.replay == nil }
    let floor = owing.map(\.cursor).min() ?? journal.head.next
    // What is sent again is history that everybody has had. It is kept for that as long as there is room.
    let replayed = records.filter { $0.replay != nil && $0.forgetAt == nil }.map(\.cursor).min() ?? floor
    let isTrimmed = try await trim(below: min(floor, replayed), receivedBefore: now - retain)
    let space = try await journal.space()
    let limit = limit(space)
    guard space.used > limit else { return !isTrimmed }
    let target = limit / 10 * Limit.target
    let furthest = try await furthestBehind(owing)
    // All history that everybody has had goes before anything is given up.
    guard try await trim(below: floor, to: target, from: space) else { return true }
    let used = try await journal.space().used
    logger.debug(
      "made room in the journal",
      metadata: ["limit": "\(limit)", "used.before": "\(space.used)", "used.after": "\(used)"])
    guard used > limit, let furthest else { return false }
    return try await expire(furthest, tooMuch: Double(used - target) / Double(used))
  }

  /// Those whose time has come, and the replays of such subscribers.
  private static func forgotten(of records: [LaneRecord], but named: Set<String>, at now: Timestamp)
    -> (LaneRecord) -> Bool
  {
    let isDue = { (record: LaneRecord) in
      (record.forgetAt.map { $0 <= now } ?? false) && (record.replay != nil || !named.contains(record.subscriber))
    }
    let subscribers = Set(records.filter { $0.replay == nil && isDue($0) }.map(\.subscriber))
    return { isDue($0) || subscribers.contains($0.subscriber) }
  }

  private func limit(_ space: JournalSpace) -> Int {
    let room = space.used + space.free
    let byVolume = max(min(Limit.leastDefaultSize, room / 10 * Limit.target), room - space.volume / 10)
    return min(maximumSize?.bytes ?? .max, byVolume)
  }

  /// Returns false if there was more than may go in one round.
  private func trim(below floor: SequenceNumber, receivedBefore moment: Timestamp) async throws(JournalError) -> Bool {
    for _ in 0..<Limit.chunks {
      let deleted = try await journal.trim(below: floor, receivedBefore: moment, limit: Limit.chunk)
      if deleted < Limit.chunk { return true }
    }
    return false
  }

  /// Deletes no more than it must for so many bytes to be in use, as far as batches are of one size.
  private func trim(below floor: SequenceNumber, to target: Int, from space: JournalSpace)
    async throws(JournalError) -> Bool
  {
    var used = space.used
    var chunk = Limit.firstChunk
    for _ in 0..<Limit.chunks {
      let deleted = try await journal.trim(
        below: floor, receivedBefore: Timestamp(milliseconds: .max), limit: chunk)
      let left = try await journal.space().used
      if deleted < chunk || left <= target { return true }
      let size = max(1, (used - left) / deleted)
      chunk = max(1, min(Limit.chunk, (left - target) / size + 1))
      used = left
    }
    return false
  }
}

/// How much must be free for nothing to be done.
private final class FreeMark: Sendable {
  private let value = Atomic(0)

  var bytes: Int {
    get { value.load(ordering: .relaxed) }
    set { value.store(newValue, ordering: .relaxed) }
  }
}
