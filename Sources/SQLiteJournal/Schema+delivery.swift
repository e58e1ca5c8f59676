extension Schema {
  /// Schema 2: holds that survive a restart, batches that are retried with the same members, parked runs, the gateway's
  /// own mark.
  ///
  /// A program of schema 1 would send a batch's first event alone and lose the others, so it must not open this.
  static let deliverySchema = """
    ALTER TABLE meta ADD COLUMN gateway_mark TEXT;    -- what callbacks carry that this gateway has sent on
    UPDATE meta SET gateway_mark = lower(hex(randomblob(16)));

    ALTER TABLE lanes ADD COLUMN hold_until INTEGER;  -- NULL: not held by a Retry-After
    ALTER TABLE lanes ADD COLUMN gone_url INTEGER;    -- the StableHash of the URL that answered 410

    ALTER TABLE exceptions ADD COLUMN form TEXT NOT NULL DEFAULT 'event';  -- event, batch or original
    ALTER TABLE exceptions ADD COLUMN members BLOB;   -- a SequenceList; NULL for one event and for a range
    -- The StableHashes of the events' ordering keys, 9 bytes each: 1 and the hash, or 0 where an event has none.
    ALTER TABLE exceptions ADD COLUMN keys BLOB;      -- NULL: it holds nothing back

    -- What no longer waits is dead or expired; the state parked has come.
    DROP INDEX exceptions_ended;
    CREATE INDEX exceptions_ended ON exceptions (lane_id, ended_at, state, event_count)
      WHERE state IN ('dead', 'expired');
    -- What waits, and how many events that is.
    DROP INDEX exceptions_due;
    CREATE INDEX exceptions_due ON exceptions (lane_id, due_at, accepted_at, state, event_count)
      WHERE state = 'retrying';
    CREATE INDEX exceptions_parked ON exceptions (lane_id, first_seq, accepted_at, state, event_count)
      WHERE state = 'parked';
    -- Damaged batches, each a range of its own.
    CREATE INDEX exceptions_damaged ON exceptions (first_seq, last_seq)
      WHERE state <> 'expired' AND members IS NULL AND last_seq > first_seq;
    CREATE INDEX exceptions_keyed ON exceptions (lane_id, first_seq)
      WHERE keys IS NOT NULL AND state IN ('retrying', 'parked');
    """
}
