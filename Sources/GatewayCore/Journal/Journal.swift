/// The durable record of every accepted callback, and of how far each lane has come.
///
/// It records and never decides. Batches are appended and never changed; a lane's cursor and exceptions are settled.
/// All methods may be called from any task. What throws `JournalError` has changed nothing.
///
/// Rules every implementation keeps, and `JournalConformanceTests` hold it to:
/// - `append` succeeds only when the batch is on disk, and a batch is there with all its events or not at all.
/// - Sequence numbers are dense and become visible in order.
/// - Losing the last settlements repeats deliveries and loses none.
package protocol Journal: BatchAppender, JournalArchive {
  /// Where the journal ends, and what it holds by kind; it moves after each commit.
  var head: JournalHead { get }

  /// The mark of the gateway whose journal it is: made with the journal, at random, and the same ever after.
  var mark: GatewayMark { get }

  /// How much room there is for appends; it is told with each commit.
  var room: JournalRoom { get }

  /// Who works which lane, where several gateways share the journal; nil where it is one gateway's alone.
  var leases: (any LaneLeases)? { get }

  /// The shortest time between two settlements of one lane.
  var settlementInterval: Duration { get }

  /// Reads batches in order from the one that holds `start`, or the first one after it.
  ///
  /// Batches of kinds that `wanted` refuses are passed over without reading their payloads. At most `limit` bounds what
  /// is looked at and returned, except that one wanted batch is always returned however large. A batch whose payload
  /// fails its checksum is returned in `damaged`, never in `batches`.
  func read(from start: SequenceNumber, limit: ReadLimit, wanted: @escaping @Sendable (EventKind) -> Bool)
    async throws(JournalError) -> JournalPage

  /// How many events of each kind were ever appended with sequence numbers below `position`, also those no longer
  /// retained: the same running totals that `head.kinds` shows for the head, so that the two can be subtracted.
  func totals(below position: SequenceNumber) async throws(JournalError) -> [EventKind: Int]

  /// Where the first batch received at or after a moment starts; the head if there is none.
  func position(receivedAtOrAfter moment: Timestamp) async throws(JournalError) -> SequenceNumber

  /// The lane of a subscriber, made durable with this cursor if the journal does not know it. Opening it takes back
  /// an earlier `retire`.
  func openLane(for subscriber: String, startingAt start: SequenceNumber) async throws(JournalError) -> LaneRecord

  /// All lanes, also retired ones and those of replays.
  func lanes() async throws(JournalError) -> [LaneRecord]

  /// Notes that a lane's subscriber is no longer in the routes file: its position and exceptions are kept, and may be
  /// deleted (by `deleteLane`, when somebody calls that) once `moment` has come.
  func retireLane(_ lane: LaneID, forgetAt moment: Timestamp) async throws(JournalError)

  /// Deletes a lane, its position, its exceptions and attempts, and the replay whose lane it is.
  func deleteLane(_ lane: LaneID) async throws(JournalError)

  /// Records what became of deliveries, all of it in one transaction; returns when that is committed. Several
  /// settlements may share one transaction.
  func settle(_ settlement: Settlement) async throws(JournalError)

  /// The retrying exceptions of a lane that are due by a moment, the longest due first, without those in `excluding`.
  func dueExceptions(of lane: LaneID, by moment: Timestamp, limit: Int, excluding: Set<SequenceNumber>)
    async throws(JournalError) -> [DeliveryException]

  /// The retrying exception of a lane with the lowest `first` above a number that is not in `excluding`; from the lowest
  /// again if there is none above; nil if none waits.
  func nextRetrying(of lane: LaneID, after number: SequenceNumber, excluding: Set<SequenceNumber>)
    async throws(JournalError) -> DeliveryException?

  /// The retrying and parked exceptions of a lane that hold back others of their ordering keys, lowest first. Those that
  /// are parked come without their members.
  func keyedExceptions(of lane: LaneID) async throws(JournalError) -> [DeliveryException]

  /// The exceptions of a lane that stand for events at or above a number, lowest first.
  func exceptions(of lane: LaneID, reaching number: SequenceNumber) async throws(JournalError) -> [DeliveryException]

  /// The exception of a lane with this `first`.
  func exception(of lane: LaneID, at first: SequenceNumber) async throws(JournalError) -> DeliveryException?

  /// When the next retrying exception of a lane is due that is not in `excluding`; nil if none waits.
  func nextDue(of lane: LaneID, excluding: Set<SequenceNumber>) async throws(JournalError) -> Timestamp?

  /// The exceptions of a lane whose `first` is below `floor`, lowest first, but for expired ones: those that need batches
  /// there.
  func pinningExceptions(of lane: LaneID, below floor: SequenceNumber, limit: Int)
    async throws(JournalError) -> [DeliveryException]

  /// How many exceptions of each state a lane has, and its oldest ones.
  func exceptionCounts(of lane: LaneID) async throws(JournalError) -> ExceptionCounts

  /// The same of several lanes at once.
  func exceptionCounts(of lanes: [LaneID]) async throws(JournalError) -> [LaneID: ExceptionCounts]

  /// Exceptions of a lane that no longer wait (dead or expired), oldest first, from a sequence number on.
  func deadLetters(of lane: LaneID, from start: SequenceNumber, limit: Int)
    async throws(JournalError) -> [DeliveryException]

  /// Deletes dead and expired exceptions that ended before a moment; at most `limit` of them. Returns how many.
  func deleteDeadLetters(of lane: LaneID, endedBefore moment: Timestamp, limit: Int) async throws(JournalError) -> Int

  /// Deletes whole batches, oldest first, that end at or below `floor` and were received before `moment`, and that no
  /// retrying, parked or dead exception needs (an expired range needs none); at most `limit` of them.
  /// Duplicate keys that have run out go too. Returns how many batches.
  func trim(below floor: SequenceNumber, receivedBefore moment: Timestamp, limit: Int)
    async throws(JournalError) -> Int

  /// What the journal takes on disk and what is left.
  func space() async throws(JournalError) -> JournalSpace

  /// Keeps a copy of the last routes file that was good, references unresolved.
  func saveLastGoodRoutes(_ copy: [UInt8]) async throws(JournalError)
  func lastGoodRoutes() async throws(JournalError) -> [UInt8]?

  /// Commits what waits and lets go of the file. Appends after this throw `.closed`.
  func close() async
}

extension Journal {
  package var leases: (any LaneLeases)? { nil }
  package var settlementInterval: Duration { .milliseconds(20) }

  package func exceptionCounts(of lanes: [LaneID]) async throws(JournalError) -> [LaneID: ExceptionCounts] {
    var counts: [LaneID: ExceptionCounts] = [:]
    for lane in lanes { counts[lane] = try await exceptionCounts(of: lane) }
    return counts
  }

  package func batch(at first: SequenceNumber) async throws(JournalError) -> StoredBatch? {
    let page = try await read(from: first, limit: ReadLimit(batches: 1, bytes: 1)) { _ in true }
    return page.batches.first.flatMap { $0.first == first ? $0 : nil }
  }

  /// What it holds of a lane that is to be opened, as `record` has it.
  package func held(of record: LaneRecord) async throws(JournalError) -> LaneStateMachine.Held {
    LaneStateMachine.Held(
      counts: try await exceptionCounts(of: record.id), keyed: try await keyedExceptions(of: record.id),
      aboveCursor: try await exceptions(of: record.id, reaching: record.cursor))
  }
}

package enum AppendOutcome: Hashable, Sendable {
  /// It is on disk, its first event at this number.
  case appended(SequenceNumber)
  /// The callback is a repeat of one that is on disk, whose first event has this number.
  case duplicate(of: SequenceNumber)
}

package enum JournalError: Error, Hashable, Sendable, CustomStringConvertible {
  /// Not on disk by the append's deadline.
  case deadlineExceeded
  /// No room on disk, and none made by the append's deadline.
  case full
  case closed
  /// It does not do what it was asked for, as a sentence for the operator.
  case refused(String)
  /// Anything else, as a sentence for the operator.
  case unavailable(String)

  package var description: String {
    switch self {
    case .deadlineExceeded: "the journal did not commit in time"
    case .full: "no space is left for the journal"
    case .closed: "the journal is closed"
    case .refused(let reason), .unavailable(let reason): reason
    }
  }
}

/// Bounds of one read.
package struct ReadLimit: Hashable, Sendable {
  /// Batches looked at, wanted or not.
  package var batches: Int
  /// Bytes of payload returned.
  package var bytes: Int

  package init(batches: Int, bytes: Int) {
    self.batches = batches
    self.bytes = bytes
  }
}

package struct JournalPage: Sendable {
  /// In order.
  package var batches: [StoredBatch]
  /// Wanted batches whose payload fails its checksum, in order: their place is known, their payload is not given.
  package var damaged: [StoredBatch]
  /// Everything below is in this page or is not wanted (or is no longer retained): where the next read starts.
  package var through: SequenceNumber

  package init(batches: [StoredBatch], damaged: [StoredBatch], through: SequenceNumber) {
    self.batches = batches
    self.damaged = damaged
    self.through = through
  }
}

package struct JournalSpace: Hashable, Sendable {
  /// Bytes that hold data: the files less their own free pages.
  package var used: Int
  /// Bytes that can still be written: free in the file system and free pages in the file.
  package var free: Int
  /// The size of the volume.
  package var volume: Int

  /// Stands for what is free, and for the size of the volume, where the journal cannot know.
  package static let unknown = 1 << 60

  /// Whether the journal knows what is free.
  package var isMeasured: Bool { free < Self.unknown }

  package init(used: Int, free: Int, volume: Int) {
    self.used = used
    self.free = free
    self.volume = volume
  }
}
