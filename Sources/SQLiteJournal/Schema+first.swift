extension Schema {
  /// Schema 1. Moments are milliseconds since 1970; sequence numbers start at 1.
  static let firstSchema = """
    PRAGMA application_id = \(applicationID);

    CREATE TABLE meta (
      id INTEGER PRIMARY KEY CHECK (id = 1),  -- one row
      schema INTEGER NOT NULL,
      oldest_compatible INTEGER NOT NULL,
      last_good_routes BLOB,
      -- Keys of batches below keys_through are in dedup, later ones may be; how many rows it has, roughly, and how
      -- many of them are of batches that have been trimmed.
      keys_through INTEGER NOT NULL DEFAULT 1,
      dedup_rows INTEGER NOT NULL DEFAULT 0,
      dedup_void INTEGER NOT NULL DEFAULT 0
    ) STRICT;
    INSERT INTO meta (id, schema, oldest_compatible) VALUES (1, 0, 0);

    -- One row a callback, appended in order and never changed. The payload comes last: SQLite then reads all else of
    -- a row without touching the pages that a large payload overflows to.
    CREATE TABLE batches (
      first_seq INTEGER PRIMARY KEY,
      event_count INTEGER NOT NULL,
      batch_id BLOB NOT NULL,
      app INTEGER NOT NULL,
      type TEXT NOT NULL,
      command TEXT NOT NULL,
      received_at INTEGER NOT NULL,
      derivation TEXT NOT NULL,
      duplicate_key BLOB,                     -- by what repeats are known; NULL where nobody asks
      key_expires_at INTEGER,                 -- NULL: as long as this row is there
      checksum INTEGER NOT NULL,              -- the first 8 bytes of the payload's SHA-256
      payload BLOB NOT NULL
    ) STRICT;

    -- Written and emptied again, to know whether that is possible.
    CREATE TABLE probe (id INTEGER PRIMARY KEY, content BLOB NOT NULL) STRICT;

    -- The keys of all but the newest batches. A row whose batch is gone is void, and deleted some time later.
    CREATE TABLE dedup (
      key BLOB PRIMARY KEY,
      first_seq INTEGER NOT NULL,             -- the batch that holds the key
      expires_at INTEGER                      -- NULL: as long as that batch is retained
    ) STRICT, WITHOUT ROWID;

    -- Running totals of all events below first_seq, a row a kind, every few thousand batches: with them a backlog of
    -- millions is known without reading it. No batch at or above the oldest totals has been trimmed.
    CREATE TABLE counts (
      first_seq INTEGER NOT NULL,
      app INTEGER NOT NULL,
      type TEXT NOT NULL,
      command TEXT NOT NULL,
      total INTEGER NOT NULL,
      end_seq INTEGER NOT NULL,               -- just past the newest event of the kind
      PRIMARY KEY (first_seq, app, type, command)
    ) STRICT, WITHOUT ROWID;

    -- AUTOINCREMENT: the id of a deleted lane is never given again, so a late settlement of it finds nothing.
    CREATE TABLE lanes (
      lane_id INTEGER PRIMARY KEY AUTOINCREMENT,
      subscriber TEXT NOT NULL,
      next_seq INTEGER NOT NULL,
      held_ms INTEGER NOT NULL DEFAULT 0,
      held_since INTEGER,
      forget_at INTEGER                       -- NULL while its subscriber is in the routes file
    ) STRICT;
    CREATE UNIQUE INDEX lanes_subscriber ON lanes (subscriber);

    CREATE TABLE exceptions (
      lane_id INTEGER NOT NULL,
      first_seq INTEGER NOT NULL,
      last_seq INTEGER NOT NULL,
      event_count INTEGER NOT NULL,
      state TEXT NOT NULL,                    -- retrying, dead or expired
      accepted_at INTEGER NOT NULL,
      attempts INTEGER NOT NULL,
      due_at INTEGER NOT NULL,
      first_attempt_at INTEGER NOT NULL,
      ended_at INTEGER,
      last_error TEXT NOT NULL,
      PRIMARY KEY (lane_id, first_seq)
    ) STRICT, WITHOUT ROWID;
    -- What is due, and how much waits since when. The state is in this index and the next, although their rows have
    -- but one or two, so that counting needs nothing else.
    CREATE INDEX exceptions_due ON exceptions (lane_id, due_at, accepted_at, state) WHERE state = 'retrying';
    -- What no longer waits, by age.
    CREATE INDEX exceptions_ended ON exceptions (lane_id, ended_at, state, event_count) WHERE state <> 'retrying';
    -- Which batches are still needed. A single one is found by where it lies, the few ranges by being ranges.
    CREATE INDEX exceptions_needing ON exceptions (last_seq) WHERE state <> 'expired';
    CREATE INDEX exceptions_needing_range ON exceptions (first_seq, last_seq)
      WHERE state <> 'expired' AND last_seq > first_seq;
    """
}
