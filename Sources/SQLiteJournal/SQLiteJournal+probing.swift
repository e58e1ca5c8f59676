package import GRDB
package import GatewayCore

extension SQLiteJournal {
  /// Runs a body on the writing connection, between two group commits: for tests, which read its settings back, fill
  /// its file or hold it up. While the body runs nothing is committed.
  package func withWriter<Value: Sendable>(_ body: @escaping @Sendable (Database) throws -> Value)
    async throws(JournalError) -> Value
  {
    try await database.withWriter(body)
  }
}
