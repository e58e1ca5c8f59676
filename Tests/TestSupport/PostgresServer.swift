import Foundation
import Synchronization

/// A PostgreSQL server that the tests of one process share, each with a database of its own.
///
/// It is started when it is first asked for, and ends with the process however that ends: `scripts/scratch-postgres`,
/// which holds it, reads from a pair of sockets whose other end is here alone.
package final class PostgresServer: Sendable {
  /// Whether the tests that need it are to be left out, as `make test-quick` asks where PostgreSQL is not installed.
  package static let isLeftOut = ProcessInfo.processInfo.environment["SWITCHYARD_WITHOUT_POSTGRES"] != nil

  // Not Debian's wrapper of the same name, which takes longer than most statements do.
  private static let psql =
    (ProcessInfo.processInfo.environment["POSTGRES_PROGRAMS"] ?? "/usr/lib/postgresql/15/bin") + "/psql"

  /// In it are the server's socket and its `data`.
  package let folder: String
  /// On 127.0.0.1.
  package let port: Int
  private let databases = Atomic(0)

  private static let started = Mutex<Result<PostgresServer, any Error>?>(nil)

  /// The server, started by the first who asks.
  ///
  /// - Throws: Why there is none, to each who asks.
  package static func shared() throws -> PostgresServer {
    try started.withLock { started in
      let result = started ?? Result { try PostgresServer() }
      started = result
      return try result.get()
    }
  }

  private init() throws {
    let script = try ScratchPostgres()
    let line = script.nextLine() ?? ""
    let words = line.split(whereSeparator: \.isWhitespace)
    guard words.count == 2, let port = Int(words[1]) else {
      throw PostgresServerError("PostgreSQL could not be started: \(line)\(script.end())")
    }
    folder = String(words[0])
    self.port = port
    script.endWithTheProcess()
  }

  /// Makes an empty database.
  ///
  /// - Returns: Its `postgres://…` URL, for the role `switchyard`, which owns it.
  package func makeDatabase() throws -> String {
    let name = "database_\(databases.add(1, ordering: .relaxed).newValue)"
    _ = try runPsql("CREATE DATABASE \(name) OWNER switchyard", at: "host=\(folder) port=\(port) user=postgres")
    return "postgres://switchyard:switchyard@127.0.0.1:\(port)/\(name)"
  }

  /// Runs statements as the role in a URL.
  ///
  /// - Returns: The rows, one a line, their columns separated by `|`.
  package func psql(_ sql: String, in url: String) throws -> String { try runPsql(sql, at: url) }

  /// Runs statements as a superuser in the database of a URL; returns what `psql` returns.
  package func psqlAsSuperuser(_ sql: String, in url: String) throws -> String {
    let name = URL(string: url)?.lastPathComponent ?? ""
    return try runPsql(sql, at: "host=\(folder) port=\(port) user=postgres dbname=\(name)")
  }

  private func runPsql(_ sql: String, at connection: String) throws -> String {
    let command = Command([
      Self.psql, "--no-psqlrc", "--quiet", "--no-align", "--tuples-only", "--set=ON_ERROR_STOP=1",
      "--dbname=\(connection)", "--command=\(sql)",
    ])
    let result = try command.runHere()
    guard result.status == 0 else { throw PostgresServerError("\(sql): \(result.text)") }
    return result.text.trimmingCharacters(in: .newlines)
  }
}

/// Why there is no server, or what it said against a statement.
package struct PostgresServerError: Error, CustomStringConvertible {
  package var description: String

  init(_ description: String) { self.description = description }
}
