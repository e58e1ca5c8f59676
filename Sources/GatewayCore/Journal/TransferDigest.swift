/// SHA-256 over records in order: the same for two journals that hold the same.
package struct TransferDigest {
  private let digest: any Digest
  /// Over all before, and the next record.
  package private(set) var value: [UInt8]

  package init(_ digest: any Digest) {
    self.digest = digest
    value = digest.sha256([])
  }

  package mutating func add(_ record: TransferRecord) {
    var bytes = CanonicalBytes()
    bytes.add(record)
    value = digest.sha256([value, bytes.bytes])
  }

  /// What there is but once, without the counts.
  package mutating func add(_ outline: TransferOutline) {
    var bytes = CanonicalBytes()
    bytes.add(outline.head.rawValue)
    bytes.add(outline.mark.rawValue)
    bytes.add(outline.lastGoodRoutes)
    value = digest.sha256([value, bytes.bytes])
  }
}

/// Each value with its length or in eight bytes, so that no two records are written alike.
private struct CanonicalBytes {
  private(set) var bytes: [UInt8] = []

  mutating func add(_ number: Int64) { withUnsafeBytes(of: number.bigEndian) { bytes.append(contentsOf: $0) } }

  mutating func add(_ number: Int) { add(Int64(number)) }

  mutating func add(_ flag: Bool) { add(flag ? 1 : 0) }

  mutating func add(_ data: [UInt8]) {
    add(data.count)
    bytes.append(contentsOf: data)
  }

  mutating func add(_ text: String) { add(Array(text.utf8)) }

  mutating func add(_ number: Int64?) {
    add(number != nil)
    if let number { add(number) }
  }

  mutating func add(_ text: String?) { add(text.map { Array($0.utf8) }) }

  mutating func add(_ data: [UInt8]?) {
    add(data != nil)
    if let data { add(data) }
  }

  mutating func add(_ kind: EventKind) {
    add(Int64(kind.app.rawValue))
    add(kind.type.rawValue)
    add(kind.command)
  }

  mutating func add(_ numbers: [SequenceNumber]) {
    add(numbers.count)
    for number in numbers { add(number.rawValue) }
  }

  mutating func add(_ record: TransferRecord) {
    switch record {
    case .batch(let batch): add(batch)
    case .total(let position, let kind, let total):
      add("total")
      add(position.rawValue)
      add(kind)
      add(total.total)
      add(total.end.rawValue)
    case .lane(let lane, let replay):
      add(lane)
      add(replay != nil)
      if let replay { add(replay) }
    case .exception(let lane, let exception): add(exception, of: lane)
    case .attempt(let lane, let attempt): add(attempt, of: lane)
    }
  }

  private mutating func add(_ batch: TransferredBatch) {
    add("batch")
    add(batch.first.rawValue)
    add(batch.eventCount)
    add(batch.id)
    add(batch.kind)
    add(batch.receivedAt.milliseconds)
    add(batch.derivation.rawValue)
    add(batch.duplicateKey?.bytes)
    if case .until(let moment) = batch.duplicateKey?.lifetime {
      add(Int64?.some(moment.milliseconds))
    } else {
      add(false)
    }
    add(batch.checksum)
    add(batch.payload)
  }

  private mutating func add(_ lane: LaneRecord) {
    add("lane")
    add(lane.id.rawValue)
    add(lane.subscriber)
    add(lane.replay?.description)
    add(lane.start?.rawValue)
    add(lane.cursor.rawValue)
    add(lane.clock.heldMilliseconds)
    add(lane.clock.heldSince?.milliseconds)
    add(lane.hold.until?.milliseconds)
    add(lane.hold.goneURL.map(Int64.init(bitPattern:)))
    add(lane.hold.pausedAt?.milliseconds)
    add(lane.forgetAt?.milliseconds)
  }

  private mutating func add(_ replay: Replay) {
    add(replay.id.description)
    add(replay.subscriber)
    add(replay.start.rawValue)
    add(replay.end.rawValue)
    add(replay.from.milliseconds)
    add(replay.to.milliseconds)
    add(replay.events.count)
    for pattern in replay.events { add(pattern.text) }
    add((replay.rateLimit?.count).map(Int64.init))
    add(replay.rateLimit?.period.milliseconds)
    add(replay.state.rawValue)
    add(replay.createdAt.milliseconds)
    add(replay.endedAt?.milliseconds)
    add(replay.totalEvents)
    add(replay.isExact)
  }

  private mutating func add(_ exception: DeliveryException, of lane: LaneID) {
    add("exception")
    add(lane.rawValue)
    add(exception.first.rawValue)
    add(exception.last.rawValue)
    add(exception.eventCount)
    add(exception.state.rawValue)
    add(exception.form.rawValue)
    add(exception.members)
    add(exception.keys.count)
    for key in exception.keys { add(key.map { Int64(bitPattern: $0.rawValue) }) }
    add(exception.acceptedAt.milliseconds)
    add(exception.attempts)
    add(exception.dueAt.milliseconds)
    add(exception.firstAttemptAt.milliseconds)
    add(exception.endedAt?.milliseconds)
    add(exception.lastError)
    add(exception.replay?.description)
  }

  private mutating func add(_ attempt: AttemptRecord, of lane: LaneID) {
    add("attempt")
    add(lane.rawValue)
    add(attempt.at.milliseconds)
    add(attempt.first.rawValue)
    add(attempt.last.rawValue)
    add(attempt.members)
    add(attempt.eventCount)
    add(attempt.attempt)
    add(attempt.outcome.rawValue)
    add(attempt.status.map(Int64.init))
    add(attempt.duration.milliseconds)
    add(attempt.error)
    add(attempt.answer?.body)
    add(attempt.answer?.isCut ?? false)
    add(attempt.replay?.description)
  }
}
