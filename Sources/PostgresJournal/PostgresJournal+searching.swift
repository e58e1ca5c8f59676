package import GatewayCore

extension PostgresJournal {
  package func batch(_ id: BatchID) async throws(JournalError) -> StoredBatch? {
    let place = try await pool.read { connection throws(PostgresFailure) in
      try connection.query(
        "SELECT first_seq FROM switchyard.retained WHERE batch_id = $1 ORDER BY first_seq DESC LIMIT 1",
        [.bytes(id.bytes)]
      ).first?.int(0)
    }
    guard let place else { return nil }
    let page = try await read(
      from: SequenceNumber(rawValue: place), limit: ReadLimit(batches: 1, bytes: 1), wanted: { _ in true })
    return (page.batches + page.damaged).first { $0.id == id }
  }
}
