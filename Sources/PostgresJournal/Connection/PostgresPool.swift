import GatewayCore
import Synchronization

/// The sessions of a journal, each for one kind of work, so that none waits for another kind.
final class PostgresPool: Sendable {
  /// How long a statement may take before its connection is given up.
  static let patience: Duration = .seconds(10)
  private static let readerCount = 3

  /// Appends alone.
  let appender: PostgresSession
  /// Settlements alone.
  let settler: PostgresSession
  /// Where the journal ends.
  let follower: PostgresSession
  /// Leases: nothing that takes long may be before a renewal.
  let keeper: PostgresSession
  /// All other writing: lanes, trimming.
  let writer: PostgresSession
  private let readers: [PostgresSession]
  private let closed = Atomic(false)

  init(_ address: PostgresAddress) {
    appender = PostgresSession(address, label: "append")
    settler = PostgresSession(address, label: "settle")
    follower = PostgresSession(address, label: "follow")
    keeper = PostgresSession(address, label: "lease")
    writer = PostgresSession(address, label: "write")
    readers = (0..<Self.readerCount).map { PostgresSession(address, label: "read.\($0)") }
  }

  var isClosed: Bool { closed.load(ordering: .acquiring) }

  /// Nothing is begun from now on.
  func beginClosing() { closed.store(true, ordering: .releasing) }

  func close() async {
    beginClosing()
    for session in [appender, settler, follower, keeper, writer] + readers { await session.close() }
  }

  func read<Value: Sendable>(
    _ body: @escaping @Sendable (PostgresConnection) throws(PostgresFailure) -> Value
  ) async throws(JournalError) -> Value {
    let reader = readers.min { $0.load < $1.load } ?? readers[0]
    return try await result(on: reader, isRepeatable: true, body)
  }

  /// - Parameter isRepeatable: Whether doing it twice leaves what doing it once does.
  func write<Value: Sendable>(
    isRepeatable: Bool = true, _ body: @escaping @Sendable (PostgresConnection) throws(PostgresFailure) -> Value
  ) async throws(JournalError) -> Value {
    try await result(on: writer, isRepeatable: isRepeatable, body)
  }

  func keep<Value: Sendable>(
    _ body: @escaping @Sendable (PostgresConnection) throws(PostgresFailure) -> Value
  ) async throws(JournalError) -> Value {
    try await result(on: keeper, isRepeatable: true, body)
  }

  private func result<Value: Sendable>(
    on session: PostgresSession, isRepeatable: Bool,
    _ body: @escaping @Sendable (PostgresConnection) throws(PostgresFailure) -> Value
  ) async throws(JournalError) -> Value {
    guard !isClosed else { throw .closed }
    switch await session.run(isRepeatable: isRepeatable, body) {
    case .success(let value): return value
    case .failure(let failure): throw isClosed ? .closed : failure.journalError
    }
  }
}

extension PostgresConnection {
  /// One statement with the patience of all that nobody waits for at a deadline.
  func query(_ sql: String, _ parameters: [PostgresValue] = []) throws(PostgresFailure) -> PostgresRows {
    try execute(sql, parameters, by: .now + PostgresPool.patience)
  }
}
