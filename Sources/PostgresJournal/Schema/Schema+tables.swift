extension Schema {
  /// Schema 1. Moments are milliseconds since 1970; sequence numbers start at 1. All names are written with their schema,
  /// because a pooler gives each transaction another session.
  static let tables = """
    CREATE TABLE switchyard.meta (
      id int8 PRIMARY KEY CHECK (id = 1),     -- one row
      schema int8 NOT NULL,
      oldest_compatible int8 NOT NULL,
      gateway_mark text NOT NULL,
      last_good_routes bytea,
      -- Batches below this have been trimmed; what is still needed of them is in kept.
      retained_from int8 NOT NULL DEFAULT 1,
      -- A journal is being moved here, and not all of it is there yet.
      is_unfinished bool NOT NULL DEFAULT false
    ) WITH (fillfactor = 50);
    INSERT INTO switchyard.meta (id, schema, oldest_compatible, gateway_mark)
    VALUES (1, 0, 0, md5(gen_random_uuid()::text));

    -- The next sequence number: whoever appends holds this row until its commit is visible, so that numbers are dense and
    -- become visible in order.
    CREATE TABLE switchyard.counter (
      id int8 PRIMARY KEY CHECK (id = 1),
      next_seq int8 NOT NULL
    ) WITH (fillfactor = 10);
    INSERT INTO switchyard.counter (id, next_seq) VALUES (1, 1);

    -- One row a callback, appended in order and never changed. Partitions are dropped whole.
    CREATE TABLE switchyard.batches (
      first_seq int8 NOT NULL,
      event_count int8 NOT NULL,
      batch_id bytea NOT NULL,
      app int8 NOT NULL,
      type text NOT NULL,
      command text NOT NULL,
      received_at int8 NOT NULL,
      derivation text NOT NULL,
      duplicate_key bytea,                    -- by what repeats are known; NULL where nobody asks
      key_expires_at int8,                    -- NULL: as long as this row is there
      checksum int8 NOT NULL,                 -- the first 8 bytes of the payload's SHA-256
      payload bytea NOT NULL,
      PRIMARY KEY (first_seq)
    ) PARTITION BY RANGE (first_seq);
    -- Compressing would be done while everybody waits for the counter.
    ALTER TABLE switchyard.batches ALTER COLUMN payload SET STORAGE EXTERNAL;
    CREATE INDEX batches_id ON switchyard.batches (batch_id);
    CREATE INDEX batches_key ON switchyard.batches (duplicate_key) WHERE duplicate_key IS NOT NULL;

    -- What an exception still needed when its batch was trimmed.
    CREATE TABLE switchyard.kept (LIKE switchyard.batches INCLUDING STORAGE, PRIMARY KEY (first_seq));
    CREATE INDEX kept_id ON switchyard.kept (batch_id);
    CREATE INDEX kept_key ON switchyard.kept (duplicate_key) WHERE duplicate_key IS NOT NULL;

    -- All batches that are retained.
    CREATE VIEW switchyard.retained AS
      SELECT * FROM switchyard.batches WHERE first_seq >= (SELECT m.retained_from FROM switchyard.meta m)
      UNION ALL SELECT * FROM switchyard.kept;

    -- The partitions of batches.
    CREATE TABLE switchyard.partitions (
      from_seq int8 PRIMARY KEY,
      to_seq int8 NOT NULL,                   -- just past it
      created_at timestamptz NOT NULL DEFAULT clock_timestamp(),
      trimmed_bytes int8 NOT NULL DEFAULT 0   -- of batches that are trimmed while the partition is still there
    );

    -- Running totals of all events below first_seq, a row a kind, every few thousand batches.
    CREATE TABLE switchyard.counts (
      first_seq int8 NOT NULL,
      app int8 NOT NULL,
      type text NOT NULL,
      command text NOT NULL,
      total int8 NOT NULL,
      end_seq int8 NOT NULL,                  -- just past the newest event of the kind
      PRIMARY KEY (first_seq, app, type, command)
    );

    -- No index is over what a settlement changes, so that it stays on the row's own page.
    CREATE SEQUENCE switchyard.epochs;
    CREATE TABLE switchyard.lanes (
      lane_id int8 GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
      subscriber text NOT NULL,
      replay_id text,                         -- NULL: the subscriber's own
      next_seq int8 NOT NULL,
      created_seq int8,                       -- where it began; NULL: before that was recorded
      held_ms int8 NOT NULL DEFAULT 0,
      held_since int8,
      hold_until int8,                        -- NULL: not held by a Retry-After
      gone_url int8,                          -- the StableHash of the URL that answered 410
      paused_at int8,                         -- NULL: no operator has it paused
      forget_at int8,                         -- NULL while its subscriber is in the routes file
      owner int8,                             -- a gateway; NULL: nobody
      epoch int8                              -- of the last change of the owner; NULL: never owned
    ) WITH (fillfactor = 40, autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 2000);
    CREATE UNIQUE INDEX lanes_subscriber ON switchyard.lanes (subscriber) WHERE replay_id IS NULL;
    CREATE UNIQUE INDEX lanes_replay ON switchyard.lanes (replay_id) WHERE replay_id IS NOT NULL;

    CREATE TABLE switchyard.exceptions (
      lane_id int8 NOT NULL,
      first_seq int8 NOT NULL,
      last_seq int8 NOT NULL,
      event_count int8 NOT NULL,
      state text NOT NULL,                    -- retrying, parked, dead or expired
      accepted_at int8 NOT NULL,
      attempts int8 NOT NULL,
      due_at int8 NOT NULL,
      first_attempt_at int8 NOT NULL,
      ended_at int8,
      last_error text NOT NULL,
      form text NOT NULL,                     -- event, batch or original
      members bytea,                          -- a SequenceList; NULL for one event and for a range
      keys bytea,                             -- the events' ordering keys, 9 bytes each; NULL: it holds nothing back
      replay_id text,                         -- by which replay a dead letter was sent again; NULL: by none
      PRIMARY KEY (lane_id, first_seq)
    ) WITH (fillfactor = 70, autovacuum_vacuum_scale_factor = 0.02, autovacuum_vacuum_threshold = 1000,
      autovacuum_vacuum_cost_delay = 0);
    CREATE INDEX exceptions_due ON switchyard.exceptions (lane_id, due_at, accepted_at, first_seq) INCLUDE (event_count)
      WHERE state = 'retrying';
    CREATE INDEX exceptions_parked ON switchyard.exceptions (lane_id, first_seq) INCLUDE (accepted_at, event_count)
      WHERE state = 'parked';
    CREATE INDEX exceptions_ended ON switchyard.exceptions (lane_id, ended_at) INCLUDE (state, event_count)
      WHERE state IN ('dead', 'expired');
    CREATE INDEX exceptions_keyed ON switchyard.exceptions (lane_id, first_seq)
      WHERE keys IS NOT NULL AND state IN ('retrying', 'parked');
    -- Which batches are still needed. A single one is found by where it lies, the few ranges by being ranges.
    CREATE INDEX exceptions_needing ON switchyard.exceptions (last_seq) WHERE state <> 'expired';
    CREATE INDEX exceptions_needing_range ON switchyard.exceptions (first_seq, last_seq)
      WHERE state <> 'expired' AND last_seq > first_seq;

    CREATE TABLE switchyard.replays (
      id text PRIMARY KEY,
      lane_id int8 NOT NULL UNIQUE,
      subscriber text NOT NULL,
      start_seq int8 NOT NULL,
      end_seq int8 NOT NULL,                  -- just past its span
      from_at int8 NOT NULL,
      to_at int8 NOT NULL,
      events text NOT NULL,                   -- patterns, a line each; empty: all
      rate_count int8,                        -- NULL: no limit of its own
      rate_period_ms int8,
      state text NOT NULL,                    -- running, paused, done or cancelled
      created_at int8 NOT NULL,
      ended_at int8,
      total_events int8 NOT NULL,
      is_exact bool NOT NULL
    );

    -- Failures, and successes of what had failed before; a bounded number a lane.
    CREATE TABLE switchyard.attempts (
      attempt_id int8 GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
      lane_id int8 NOT NULL,
      first_seq int8 NOT NULL,
      last_seq int8 NOT NULL,
      members bytea,                          -- a SequenceList; NULL: all from first_seq to last_seq
      event_count int8 NOT NULL,
      attempt int8 NOT NULL,
      at int8 NOT NULL,
      outcome text NOT NULL,
      status int8,
      duration_ms int8 NOT NULL,
      error text,
      answer bytea,                           -- the beginning of the answer's body
      is_answer_cut bool NOT NULL,
      replay_id text
    ) WITH (autovacuum_vacuum_scale_factor = 0.05);
    CREATE INDEX attempts_lane ON switchyard.attempts (lane_id, first_seq);

    -- The gateways that share the journal: each renews its own row.
    CREATE TABLE switchyard.gateways (
      gateway_id int8 PRIMARY KEY,
      name text NOT NULL,
      fingerprint text NOT NULL,
      subscribers text[] NOT NULL,            -- those that it can work
      misconfigured text[] NOT NULL,          -- those of its routes file that it cannot
      lease_until timestamptz NOT NULL
    ) WITH (fillfactor = 40, autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 500);

    -- Written to know whether that is possible.
    CREATE TABLE switchyard.probe (id int8 PRIMARY KEY CHECK (id = 1), writes int8 NOT NULL) WITH (fillfactor = 10);
    INSERT INTO switchyard.probe (id, writes) VALUES (1, 0);

    -- What the owner of a subscriber's lanes is asked to do.
    CREATE TABLE switchyard.orders (
      order_id int8 GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
      subscriber text NOT NULL,
      body bytea NOT NULL,
      answer bytea,
      created_at timestamptz NOT NULL DEFAULT clock_timestamp()
    );
    """
}
