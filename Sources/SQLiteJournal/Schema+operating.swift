extension Schema {
  /// Schema 3: what operators need. Attempts that are kept, replays, pauses, where a lane began.
  ///
  /// A program of schema 2 may open it: it knows nothing of a pause, takes the lane of a replay for that of a subscriber
  /// that has been removed, and leaves the new columns empty.
  static let operatingSchema = """
    ALTER TABLE lanes ADD COLUMN paused_at INTEGER;   -- NULL: no operator has it paused
    ALTER TABLE lanes ADD COLUMN created_seq INTEGER; -- where it began; NULL: before this was recorded

    -- By which replay a dead letter was sent again; NULL: by none.
    ALTER TABLE exceptions ADD COLUMN replay_id TEXT;

    -- A replay's lane stands in lanes under "replay:" and its id, which no subscriber can be named.
    CREATE TABLE replays (
      id TEXT PRIMARY KEY,
      lane_id INTEGER NOT NULL UNIQUE,
      subscriber TEXT NOT NULL,
      start_seq INTEGER NOT NULL,
      end_seq INTEGER NOT NULL,               -- just past its span
      from_at INTEGER NOT NULL,
      to_at INTEGER NOT NULL,
      events TEXT NOT NULL,                   -- patterns, a line each; empty: all
      rate_count INTEGER,                     -- NULL: no limit of its own
      rate_period_ms INTEGER,
      state TEXT NOT NULL,                    -- running, paused, done or cancelled
      created_at INTEGER NOT NULL,
      ended_at INTEGER,
      total_events INTEGER NOT NULL,
      is_exact INTEGER NOT NULL
    ) STRICT;

    -- Failures, and successes of what had failed before; a bounded number a lane.
    CREATE TABLE attempts (
      attempt_id INTEGER PRIMARY KEY AUTOINCREMENT,
      lane_id INTEGER NOT NULL,
      first_seq INTEGER NOT NULL,
      last_seq INTEGER NOT NULL,
      members BLOB,                           -- a SequenceList; NULL: all from first_seq to last_seq
      event_count INTEGER NOT NULL,
      attempt INTEGER NOT NULL,
      at INTEGER NOT NULL,
      outcome TEXT NOT NULL,
      status INTEGER,
      duration_ms INTEGER NOT NULL,
      error TEXT,
      answer BLOB,                            -- the beginning of the answer's body
      is_answer_cut INTEGER NOT NULL,
      replay_id TEXT
    ) STRICT;
    CREATE INDEX attempts_lane ON attempts (lane_id, first_seq);
    """
}
