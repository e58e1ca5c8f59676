import CPostgres
import Foundation
import GatewayCore

/// One connection to the server, used by one thread at a time.
///
/// It never waits without an end: each statement has a deadline, and a connection that does not keep it is closed.
final class PostgresConnection {
  private let handle: OpaquePointer
  private let address: PostgresAddress
  private var prepared: [String: String] = [:]

  /// Connects, and makes sure that what is committed here stays committed.
  ///
  /// - Throws: `PostgresFailure.unreachable` when there is no server to talk to, `.other` when it is one that must not be
  ///   used.
  init(_ address: PostgresAddress, deadline: ContinuousClock.Instant) throws(PostgresFailure) {
    self.address = address
    // What the URL says of these comes after, and wins.
    let keys = [
      "fallback_application_name", "keepalives_idle", "keepalives_interval", "keepalives_count",
      "tcp_user_timeout", "client_encoding", "dbname",
    ]
    let values = ["switchyard", "5", "2", "3", "10000", "UTF8", address.url]
    let started = keys.withCStrings { keys in
      values.withCStrings { values in PQconnectStartParams(keys, values, 1) }
    }
    guard let started else { throw .unreachable("no memory is left for a connection to PostgreSQL") }
    handle = started
    // An error from here on ends the object, which then lets go of the handle.
    try connect(by: deadline)
    try check(by: deadline)
  }

  deinit { PQfinish(handle) }

  private func connect(by deadline: ContinuousClock.Instant) throws(PostgresFailure) {
    guard PQstatus(handle) != CONNECTION_BAD else { throw PostgresFailure(connecting: message) }
    var next = PGRES_POLLING_WRITING
    while next != PGRES_POLLING_OK {
      guard next != PGRES_POLLING_FAILED else { throw PostgresFailure(connecting: message) }
      guard wait(for: next == PGRES_POLLING_READING ? POLLIN : POLLOUT, until: deadline) else {
        throw .unreachable("PostgreSQL did not answer in time at \(address.shown)")
      }
      next = PQconnectPoll(handle)
    }
    guard PQsetnonblocking(handle, 1) == 0 else { throw PostgresFailure(connecting: message) }
    // What the server has to tell besides is not for standard error.
    _ = PQsetNoticeProcessor(handle, { _, _ in }, nil)
  }

  private func check(by deadline: ContinuousClock.Instant) throws(PostgresFailure) {
    let rows = try execute(
      """
      SELECT current_setting('fsync') = 'on', pg_is_in_recovery(), current_setting('server_version_num')::int8
      """, [], by: deadline)
    guard let row = rows.first else { throw .unreachable("PostgreSQL did not say how it is set up") }
    guard row.int(2) ?? 0 >= 140_000 else {
      throw .other("the server \(address.shown) is older than PostgreSQL 14, which is the oldest that holds a journal")
    }
    guard row.bool(0) else {
      throw .other(
        "the server \(address.shown) runs with fsync=off and would lose accepted callbacks; set fsync=on there")
    }
    guard !row.bool(1) else { throw .unreachable("the server \(address.shown) is a standby and takes no writes") }
  }

  /// Runs one statement, in a transaction of its own unless one is open.
  ///
  /// - Parameter deadline: When the connection is given up that has not answered.
  func execute(_ sql: String, _ parameters: [PostgresValue], by deadline: ContinuousClock.Instant)
    throws(PostgresFailure) -> PostgresRows
  {
    let name = try preparedName(sql, parameters, by: deadline)
    guard send(sql, name: name, parameters) else { throw .unreachable(message) }
    return try answer(by: deadline)
  }

  private func preparedName(_ sql: String, _ parameters: [PostgresValue], by deadline: ContinuousClock.Instant)
    throws(PostgresFailure) -> String?
  {
    guard address.usesPreparedStatements else { return nil }
    if let known = prepared[sql] { return known }
    let name = "switchyard_\(prepared.count)"
    let types = parameters.map(\.type.rawValue)
    guard PQsendPrepare(handle, name, sql, Int32(types.count), types) == 1 else { throw .unreachable(message) }
    _ = try answer(by: deadline)
    prepared[sql] = name
    return name
  }

  private func send(_ sql: String, name: String?, _ parameters: [PostgresValue]) -> Bool {
    let types = parameters.map(\.type.rawValue)
    let lengths = parameters.map { Int32($0.bytes?.count ?? 0) }
    let formats = [Int32](repeating: 1, count: parameters.count)
    return parameters.map(\.bytes).withPointers { values in
      let count = Int32(parameters.count)
      guard let name else { return PQsendQueryParams(handle, sql, count, types, values, lengths, formats, 1) == 1 }
      return PQsendQueryPrepared(handle, name, count, values, lengths, formats, 1) == 1
    }
  }

  private func answer(by deadline: ContinuousClock.Instant) throws(PostgresFailure) -> PostgresRows {
    try flush(by: deadline)
    var kept: Result<PostgresRows, PostgresFailure>?
    while true {
      while PQisBusy(handle) == 1 {
        guard wait(for: POLLIN, until: deadline) else {
          throw .unknownOutcome("PostgreSQL did not answer in time at \(address.shown)")
        }
        guard PQconsumeInput(handle) == 1 else { throw .unknownOutcome(message) }
      }
      guard let result = PQgetResult(handle) else { break }
      let outcome = read(result)
      if case .success? = kept { continue }
      if kept == nil { kept = outcome }
    }
    guard let kept else { throw .unknownOutcome(message) }
    return try kept.get()
  }

  private func read(_ result: OpaquePointer) -> Result<PostgresRows, PostgresFailure> {
    switch PQresultStatus(result) {
    case PGRES_TUPLES_OK, PGRES_COMMAND_OK, PGRES_EMPTY_QUERY: return .success(PostgresRows(owning: result))
    default:
      defer { PQclear(result) }
      // Without a state it is libpq that speaks: the connection was lost.
      guard let state = PQresultErrorField(result, 0x43) else { return .failure(.unknownOutcome(message)) }
      let text = PQresultErrorField(result, 0x4D).map { String(cString: $0) } ?? message
      return .failure(PostgresFailure(state: String(cString: state), message: text, at: address.shown))
    }
  }

  private func flush(by deadline: ContinuousClock.Instant) throws(PostgresFailure) {
    while true {
      switch PQflush(handle) {
      case 0: return
      case 1:
        // The server may have something to say before it reads on.
        guard wait(for: POLLIN | POLLOUT, until: deadline) else {
          throw .unknownOutcome("PostgreSQL did not read in time at \(address.shown)")
        }
        guard PQconsumeInput(handle) == 1 else { throw .unknownOutcome(message) }
      default: throw .unknownOutcome(message)
      }
    }
  }

  /// False if nothing has happened by then.
  private func wait(for events: Int32, until deadline: ContinuousClock.Instant) -> Bool {
    while true {
      let left = deadline - .now
      guard left > .zero else { return false }
      var descriptor = pollfd(fd: PQsocket(handle), events: Int16(events), revents: 0)
      let milliseconds = Int32(clamping: max(1, min(left.milliseconds, 60_000)))
      let ready = poll(&descriptor, 1, milliseconds)
      if ready > 0 { return true }
      guard ready == 0 || errno == EINTR else { return false }
    }
  }

  /// The first line of what libpq says: further ones may repeat a statement.
  private var message: String {
    let text = String(cString: PQerrorMessage(handle))
    let line = text.split(separator: "\n").first.map(String.init) ?? "the connection was lost"
    return "PostgreSQL at \(address.shown): \(line)"
  }
}

extension [String] {
  /// The strings as C has them, with a null pointer at the end.
  fileprivate func withCStrings<Value>(_ body: (UnsafePointer<UnsafePointer<CChar>?>) -> Value) -> Value {
    let copies = map { strdup($0) }
    defer { for copy in copies { free(copy) } }
    let pointers = copies.map { $0.map { UnsafePointer($0) } } + [nil]
    return pointers.withUnsafeBufferPointer { buffer in
      guard let start = buffer.baseAddress else { preconditionFailure("it ends with a null pointer at least") }
      return body(start)
    }
  }
}

extension [[UInt8]?] {
  /// Where each value's bytes lie; nil for NULL. An empty value has an address too, which tells it from NULL.
  fileprivate func withPointers<Value>(_ body: (UnsafePointer<UnsafePointer<CChar>?>?) -> Value) -> Value {
    guard !isEmpty else { return body(nil) }
    let total = reduce(0) { $0 + ($1?.count ?? 0) } + 1
    return withUnsafeTemporaryAllocation(byteCount: total, alignment: 1) { space in
      var place = 0
      var pointers: [UnsafePointer<CChar>?] = []
      for value in self {
        guard let value else {
          pointers.append(nil)
          continue
        }
        let target = UnsafeMutableRawBufferPointer(rebasing: space[place..<(place + Swift.max(value.count, 1))])
        target.copyBytes(from: value)
        pointers.append(target.baseAddress?.bindMemory(to: CChar.self, capacity: value.count))
        place += value.count
      }
      return pointers.withUnsafeBufferPointer { body($0.baseAddress) }
    }
  }
}
