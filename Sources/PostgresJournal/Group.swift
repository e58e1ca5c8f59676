import GatewayCore

/// Batches that go into one transaction. Repeats among them are found here, those of earlier ones by the server.
struct Group: Sendable {
  private let batches: [NewBatch]
  private let checksums: [Int64]
  /// Of each batch, the earlier one of the group that it repeats.
  private let repeats: [Int?]

  /// When the first of those gives up who wait for it.
  private let deadline: ContinuousClock.Instant

  init(_ pending: [AppendQueue<Appender.Completion>.Pending], now: Timestamp) {
    deadline = pending.map(\.deadline).min() ?? .now + .seconds(1)
    let batches = pending.map(\.batch)
    self.batches = batches
    checksums = pending.map(\.checksum)
    var holders: [[UInt8]: Int] = [:]
    repeats = batches.enumerated().map { index, batch in
      guard let key = batch.duplicateKey else { return nil }
      if let holder = holders[key.bytes], batches[holder].holdsKey(at: now) { return holder }
      holders[key.bytes] = index
      return nil
    }
  }

  var count: Int { batches.count }

  /// So long before its deadline an append is not begun any more: the server counts from when it has read it.
  private static let margin: Duration = .milliseconds(10)

  /// What one transaction has done.
  struct Written: Sendable {
    /// In the order of the group.
    var outcomes: [AppendOutcome]
    /// Those that are new, in order: they follow each other.
    var batches: [StoredBatch]
  }

  /// - Parameters:
  ///   - head: Where the journal ended when this gateway last looked.
  ///   - patience: How long the connection may be silent.
  func append(_ connection: PostgresConnection, head: SequenceNumber, now: Timestamp, patience: Duration)
    throws(PostgresFailure) -> Written
  {
    let own = batches.indices.filter { repeats[$0] == nil }
    let sent = own.map { batches[$0] }
    let rows = try connection.execute(
      "SELECT seq, is_repeat FROM switchyard.append_1($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14)",
      [
        .blobs(sent.map(\.id.bytes)), .ints(sent.map { Int64($0.eventCount) }), .ints(sent.map(\.kind.app.rawValue)),
        .texts(sent.map(\.kind.type.rawValue)), .texts(sent.map(\.kind.command)),
        .ints(sent.map(\.receivedAt.milliseconds)), .texts(sent.map(\.derivation.rawValue)),
        .blobs(sent.map(\.duplicateKey?.bytes)), .ints(sent.map { $0.duplicateKey?.lifetime.expiry?.milliseconds }),
        .ints(own.map { checksums[$0] }), .blobs(sent.map(\.payload)), .int(now.milliseconds),
        .int(max(1, (deadline - .now - Self.margin).milliseconds)), .int(head.rawValue),
      ], by: .now + patience)
    guard rows.count == sent.count else { throw .unknownOutcome("PostgreSQL did not say where batches are") }
    var written = Written(outcomes: [], batches: [])
    var places: [SequenceNumber] = []
    var row = 0
    for (index, batch) in batches.enumerated() {
      guard repeats[index] == nil else {
        places.append(places[repeats[index] ?? 0])
        written.outcomes.append(.duplicate(of: places[index]))
        continue
      }
      let place = SequenceNumber(rawValue: rows[row].int(0) ?? 0)
      places.append(place)
      if rows[row].bool(1) {
        written.outcomes.append(.duplicate(of: place))
      } else {
        written.outcomes.append(.appended(place))
        written.batches.append(StoredBatch(batch, at: place))
      }
      row += 1
    }
    return written
  }
}

extension NewBatch {
  fileprivate func holdsKey(at now: Timestamp) -> Bool {
    duplicateKey?.lifetime.expiry.map { now < $0 } ?? true
  }
}
