import TestSupport
import Testing

@Suite("A PostgreSQL server for tests", .enabled(if: !PostgresServer.isLeftOut))
struct PostgresServerTests {
  @Test("Each test has an empty database of its own")
  func databases() throws {
    let server = try PostgresServer.shared()
    let first = try server.makeDatabase()
    let second = try server.makeDatabase()

    _ = try server.psql("CREATE TABLE here (number int); INSERT INTO here VALUES (1), (2)", in: first)

    #expect(try server.psql("SELECT number, current_user FROM here", in: first) == "1|switchyard\n2|switchyard")
    #expect(throws: PostgresServerError.self) { try server.psql("SELECT number FROM here", in: second) }
  }

  @Test("It syncs to disk as a server in production does")
  func syncs() throws {
    let server = try PostgresServer.shared()
    let url = try server.makeDatabase()

    #expect(try server.psql("SHOW fsync", in: url) == "on")
    #expect(try server.psql("SHOW synchronous_commit", in: url) == "on")
  }

  @Test("A superuser gets in too")
  func superuser() throws {
    let server = try PostgresServer.shared()
    let url = try server.makeDatabase()

    let row = try server.psqlAsSuperuser("SELECT current_user, current_database()", in: url)
    #expect(row.hasPrefix("postgres|database_"))
  }
}
