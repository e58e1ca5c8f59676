import GRDB
import GatewayCore

/// The totals by kind of all events below a position, as a row of the counts table or the head has them.
struct RunningTotals {
  var position: SequenceNumber
  var kinds: [EventKind: JournalHead.Kind]

  /// Batches between two rows of totals: what opening a journal, or counting from the middle of it, reads at most.
  static let interval = 4096

  init(position: SequenceNumber, kinds: [EventKind: JournalHead.Kind]) {
    self.position = position
    self.kinds = kinds
  }

  /// The newest ones below or at a position, or those of an empty journal.
  static func newest(atOrBelow position: SequenceNumber, _ db: Database) throws -> RunningTotals {
    let newest = "SELECT MAX(first_seq) FROM counts WHERE first_seq <= ?"
    guard let found = try Int64.fetchOne(db.cachedStatement(sql: newest), arguments: [position.rawValue]) else {
      return RunningTotals(position: .first, kinds: [:])
    }
    return try load(at: found, db)
  }

  /// The oldest ones at or above a position, if there are any.
  static func oldest(atOrAbove position: SequenceNumber, _ db: Database) throws -> RunningTotals? {
    let oldest = "SELECT MIN(first_seq) FROM counts WHERE first_seq >= ?"
    return try Int64.fetchOne(db.cachedStatement(sql: oldest), arguments: [position.rawValue]).map {
      try load(at: $0, db)
    }
  }

  func save(_ db: Database) throws {
    let insert = try db.cachedStatement(
      sql: "INSERT OR IGNORE INTO counts (first_seq, app, type, command, total, end_seq) VALUES (?, ?, ?, ?, ?, ?)")
    for (kind, known) in kinds {
      try insert.execute(arguments: [
        position.rawValue, kind.app.rawValue, kind.type.rawValue, kind.command, known.total, known.end.rawValue,
      ])
    }
  }

  private static func load(at position: Int64, _ db: Database) throws -> RunningTotals {
    let select = try db.cachedStatement(
      sql: "SELECT app, type, command, total, end_seq FROM counts WHERE first_seq = ?")
    var totals = RunningTotals(position: SequenceNumber(rawValue: position), kinds: [:])
    let rows = try Row.fetchCursor(select, arguments: [position])
    while let row = try rows.next() {
      totals.kinds[EventKind(row, from: 0)] = JournalHead.Kind(total: row[3], end: SequenceNumber(rawValue: row[4]))
    }
    return totals
  }
}

extension EventKind {
  /// Reads app, type and command from three columns in a row.
  init(_ row: Row, from column: Int) {
    self.init(
      app: AppID(rawValue: row[column]), type: EventType(rawValue: row[column + 1]), command: row[column + 2])
  }
}
