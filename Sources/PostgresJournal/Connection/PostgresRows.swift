import CPostgres

/// What a statement returned, in binary: freed when nobody holds it any more.
final class PostgresRows {
  private let result: OpaquePointer

  /// - Parameter result: A result of libpq's that is this object's from now on.
  init(owning result: OpaquePointer) { self.result = result }

  deinit { PQclear(result) }

  var count: Int { Int(PQntuples(result)) }

  /// Rows that were written, of a statement that returns none.
  var affected: Int { Int(String(cString: PQcmdTuples(result))) ?? 0 }

  subscript(row: Int) -> PostgresRow { PostgresRow(rows: self, row: Int32(row)) }

  func map<Value>(_ body: (PostgresRow) throws -> Value) rethrows -> [Value] {
    try (0..<count).map { try body(self[$0]) }
  }

  var first: PostgresRow? { count > 0 ? self[0] : nil }

  fileprivate func bytes(_ row: Int32, _ column: Int) -> UnsafeBufferPointer<UInt8>? {
    guard PQgetisnull(result, row, Int32(column)) == 0, let value = PQgetvalue(result, row, Int32(column)) else {
      return nil
    }
    let length = Int(PQgetlength(result, row, Int32(column)))
    return UnsafeRawPointer(value).withMemoryRebound(to: UInt8.self, capacity: length) {
      UnsafeBufferPointer(start: $0, count: length)
    }
  }
}

/// One row. Columns are as the statement has them: integers are to be cast to `int8` there.
struct PostgresRow {
  fileprivate let rows: PostgresRows
  fileprivate let row: Int32

  /// Nil for NULL.
  func int(_ column: Int) -> Int64? {
    guard let bytes = rows.bytes(row, column), bytes.count <= MemoryLayout<Int64>.size, let first = bytes.first else {
      return nil
    }
    let sign: Int64 = first & 0x80 == 0 ? 0 : -1
    return bytes.reduce(sign) { $0 << 8 | Int64($1) }
  }

  func bytes(_ column: Int) -> [UInt8]? { rows.bytes(row, column).map(Array.init) }

  func text(_ column: Int) -> String? { rows.bytes(row, column).map { String(decoding: $0, as: UTF8.self) } }

  func bool(_ column: Int) -> Bool { rows.bytes(row, column)?.first == 1 }
}
