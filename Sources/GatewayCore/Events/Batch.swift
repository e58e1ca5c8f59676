/// How the events of a batch are cut from its payload: written with the batch, so that it is cut the same way for ever,
/// also after the catalogue has grown. Its text is the deriver's own; everybody else passes it on unread.
package struct Derivation: Hashable, Sendable, RawRepresentable {
  package let rawValue: String

  package init(rawValue: String) { self.rawValue = rawValue }
}

/// The events of one callback, on its way into the journal.
package struct NewBatch: Sendable {
  package var id: BatchID
  package var kind: EventKind
  /// How many events it holds, at least 1: it takes that many sequence numbers.
  package var eventCount: Int
  package var receivedAt: Timestamp
  package var derivation: Derivation
  /// An encoded `CallbackRecord`.
  package var payload: [UInt8]
  /// By what a repeat of this callback is known; nil where the app asks for no such check.
  package var duplicateKey: DuplicateKey?

  package init(
    id: BatchID, kind: EventKind, eventCount: Int, receivedAt: Timestamp, derivation: Derivation, payload: [UInt8],
    duplicateKey: DuplicateKey?
  ) {
    precondition(eventCount >= 1, "a batch holds at least one event")
    self.id = id
    self.kind = kind
    self.eventCount = eventCount
    self.receivedAt = receivedAt
    self.derivation = derivation
    self.payload = payload
    self.duplicateKey = duplicateKey
  }
}

/// By what a callback's repeats are known, and for how long.
package struct DuplicateKey: Hashable, Sendable {
  package enum Lifetime: Hashable, Sendable {
    /// As long as the first one is in the journal.
    case whileRetained
    /// Up to this moment (and no longer than the first one is in the journal).
    case until(Timestamp)

    /// Nil: it lasts as long as the batch.
    package var expiry: Timestamp? {
      switch self {
      case .whileRetained: nil
      case .until(let moment): moment
      }
    }
  }

  /// Sixteen bytes of a digest over what makes two callbacks the same.
  package var bytes: [UInt8]
  package var lifetime: Lifetime

  package init(bytes: [UInt8], lifetime: Lifetime) {
    precondition(bytes.count == 16, "a duplicate key has 16 bytes")
    self.bytes = bytes
    self.lifetime = lifetime
  }
}

/// A batch as the journal has it.
package struct StoredBatch: Sendable {
  /// The sequence number of its first event.
  package var first: SequenceNumber
  package var eventCount: Int
  package var id: BatchID
  package var kind: EventKind
  package var receivedAt: Timestamp
  package var derivation: Derivation
  package var payload: [UInt8]

  package init(
    first: SequenceNumber, eventCount: Int, id: BatchID, kind: EventKind, receivedAt: Timestamp,
    derivation: Derivation, payload: [UInt8]
  ) {
    self.first = first
    self.eventCount = eventCount
    self.id = id
    self.kind = kind
    self.receivedAt = receivedAt
    self.derivation = derivation
    self.payload = payload
  }

  /// A batch with its place.
  package init(_ batch: NewBatch, at first: SequenceNumber) {
    self.init(
      first: first, eventCount: batch.eventCount, id: batch.id, kind: batch.kind, receivedAt: batch.receivedAt,
      derivation: batch.derivation, payload: batch.payload)
  }

  /// Where the next batch starts.
  package var end: SequenceNumber { first + eventCount }
}
