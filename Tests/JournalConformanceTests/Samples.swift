import GatewayCore

extension Timestamp {
  /// When the manual clock starts.
  static let start = Timestamp(milliseconds: 1_790_000_000_000)
}

extension ContinuousClock.Instant {
  /// A deadline that no healthy journal misses.
  static var soon: Self { .now + .seconds(30) }
}

extension ReadLimit {
  static let generous = ReadLimit(batches: 256, bytes: 64 << 20)
}

extension SequenceNumber: ExpressibleByIntegerLiteral {
  package init(integerLiteral value: Int64) { self.init(rawValue: value) }
}

extension EventKind {
  static let friendAdded = EventKind(
    app: AppID(rawValue: 1_400_000_000), type: EventType(rawValue: "friend.added"), command: "Sns.CallbackFriendAdd")
  static let blockAdded = EventKind(
    app: AppID(rawValue: 1_400_000_000), type: EventType(rawValue: "blocklist.added"),
    command: "Sns.CallbackBlackListAdd")
}

extension DuplicateKey {
  static func sample(_ number: UInt8, _ lifetime: Lifetime = .whileRetained) -> DuplicateKey {
    DuplicateKey(bytes: Array(repeating: number, count: 16), lifetime: lifetime)
  }
}

extension NewBatch {
  static func sample(
    _ payload: String = "payload", kind: EventKind = .friendAdded, events: Int = 1, at receivedAt: Timestamp = .start,
    key: DuplicateKey? = nil
  ) -> NewBatch {
    var generator = SystemRandomNumberGenerator()
    return NewBatch(
      id: BatchID(at: receivedAt, using: &generator), kind: kind, eventCount: events, receivedAt: receivedAt,
      derivation: Derivation(rawValue: "1 PairList"), payload: Array(payload.utf8), duplicateKey: key)
  }
}

extension StoredBatch {
  var text: String { String(decoding: payload, as: UTF8.self) }
}

extension DeliveryException {
  static func retrying(_ first: SequenceNumber, dueAt: Timestamp = .start, attempts: Int = 1) -> DeliveryException {
    DeliveryException(
      first: first, last: first, state: .retrying, acceptedAt: .start, attempts: attempts, dueAt: dueAt,
      firstAttemptAt: .start, endedAt: nil, lastError: "HTTP 503")
  }

  static func dead(_ first: SequenceNumber, endedAt: Timestamp = .start) -> DeliveryException {
    DeliveryException(
      first: first, last: first, state: .dead, acceptedAt: .start, attempts: 10, dueAt: .start, firstAttemptAt: .start,
      endedAt: endedAt, lastError: "HTTP 400")
  }

  static func expired(_ range: ClosedRange<SequenceNumber>, events: Int, endedAt: Timestamp = .start)
    -> DeliveryException
  {
    DeliveryException(
      first: range.lowerBound, last: range.upperBound, eventCount: events, state: .expired, acceptedAt: .start,
      attempts: 0, dueAt: .start, firstAttemptAt: .start, endedAt: endedAt, lastError: "no space was left")
  }
}

extension OrderingKey {
  static func sample(_ number: UInt64) -> OrderingKey { OrderingKey(rawValue: number) }
}

extension DeliveryException {
  static func batch(_ members: [SequenceNumber], keys: [OrderingKey?]) -> DeliveryException {
    DeliveryException(
      first: members[0], last: members[members.count - 1], eventCount: members.count, state: .retrying, form: .batch,
      members: members, keys: keys, acceptedAt: .start, attempts: 1, dueAt: .start, firstAttemptAt: .start,
      endedAt: nil, lastError: "HTTP 503")
  }

  static func parked(_ members: [SequenceNumber], key: OrderingKey) -> DeliveryException {
    DeliveryException(
      first: members[0], last: members[members.count - 1], eventCount: members.count, state: .parked,
      members: members, keys: [key], acceptedAt: .start, attempts: 0, dueAt: .start, firstAttemptAt: .start,
      endedAt: nil, lastError: "")
  }
}
