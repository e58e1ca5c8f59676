/// Moving all that a journal holds into another one, whatever either is kept in.
///
/// Everything keeps its numbers: sequence numbers, and the ids of lanes, which attempts and exceptions go by. The source
/// only reads. The target takes records into an empty journal: `beginTransfer`, `take` as often as there are pages, and
/// `finishTransfer`; then it is closed and opened again before anything else is asked of it. One that was begun and not
/// finished can be opened by nobody, so that no gateway serves from half a journal.
package protocol JournalTransfer: Sendable {
  /// What there is but once, and how many records there are of each section.
  func transferOutline() async throws(JournalError) -> TransferOutline

  /// Records of a section in the section's own order, which is the same in every journal.
  ///
  /// - Parameters:
  ///   - place: Where a former page has ended; nil: from the beginning.
  ///   - limit: Bounds of the page: its records, and the bytes of their payloads. At least one record is returned, if
  ///     there is any.
  func transferPage(of section: TransferSection, after place: TransferPlace?, limit: ReadLimit)
    async throws(JournalError) -> TransferPage

  /// - Throws: `.refused` if the journal is not empty.
  func beginTransfer() async throws(JournalError)

  /// Writes records as they are, in one transaction.
  func take(_ records: [TransferRecord]) async throws(JournalError)

  /// Writes what there is but once, and makes the journal one that can be opened.
  func finishTransfer(_ outline: TransferOutline) async throws(JournalError)
}

/// What is moved, in the order in which it is.
package enum TransferSection: String, Hashable, Sendable, CaseIterable {
  /// By sequence number.
  case batches
  /// Running totals: by sequence number, then by app, type and command, the texts compared byte by byte.
  case totals
  /// Those of subscribers and of replays, with the replays, by id.
  case lanes
  /// By lane, then by first sequence number.
  case exceptions
  /// By lane, then from the oldest to the newest.
  case attempts
}

package enum TransferRecord: Hashable, Sendable {
  case batch(TransferredBatch)
  /// The events of one kind below a number, and where the newest of them ends.
  case total(below: SequenceNumber, EventKind, JournalHead.Kind)
  /// With the replay whose lane it is.
  case lane(LaneRecord, Replay?)
  case exception(LaneID, DeliveryException)
  case attempt(LaneID, AttemptRecord)
}

/// A batch with all that a journal keeps of it. One that is damaged stays so.
package struct TransferredBatch: Hashable, Sendable {
  package var first: SequenceNumber
  package var eventCount: Int
  /// 16 bytes.
  package var id: [UInt8]
  package var kind: EventKind
  package var receivedAt: Timestamp
  package var derivation: Derivation
  package var duplicateKey: DuplicateKey?
  /// As it was written with the batch: the first 8 bytes of the payload's SHA-256, the first byte highest.
  package var checksum: Int64
  package var payload: [UInt8]

  package init(
    first: SequenceNumber, eventCount: Int, id: [UInt8], kind: EventKind, receivedAt: Timestamp,
    derivation: Derivation, duplicateKey: DuplicateKey?, checksum: Int64, payload: [UInt8]
  ) {
    self.first = first
    self.eventCount = eventCount
    self.id = id
    self.kind = kind
    self.receivedAt = receivedAt
    self.derivation = derivation
    self.duplicateKey = duplicateKey
    self.checksum = checksum
    self.payload = payload
  }
}

package struct TransferOutline: Hashable, Sendable {
  /// The first number that is not yet taken, also where the last batches have been trimmed.
  package var head: SequenceNumber
  package var mark: GatewayMark
  package var lastGoodRoutes: [UInt8]?
  package var counts: [TransferSection: Int]

  package init(
    head: SequenceNumber, mark: GatewayMark, lastGoodRoutes: [UInt8]?, counts: [TransferSection: Int]
  ) {
    self.head = head
    self.mark = mark
    self.lastGoodRoutes = lastGoodRoutes
    self.counts = counts
  }

  package var records: Int { counts.values.reduce(0, +) }

  /// Whether nothing was ever accepted or kept.
  package var isEmpty: Bool { head == .first && records == 0 && lastGoodRoutes == nil }
}

/// Where a page ends: of meaning to the journal that has made it.
package struct TransferPlace: Hashable, Sendable {
  package var major: Int64
  package var minor: Int64

  package init(_ major: Int64, _ minor: Int64 = 0) {
    self.major = major
    self.minor = minor
  }
}

package struct TransferPage: Sendable {
  package var records: [TransferRecord]
  /// Nil: there are no more.
  package var next: TransferPlace?

  package init(records: [TransferRecord], next: TransferPlace?) {
    self.records = records
    self.next = next
  }
}
