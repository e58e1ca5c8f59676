import GatewayCore
import Synchronization

/// Who works which lane: rows that each gateway renews, and an owner and an epoch in each lane.
final class PostgresLeases: LaneLeases {
  let gateway = GatewayID.random()
  let duration: Duration = .seconds(15)
  private let pool: PostgresPool
  /// When the server was started that answered last, and when it last recovered from a crash of a process of its own.
  private let serverStart = Mutex<String?>(nil)

  init(pool: PostgresPool) { self.pool = pool }

  func renew(_ presence: GatewayPresence) async throws(JournalError) -> LeaseTable {
    try await pool.keep { [self] connection throws(PostgresFailure) in
      try giveUpAfterRestart(connection)
      _ = try connection.query(
        "SELECT switchyard.renew_1($1, $2, $3, $4, $5, $6)",
        [
          gateway.value, .text(presence.name), .text(presence.fingerprint), .texts(presence.subscribers),
          .texts(presence.misconfigured), .int(duration.milliseconds),
        ])
      return LeaseTable(
        gateways: try Self.gateways(connection), lanes: try Self.lanes(connection),
        orders: try Self.orders(for: gateway, connection))
    }
  }

  /// Another server may lack the last settlements of the one before, and what is in no lane's memory any more is then
  /// nowhere: with a new epoch its lanes are opened anew, as that server has them.
  private func giveUpAfterRestart(_ connection: PostgresConnection) throws(PostgresFailure) {
    // A recovery discards the statistics, which tells of it.
    let start = try connection.query(
      "SELECT concat(pg_postmaster_start_time(), ' ', (SELECT stats_reset FROM pg_stat_bgwriter))"
    ).first?.text(0)
    let last = serverStart.withLock { $0 }
    if last != nil, last != start {
      _ = try connection.query(
        "UPDATE switchyard.lanes SET epoch = nextval('switchyard.epochs') WHERE owner = $1", [gateway.value])
    }
    serverStart.withLock { $0 = start }
  }

  private static func gateways(_ connection: PostgresConnection) throws(PostgresFailure) -> [LeaseTable.Gateway] {
    try connection.query(
      """
      SELECT gateway_id, name, fingerprint, array_to_string(subscribers, ' '), array_to_string(misconfigured, ' ')
      FROM switchyard.gateways
      WHERE lease_until > clock_timestamp() ORDER BY gateway_id
      """
    ).map { row in
      // A subscriber's name has no blank in it.
      func names(_ column: Int) -> [String] { (row.text(column) ?? "").split(separator: " ").map(String.init) }
      return LeaseTable.Gateway(
        id: GatewayID(rawValue: UInt64(bitPattern: row.int(0) ?? 0)),
        presence: GatewayPresence(
          fingerprint: row.text(2) ?? "", subscribers: names(3), misconfigured: names(4), name: row.text(1) ?? ""))
    }
  }

  private static func lanes(_ connection: PostgresConnection) throws(PostgresFailure) -> [String: LeaseTable.Lane] {
    let rows = try connection.query(
      """
      SELECT l.subscriber, g.gateway_id, COALESCE(l.epoch, 0)
      FROM switchyard.lanes l
      LEFT JOIN switchyard.gateways g ON g.gateway_id = l.owner AND g.lease_until > clock_timestamp()
      WHERE l.replay_id IS NULL
      """)
    return Dictionary(
      rows.map { row in
        let owner = row.int(1).map { GatewayID(rawValue: UInt64(bitPattern: $0)) }
        return (row.text(0) ?? "", LeaseTable.Lane(owner: owner, epoch: row.int(2) ?? 0))
      }, uniquingKeysWith: { first, _ in first })
  }

  private static func orders(for gateway: GatewayID, _ connection: PostgresConnection) throws(PostgresFailure)
    -> [LaneOrder]
  {
    try connection.query(
      """
      SELECT o.order_id, o.subscriber, o.body FROM switchyard.orders o
      JOIN switchyard.lanes l ON l.subscriber = o.subscriber AND l.replay_id IS NULL
      WHERE l.owner = $1 AND o.answer IS NULL ORDER BY o.order_id
      """, [gateway.value]
    ).map { row in
      LaneOrder(
        id: LaneOrderID(rawValue: row.int(0) ?? 0), subscriber: row.text(1) ?? "", body: row.bytes(2) ?? [])
    }
  }

  func claim(_ subscribers: [String]) async throws(JournalError) -> [LaneRecord] {
    try await pool.keep { [gateway] connection throws(PostgresFailure) in
      let epoch = try connection.query("SELECT switchyard.claim_1($1, $2)", [gateway.value, .texts(subscribers)])
        .first?.int(0)
      guard let epoch else { return [] }
      return try LaneRecord.read(
        connection, where: "l.owner = $1 AND l.epoch = $2 AND l.replay_id IS NULL", [gateway.value, .int(epoch)])
    }
  }

  func release(_ subscribers: [String]) async throws(JournalError) {
    guard !subscribers.isEmpty else { return }
    try await release(.texts(subscribers))
  }

  func leave() async throws(JournalError) { try await release(.texts([String]?.none)) }

  private func release(_ subscribers: PostgresValue) async throws(JournalError) {
    try await pool.keep { [gateway] connection throws(PostgresFailure) in
      _ = try connection.query("SELECT switchyard.release_1($1, $2)", [gateway.value, subscribers])
    }
  }

  func post(_ order: [UInt8], to subscriber: String) async throws(JournalError) -> LaneOrderID {
    try await pool.write(isRepeatable: false) { connection throws(PostgresFailure) in
      let rows = try connection.query(
        """
        WITH gone AS (DELETE FROM switchyard.orders WHERE created_at < clock_timestamp() - interval '10 minutes')
        INSERT INTO switchyard.orders (subscriber, body) VALUES ($1, $2) RETURNING order_id
        """,
        [.text(subscriber), .bytes(order)])
      return LaneOrderID(rawValue: rows.first?.int(0) ?? 0)
    }
  }

  func answer(_ order: LaneOrderID, _ answer: [UInt8]) async throws(JournalError) {
    try await pool.keep { connection throws(PostgresFailure) in
      _ = try connection.query(
        "UPDATE switchyard.orders SET answer = $2 WHERE order_id = $1", [.int(order.rawValue), .bytes(answer)])
    }
  }

  func takeAnswer(to order: LaneOrderID) async throws(JournalError) -> [UInt8]? {
    try await pool.write(isRepeatable: false) { connection throws(PostgresFailure) in
      try connection.query(
        "DELETE FROM switchyard.orders WHERE order_id = $1 AND answer IS NOT NULL RETURNING answer",
        [.int(order.rawValue)]
      ).first?.bytes(0)
    }
  }
}

extension GatewayID {
  fileprivate var value: PostgresValue { .int(Int64(bitPattern: rawValue)) }
}
