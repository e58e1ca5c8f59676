extension Schema {
  /// What is done on the server in one go. A function of which gateways of two versions need different ones stands
  /// there under two names.
  ///
  /// Plans are made once and for tables of any size: a plan made while a partition was small would read all of it later,
  /// while everybody waits for the counter.
  static let functions = appending + settling + leasing

  /// Takes the counter, finds repeats, numbers the rest and writes it: nobody waits for a client while the counter is
  /// taken. A repeat is known by its key, or by its id where its key does not say it all: then the same batch is appended
  /// again, because what became of an earlier try was not known.
  private static let appending = """
    CREATE FUNCTION switchyard.append_1(
      ids bytea[], counts int8[], apps int8[], types text[], commands text[], received int8[], derivations text[],
      keys bytea[], expiries int8[], checksums int8[], payloads bytea[], now_ms int8, patience_ms int8,
      known_next int8
    ) RETURNS TABLE (seq int8, is_repeat bool) LANGUAGE plpgsql
    SET enable_seqscan = off SET plan_cache_mode = force_generic_plan SET jit = off AS $function$
    DECLARE
      low int8;
      recent int8;
      next int8;
      total int8;
      repeats int8[];
    BEGIN
      IF current_setting('synchronous_commit') IN ('off', 'local', 'remote_write') THEN
        PERFORM set_config('synchronous_commit', 'on', true);
      END IF;
      -- Whoever gives up waiting for this must not find later that it was done all the same.
      PERFORM set_config('lock_timeout', patience_ms::text, true);
      SELECT c.next_seq INTO STRICT next FROM switchyard.counter c WHERE c.id = 1 FOR UPDATE;
      IF clock_timestamp() > statement_timestamp() + patience_ms * interval '1 millisecond' THEN
        RAISE EXCEPTION 'the counter was taken for too long' USING ERRCODE = 'lock_not_available';
      END IF;
      IF next < known_next THEN
        RAISE EXCEPTION 'it ends at % and ended at % before', next, known_next USING ERRCODE = 'SY002';
      END IF;
      SELECT m.retained_from INTO STRICT low FROM switchyard.meta m;
      -- An earlier try of the same batch is not older than the callback, but for clocks that differ.
      SELECT COALESCE(MAX(p.from_seq), 0) INTO recent FROM switchyard.partitions p
        WHERE p.created_at < to_timestamp((SELECT MIN(r) FROM unnest(received) r) / 1000.0) - interval '1 hour';
      SELECT array_agg(COALESCE(
        (SELECT b.first_seq FROM switchyard.batches b
          WHERE b.duplicate_key = i.key AND b.first_seq >= low
            AND (b.key_expires_at IS NULL OR b.key_expires_at > now_ms) LIMIT 1),
        (SELECT b.first_seq FROM switchyard.kept b
          WHERE b.duplicate_key = i.key AND (b.key_expires_at IS NULL OR b.key_expires_at > now_ms) LIMIT 1),
        CASE WHEN i.key IS NULL OR i.expiry IS NOT NULL THEN
          (SELECT b.first_seq FROM switchyard.batches b
            WHERE b.batch_id = i.id AND b.first_seq >= GREATEST(low, recent) LIMIT 1)
        END,
        CASE WHEN i.key IS NULL OR i.expiry IS NOT NULL THEN
          (SELECT b.first_seq FROM switchyard.kept b WHERE b.batch_id = i.id LIMIT 1)
        END) ORDER BY i.place)
        INTO repeats
        FROM unnest(ids, keys, expiries) WITH ORDINALITY AS i(id, key, expiry, place);
      SELECT COALESCE(SUM(i.count), 0) INTO total FROM unnest(counts, repeats) AS i(count, known) WHERE i.known IS NULL;
      IF next + total > (SELECT MAX(p.to_seq) FROM switchyard.partitions p) THEN
        RAISE EXCEPTION 'there is no partition up to %', next + total USING ERRCODE = 'SY001';
      END IF;
      INSERT INTO switchyard.batches (first_seq, event_count, batch_id, app, type, command, received_at, derivation,
        duplicate_key, key_expires_at, checksum, payload)
      SELECT next + SUM(i.count) OVER (ORDER BY i.place) - i.count, i.count, i.id, i.app, i.type, i.command, i.received,
        i.derivation, i.key, i.expiry, i.checksum, i.payload
      FROM unnest(ids, counts, apps, types, commands, received, derivations, keys, expiries, checksums, payloads, repeats)
        WITH ORDINALITY AS i(id, count, app, type, command, received, derivation, key, expiry, checksum, payload, known,
          place)
      WHERE i.known IS NULL;
      IF total > 0 THEN
        UPDATE switchyard.counter c SET next_seq = next + total WHERE c.id = 1;
      END IF;
      RETURN QUERY
        SELECT COALESCE(i.known, (next + SUM(CASE WHEN i.known IS NULL THEN i.count ELSE 0 END)
          OVER (ORDER BY i.place) - i.count)::int8), i.known IS NOT NULL
        FROM unnest(counts, repeats) WITH ORDINALITY AS i(count, known, place) ORDER BY i.place;
    END
    $function$;

    """

  /// One transaction for settlements of several lanes. Those whose lane is gone, or is another owner's by now, settle
  /// nothing; the lanes of the others are returned.
  private static let settling = """
    CREATE FUNCTION switchyard.settle_1(
      lanes int8[], lane_epochs int8[], cursors int8[], clocks bool[], held int8[], since int8[], holds bool[],
      untils int8[], gone int8[], paused int8[], due_by int8[],
      removed_lanes int8[], removed_firsts int8[],
      w_lanes int8[], w_firsts int8[], w_lasts int8[], w_counts int8[], w_states text[], w_accepted int8[],
      w_attempts int8[], w_due int8[], w_first_attempts int8[], w_ended int8[], w_errors text[], w_forms text[],
      w_members bytea[], w_keys bytea[], w_replays text[],
      a_lanes int8[], a_firsts int8[], a_lasts int8[], a_members bytea[], a_counts int8[], a_attempts int8[], a_at int8[],
      a_outcomes text[], a_statuses int8[], a_durations int8[], a_errors text[], a_answers bytea[], a_cut bool[],
      a_replays text[], may_be_lost bool
    ) RETURNS SETOF int8 LANGUAGE plpgsql SET enable_seqscan = off SET plan_cache_mode = force_generic_plan
    SET jit = off AS $function$
    DECLARE
      settled int8[];
    BEGIN
      -- What is lost of these when the server fails is delivered again.
      PERFORM set_config('synchronous_commit', CASE WHEN may_be_lost THEN 'off' ELSE 'on' END, true);
      WITH moved AS (
        UPDATE switchyard.lanes l SET next_seq = COALESCE(s.cursor, l.next_seq),
          held_ms = CASE WHEN s.has_clock THEN s.held ELSE l.held_ms END,
          held_since = CASE WHEN s.has_clock THEN s.since ELSE l.held_since END,
          hold_until = CASE WHEN s.has_hold THEN s.until ELSE l.hold_until END,
          gone_url = CASE WHEN s.has_hold THEN s.gone ELSE l.gone_url END,
          paused_at = CASE WHEN s.has_hold THEN s.paused ELSE l.paused_at END
        FROM unnest(lanes, lane_epochs, cursors, clocks, held, since, holds, untils, gone, paused)
          AS s(lane, epoch, cursor, has_clock, held, since, has_hold, until, gone, paused)
        WHERE l.lane_id = s.lane AND l.epoch IS NOT DISTINCT FROM s.epoch
        RETURNING l.lane_id)
      SELECT array_agg(m.lane_id) INTO settled FROM moved m;
      IF settled IS NULL THEN
        RETURN;
      END IF;
      UPDATE switchyard.exceptions e SET due_at = s.due_by FROM unnest(lanes, due_by) AS s(lane, due_by)
        WHERE s.due_by IS NOT NULL AND e.lane_id = s.lane AND s.lane = ANY (settled) AND e.state = 'retrying'
          AND e.due_at > s.due_by;
      IF cardinality(removed_lanes) > 0 THEN
        DELETE FROM switchyard.exceptions e USING unnest(removed_lanes, removed_firsts) AS r(lane, first)
          WHERE e.lane_id = r.lane AND e.first_seq = r.first AND r.lane = ANY (settled);
      END IF;
      IF cardinality(w_lanes) > 0 THEN
        INSERT INTO switchyard.exceptions (lane_id, first_seq, last_seq, event_count, state, accepted_at, attempts,
          due_at, first_attempt_at, ended_at, last_error, form, members, keys, replay_id)
        SELECT w.* FROM unnest(w_lanes, w_firsts, w_lasts, w_counts, w_states, w_accepted, w_attempts, w_due,
          w_first_attempts, w_ended, w_errors, w_forms, w_members, w_keys, w_replays) AS w(lane)
        WHERE w.lane = ANY (settled)
        ON CONFLICT (lane_id, first_seq) DO UPDATE SET
          last_seq = excluded.last_seq, event_count = excluded.event_count, state = excluded.state,
          accepted_at = excluded.accepted_at, attempts = excluded.attempts, due_at = excluded.due_at,
          first_attempt_at = excluded.first_attempt_at, ended_at = excluded.ended_at,
          last_error = excluded.last_error, form = excluded.form, members = excluded.members, keys = excluded.keys,
          replay_id = excluded.replay_id;
      END IF;
      IF cardinality(a_lanes) > 0 THEN
        INSERT INTO switchyard.attempts (lane_id, first_seq, last_seq, members, event_count, attempt, at, outcome, status,
          duration_ms, error, answer, is_answer_cut, replay_id)
        SELECT a.* FROM unnest(a_lanes, a_firsts, a_lasts, a_members, a_counts, a_attempts, a_at, a_outcomes, a_statuses,
          a_durations, a_errors, a_answers, a_cut, a_replays) AS a(lane)
        WHERE a.lane = ANY (settled);
      END IF;
      RETURN QUERY SELECT unnest(settled);
    END
    $function$;

    """

  /// All that is written of leases is on disk before it is answered: a lease that were forgotten could be given twice.
  private static let leasing = """
    CREATE FUNCTION switchyard.is_live_1(gateway int8) RETURNS bool LANGUAGE sql STABLE AS $function$
      SELECT EXISTS (
        SELECT 1 FROM switchyard.gateways g WHERE g.gateway_id = gateway AND g.lease_until > clock_timestamp())
    $function$;

    CREATE FUNCTION switchyard.renew_1(
      gateway int8, new_name text, new_fingerprint text, new_subscribers text[],
      new_misconfigured text[], lease_ms int8
    ) RETURNS void LANGUAGE plpgsql AS $function$
    DECLARE
      lease interval := lease_ms * interval '1 millisecond';
    BEGIN
      PERFORM set_config('synchronous_commit', 'on', true);
      UPDATE switchyard.gateways g SET lease_until = clock_timestamp() + lease
        WHERE g.gateway_id = gateway AND g.name = new_name AND g.fingerprint = new_fingerprint
          AND g.subscribers = new_subscribers AND g.misconfigured = new_misconfigured;
      IF NOT FOUND THEN
        INSERT INTO switchyard.gateways (gateway_id, name, fingerprint, subscribers, misconfigured, lease_until)
        VALUES (gateway, new_name, new_fingerprint, new_subscribers, new_misconfigured, clock_timestamp() + lease)
        ON CONFLICT (gateway_id) DO UPDATE SET name = excluded.name, fingerprint = excluded.fingerprint,
          subscribers = excluded.subscribers, misconfigured = excluded.misconfigured,
          lease_until = excluded.lease_until;
        -- What is gone for long is forgotten.
        DELETE FROM switchyard.gateways g WHERE g.lease_until < clock_timestamp() - 20 * lease;
      END IF;
    END
    $function$;

    CREATE FUNCTION switchyard.claim_1(gateway int8, claimed text[]) RETURNS int8 LANGUAGE plpgsql AS $function$
    DECLARE
      new_epoch int8 := nextval('switchyard.epochs');
    BEGIN
      PERFORM set_config('synchronous_commit', 'on', true);
      -- Its own row is locked, so that its lease does not run out, as others see it, in between.
      PERFORM 1 FROM switchyard.gateways g
        WHERE g.gateway_id = gateway AND g.lease_until > clock_timestamp() FOR SHARE;
      IF NOT FOUND THEN
        RETURN NULL;
      END IF;
      PERFORM 1 FROM switchyard.lanes l WHERE l.subscriber = ANY (claimed) ORDER BY l.lane_id FOR UPDATE;
      UPDATE switchyard.lanes l SET owner = gateway, epoch = new_epoch
        WHERE l.subscriber = ANY (claimed)
          AND (l.owner IS NULL OR l.owner = gateway OR NOT switchyard.is_live_1(l.owner));
      RETURN new_epoch;
    END
    $function$;

    CREATE FUNCTION switchyard.release_1(gateway int8, released text[]) RETURNS void LANGUAGE plpgsql AS $function$
    BEGIN
      PERFORM set_config('synchronous_commit', 'on', true);
      UPDATE switchyard.lanes l SET owner = NULL, epoch = nextval('switchyard.epochs')
        WHERE l.owner = gateway AND (released IS NULL OR l.subscriber = ANY (released));
      IF released IS NULL THEN
        DELETE FROM switchyard.gateways g WHERE g.gateway_id = gateway;
      END IF;
    END
    $function$;

    """
}
