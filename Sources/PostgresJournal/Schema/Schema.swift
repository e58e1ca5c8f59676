import GatewayCore

/// The journal's tables and functions, and how a database of an older version becomes one of this.
///
/// A database says which schema it has and which is the oldest that may still work with it: gateways of two versions work
/// side by side while one after the other is replaced.
struct Schema: Sendable {
  /// What this version writes.
  static let standard = Schema(migrations: [tables + "\n" + functions], oldestCompatible: 1)

  /// Migration n, from 0, leads to schema n + 1. What has been released is never edited.
  let migrations: [String]
  /// The oldest schema whose program may work with what this version has written.
  let oldestCompatible: Int

  var current: Int { migrations.count }

  /// Brings the database to the current schema, in one transaction that only one gateway at a time is in. A newer one that
  /// may be used stays as it is.
  func migrate(_ connection: PostgresConnection, shown: String) throws(PostgresFailure) {
    guard try current > check(connection, shown: shown) else { return }
    // Between two looks another gateway may have done it: the script looks again, once it is alone.
    let steps = migrations.enumerated().map { index, script in
      """
      IF known = \(index) THEN
        EXECUTE \(Self.quoted(script));
        UPDATE switchyard.meta SET schema = \(index + 1), oldest_compatible = \(oldestCompatible);
        known := \(index + 1);
      END IF;
      """
    }
    _ = try connection.query(
      """
      DO $migration$
      DECLARE
        known int8 := 0;
      BEGIN
        PERFORM set_config('synchronous_commit', 'on', true);
        PERFORM pg_advisory_xact_lock(\(Self.lock));
        -- Read from the tables of names: what a session remembers of them may be older than the lock. A schema that is
        -- there is somebody's who may have the right to make one, which the gateway's role then needs not.
        IF NOT EXISTS (SELECT 1 FROM pg_namespace n WHERE n.nspname = 'switchyard') THEN
          CREATE SCHEMA switchyard;
        END IF;
        IF EXISTS (SELECT 1 FROM pg_tables t WHERE t.schemaname = 'switchyard' AND t.tablename = 'meta') THEN
          SELECT m.schema INTO known FROM switchyard.meta m;
        END IF;
        \(steps.joined(separator: "\n"))
      END
      $migration$
      """)
  }

  /// Returns the schema that is there, 0 for none; refuses what this version must not touch.
  func check(_ connection: PostgresConnection, shown: String) throws(PostgresFailure) -> Int {
    let known = try connection.query("SELECT to_regclass('switchyard.meta') IS NOT NULL")
    guard known.first?.bool(0) ?? false else { return 0 }
    let columns = "schema, oldest_compatible, is_unfinished"
    guard let row = try connection.query("SELECT \(columns) FROM switchyard.meta").first,
      let schema = row.int(0), let oldest = row.int(1)
    else { return 0 }
    guard Int(oldest) <= current else {
      throw .other(
        "the journal at \(shown) was written by a newer version (schema \(schema), usable from schema \(oldest) on; this "
          + "version has schema \(current)); run that version")
    }
    guard !row.bool(2) else {
      throw .other(
        "a journal was being moved to \(shown) and not all of it is there; move it again, into an empty database")
    }
    return Int(schema)
  }

  /// "SwYd": the lock that is held while a schema is brought up to date.
  private static let lock = 0x5377_5964

  private static func quoted(_ script: String) -> String { "$script$\(script)$script$" }
}
