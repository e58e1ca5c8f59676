package import GatewayCore

extension PostgresJournal {
  /// What is still needed is moved aside, and where the retained batches begin moves on; partitions that lie below are
  /// dropped. What was moved aside goes once nothing needs it any more.
  package func trim(below floor: SequenceNumber, receivedBefore moment: Timestamp, limit: Int)
    async throws(JournalError) -> Int
  {
    let totals = RunningTotals(position: head.next, kinds: head.kinds)
    return try await pool.write { [partitions, follower] connection throws(PostgresFailure) in
      var deleted = 0
      while deleted < limit {
        let step = try connection.transaction { () throws(PostgresFailure) in
          try TrimStep.take(connection, below: floor, receivedBefore: moment, limit: limit - deleted, totals: totals)
        }
        follower.recent.drop(below: step.retainedFrom)
        deleted += step.deleted
        if step.isLast { break }
      }
      deleted += try TrimStep.sweepKept(connection, below: floor, receivedBefore: moment, limit: limit - deleted)
      try partitions.drop(connection)
      try partitions.empty(connection)
      return deleted
    }
  }
}

/// One short transaction of trimming.
struct TrimStep {
  /// Where the retained batches begin.
  var retainedFrom: SequenceNumber
  var deleted = 0
  /// Whether there is nothing beyond that may be deleted now.
  var isLast = false

  /// Batches looked at in one transaction.
  private static let chunk: Int64 = 256

  private struct Candidate {
    var first: SequenceNumber
    var end: SequenceNumber
    var receivedAt: Timestamp
    var bytes: Int64
  }

  static func take(
    _ connection: PostgresConnection, below floor: SequenceNumber, receivedBefore moment: Timestamp, limit: Int,
    totals: RunningTotals
  ) throws(PostgresFailure) -> TrimStep {
    // The row is locked: one gateway trims at a time.
    let start = try connection.query("SELECT retained_from FROM switchyard.meta FOR UPDATE").first?.int(0) ?? 1
    var step = TrimStep(retainedFrom: SequenceNumber(rawValue: start))
    let candidates = try candidates(
      connection, "switchyard.batches WHERE first_seq >= $1 ORDER BY first_seq LIMIT $2", from: step.retainedFrom)
    let old = Array(candidates.prefix { $0.end <= floor && $0.receivedAt < moment })
    step.isLast = candidates.count < chunk || old.count < candidates.count
    let needed = try needed(old, connection)
    var kept: [SequenceNumber] = []
    var gone: [Candidate] = []
    for candidate in old {
      guard gone.count < limit else { break }
      if needed.contains(candidate.first) { kept.append(candidate.first) } else { gone.append(candidate) }
      step.retainedFrom = candidate.end
    }
    step.deleted = gone.count
    guard step.retainedFrom.rawValue > start else { return step }
    if !kept.isEmpty {
      _ = try connection.query(
        "INSERT INTO switchyard.kept SELECT * FROM switchyard.batches WHERE first_seq = ANY ($1)", [.ints(kept)])
    }
    // Totals must be known above all that goes: they cannot be counted again.
    if try RunningTotals.oldest(atOrAbove: step.retainedFrom, connection) == nil { try totals.save(connection) }
    let end = PostgresValue.int(step.retainedFrom.rawValue)
    _ = try connection.query("DELETE FROM switchyard.counts WHERE first_seq < $1", [end])
    _ = try connection.query("UPDATE switchyard.meta SET retained_from = $1", [end])
    _ = try connection.query(
      """
      UPDATE switchyard.partitions p SET trimmed_bytes = p.trimmed_bytes + t.bytes
      FROM (SELECT p.from_seq, SUM(c.bytes)::int8 AS bytes FROM unnest($1, $2) AS c(first, bytes)
        JOIN switchyard.partitions p ON c.first >= p.from_seq AND c.first < p.to_seq GROUP BY 1) t
      WHERE p.from_seq = t.from_seq
      """, [.ints(gone.map(\.first)), .ints(gone.map(\.bytes))])
    return step
  }

  /// Deletes what was moved aside and nothing needs any more. Returns how many batches.
  static func sweepKept(
    _ connection: PostgresConnection, below floor: SequenceNumber, receivedBefore moment: Timestamp, limit: Int
  ) throws(PostgresFailure) -> Int {
    var (deleted, from) = (0, SequenceNumber.first)
    while deleted < limit {
      let candidates = try candidates(
        connection, "switchyard.kept WHERE first_seq >= $1 ORDER BY first_seq LIMIT $2", from: from)
      guard let last = candidates.last else { break }
      let old = candidates.filter { $0.end <= floor && $0.receivedAt < moment }
      let needed = try needed(old, connection)
      let gone = old.map(\.first).filter { !needed.contains($0) }.prefix(limit - deleted)
      if !gone.isEmpty {
        deleted += try connection.query(
          "DELETE FROM switchyard.kept WHERE first_seq = ANY ($1)", [.ints(Array(gone))]
        ).affected
      }
      from = last.end
    }
    return deleted
  }

  private static func candidates(_ connection: PostgresConnection, _ source: String, from start: SequenceNumber)
    throws(PostgresFailure) -> [Candidate]
  {
    try connection.query(
      "SELECT first_seq, event_count, received_at, octet_length(payload)::int8 FROM \(source)",
      [.int(start.rawValue), .int(chunk)]
    ).map { row in
      let first = SequenceNumber(rawValue: row.int(0) ?? 0)
      return Candidate(
        first: first, end: first + Int(row.int(1) ?? 0), receivedAt: Timestamp(milliseconds: row.int(2) ?? 0),
        bytes: (row.int(3) ?? 0) + rowOverhead)
    }
  }

  /// Roughly what a batch takes besides its payload.
  private static let rowOverhead: Int64 = 250

  /// Those of some batches, in order, that a retrying, parked or dead exception stands for.
  private static func needed(_ candidates: [Candidate], _ connection: PostgresConnection) throws(PostgresFailure)
    -> Set<SequenceNumber>
  {
    guard let start = candidates.first?.first, let end = candidates.last?.end else { return [] }
    // Lists may lie far apart: a run of one key stands for a few events of many callbacks, and does not need those
    // between.
    let rows = try connection.query(
      """
      SELECT last_seq, last_seq, NULL::bytea FROM switchyard.exceptions
      WHERE state <> 'expired' AND last_seq >= $1 AND last_seq < $2
      UNION ALL
      SELECT first_seq, last_seq, members FROM switchyard.exceptions
      WHERE state <> 'expired' AND last_seq > first_seq AND last_seq >= $1 AND first_seq < $2
      """, [.int(start.rawValue), .int(end.rawValue)])
    var events: [SequenceNumber] = []
    var ranges: [ClosedRange<SequenceNumber>] = []
    for row in (0..<rows.count).map({ rows[$0] }) {
      guard let members = DeliveryException.members(row.bytes(2)) else {
        throw .other("the journal has an exception whose events cannot be read")
      }
      events += members.filter { $0 >= start && $0 < end }
      let range = SequenceNumber(rawValue: row.int(0) ?? 0)...SequenceNumber(rawValue: row.int(1) ?? 0)
      if members.isEmpty { ranges.append(range) }
    }
    events.sort()
    return Set(
      candidates.filter { candidate in
        let index = events.partitioningIndex { $0 >= candidate.first }
        if index < events.count, events[index] < candidate.end { return true }
        return ranges.contains { $0.upperBound >= candidate.first && $0.lowerBound < candidate.end }
      }.map(\.first))
  }
}

extension [SequenceNumber] {
  /// The first index of a sorted array from which on a condition holds.
  fileprivate func partitioningIndex(_ holds: (SequenceNumber) -> Bool) -> Int {
    var (low, high) = (0, count)
    while low < high {
      let middle = (low + high) / 2
      if holds(self[middle]) { high = middle } else { low = middle + 1 }
    }
    return low
  }
}
