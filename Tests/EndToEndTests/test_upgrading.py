"""A journal goes on under another version: up from the one before, and back to it.

Upgrading is held against a journal that the last program of schema 2 has left. Rolling back needs that program: with
`SWITCHYARD_PREVIOUS_BINARY` naming it, it is run on what this version has left, and without, that test is not there
at all. What always runs is what can be known without it: the marks in the file by which the program before decides
whether to open it, that its tables still take what it writes, and that what it does to them (done here with SQLite, by
the statements of `Sources/SQLiteJournal` as schema 2 had them) loses nothing when this version goes on.
"""

import contextlib
import os
import pathlib
import shutil
import sqlite3
import time

from harness import Admin, Callback, eventually, pairs_body, post, routes, subscriber
from harness.owed import (BLOCK, CALLBACKS, DELIVERED, EVENTS, NAMES, RETRYING, leave_owing, misbehave,
                          move_to_an_hour_ago, owed_routes, states)
from harness.receiver import accept, failing

SAMPLE = pathlib.Path(__file__).parent / "samples/journal-of-schema-2.db"
PREVIOUS = os.environ.get("SWITCHYARD_PREVIOUS_BINARY")
LONG_AGO = "2020-01-01T00:00:00Z"
A_WEEK_MILLISECONDS = 7 * 86_400_000


def marks(path):
    """(schema, oldest compatible)."""
    return ask(path, "SELECT schema, oldest_compatible FROM meta")[0]


def ask(path, sql):
    with contextlib.closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True, timeout=30)) as database:
        return database.execute(sql).fetchall()


def columns(path):
    """What a program that knows the table relies on, by table and column: type, NOT NULL, default, primary key."""
    tables = [name for name, in ask(path, "SELECT name FROM sqlite_schema WHERE type = 'table'")]
    return {(table, row[1]): row[2:] for table in tables for row in ask(path, f"PRAGMA table_info({table})")}


def old_journal(running):
    """Puts the sample in the place of the journal, as one that was stopped an hour ago."""
    shutil.copyfile(SAMPLE, running.journal_path)
    move_to_an_hour_ago(running.journal_path)


def owing(gateway, receiver, **late):
    receivers = {name: receiver(name) for name in NAMES}
    return receivers, gateway(owed_routes(receivers, **late))


def test_the_sample_owes_what_it_is_said_to_owe():
    assert marks(SAMPLE) == (2, 2)
    assert states(SAMPLE) == {"audit": ["dead", "retrying", "retrying"], "ordered": ["parked", "retrying"],
                              "batches": ["retrying"], "late": []}


def test_after_an_upgrade_everything_that_was_owed_arrives(gateway, receiver):
    receivers, running = owing(gateway, receiver, paused=False)
    old_journal(running)

    running.start()

    late = receivers["late"].wait_for(EVENTS)
    audit = receivers["audit"].wait_for(RETRYING)
    ordered = receivers["ordered"].wait_for(2)
    [batch] = receivers["batches"].wait_for(1)
    assert {one.pair for one in audit} == {("a", "failing")} and {one.attempt for one in audit} == {2}
    assert [(one.event["type"], one.attempt) for one in ordered] == [
        ("com.tencent.chat.blocklist.added", 2), ("com.tencent.chat.friend.added", 1)]
    assert len(batch.events) == EVENTS and batch.attempt == 2
    ids = {one.id for one in late}
    assert {event["id"] for event in batch.events} == ids
    assert {one.id for one in audit} | {one.id for one in ordered} <= ids
    for name in NAMES:
        running.wait_until_settled(name)


def test_after_an_upgrade_the_dead_letter_is_listed_shown_and_sent_again(gateway, receiver):
    receivers, running = owing(gateway, receiver)
    old_journal(running)
    admin = Admin(running.start())

    [letter] = admin.get("/v1/dead-letters")["deadLetters"]
    assert (letter["subscriber"], letter["state"], letter["attempts"]) == ("audit", "dead", 1)
    story = admin.get(f"/v1/dead-letters/{letter['id']}")
    assert "refused" in story["request"]["body"] and story["attempts"] == [], "no attempts were kept then"
    states_of_it = {entry["subscriber"]: entry["state"]
                    for entry in admin.get(f"/v1/events/{letter['eventId']}")["subscribers"]}
    assert states_of_it["audit"] == "dead" and states_of_it["late"] == "waiting"

    receivers["audit"].wait_for(RETRYING)
    assert admin.post("/v1/dead-letters/replay", {"subscriber": "audit"})["events"] == 1
    again = receivers["audit"].wait_for(RETRYING + 1)[-1]
    assert (again.id, again.pair) == (letter["eventId"], ("a", "refused"))


def test_an_upgrade_is_written_into_the_file_and_repeats_are_still_known(gateway, receiver):
    receivers, running = owing(gateway, receiver)
    old_journal(running)
    mark = ask(running.journal_path, "SELECT gateway_mark FROM meta")
    head = Admin(running.start()).get("/v1/stats")["journal"]["head"]

    post(running, *(one.again() for one in CALLBACKS))

    assert Admin(running).get("/v1/stats")["journal"]["head"] == head == EVENTS + 1, "repeats made new events"
    assert running.terminate() == 0
    assert marks(running.journal_path) == (3, 2)
    assert ask(running.journal_path, "SELECT gateway_mark FROM meta") == mark
    assert ask(running.journal_path, "PRAGMA integrity_check") == [("ok",)]


def test_a_kill_at_any_moment_of_the_first_start_leaves_a_journal_that_starts(gateway, receiver):
    receivers, running = owing(gateway, receiver, paused=False)
    old_journal(running)

    for pause in (0, 0.01, 0.02, 0.05, 0.1):
        running.launch()
        time.sleep(pause)
        running.kill()
    running.start()

    receivers["late"].wait_for(EVENTS)
    receivers["audit"].wait_for(RETRYING)
    assert marks(running.journal_path) == (3, 2)


def test_what_a_newer_version_has_made_is_refused_and_left_as_it_is(gateway, receiver):
    running = gateway(routes(subscriber(receiver())))
    old_journal(running)
    with contextlib.closing(sqlite3.connect(running.journal_path)) as journal:
        journal.execute("UPDATE meta SET schema = 9, oldest_compatible = 9")
        journal.commit()
    before = running.journal_path.read_bytes()

    running.launch()

    assert running.wait() == 1
    assert "was written by a newer version (schema 9, usable from schema 9 on" in running.log_text
    assert running.journal_path.read_bytes() == before


# Rolling back.

def with_operations(gateway, receiver):
    """A gateway of this version with what the one before knows nothing of: a pause, a replay that waits, attempts."""
    audit, held = receiver(), receiver("held")
    flaky = receiver("flaky", answer=failing(500))
    running = gateway(routes(subscriber(audit), subscriber(held), subscriber(flaky))).start()
    admin = Admin(running)
    post(running, *(Callback(BLOCK, pairs_body(BLOCK, [("a", f"b{number}")])) for number in range(4)))
    audit.wait_for(4)
    held.wait_for(4)
    flaky.wait_for_requests(1)
    replay = admin.post("/v1/replays", {"subscriber": "audit", "from": LONG_AGO, "rateLimit": "1/s"})
    admin.post(f"/v1/replays/{replay['id']}/pause")
    admin.post("/v1/subscribers/held/pause")
    post(running, Callback(BLOCK, pairs_body(BLOCK, [("a", "while-held")])))
    audit.wait_for_pairs([("a", "while-held")])
    running.wait_for_metric("switchyard_retries_waiting", 5, subscriber="flaky")
    return running, admin, replay, audit, held, flaky


def attempts_of(path):
    return set(ask(path, "SELECT attempt_id, lane_id, first_seq, attempt, at, outcome, answer FROM attempts"))


def replayed(audit):
    return [one for one in audit.deliveries if "switchyard-replay" in one.headers]


def goes_on_with_its_replay(admin, replay, audit):
    """The replay that was made before the rollback is there, paused, and sends what it had not sent."""
    known = admin.get(f"/v1/replays/{replay['id']}")
    assert known["state"] == "paused" and known["totalEvents"] == 4 and len(replayed(audit)) < 4
    admin.post(f"/v1/replays/{replay['id']}/resume")
    eventually(lambda: admin.get(f"/v1/replays/{replay['id']}")["state"] == "done", "it is done")
    assert {one.headers["switchyard-replay"] for one in replayed(audit)} == {replay["id"]}
    assert {one.pair[1] for one in replayed(audit)} == {"b0", "b1", "b2", "b3"}


def test_the_file_says_that_the_version_before_may_open_it_and_has_all_that_this_relies_on(gateway, receiver):
    running, *_ = with_operations(gateway, receiver)
    assert running.terminate() == 0

    assert marks(running.journal_path) == (3, 2)
    now, before = columns(running.journal_path), columns(SAMPLE)
    assert {key: now.get(key) for key in before} == before
    for (table, column), (_, is_required, default, _) in now.items():
        if (table, column) not in before and (table, "lane_id") in before:
            assert not is_required or default is not None, f"{table}.{column} cannot be left out, as it is by schema 2"


def test_after_what_the_version_before_does_to_the_file_this_one_goes_on(gateway, receiver):
    running, admin, replay, audit, held, _ = with_operations(gateway, receiver)
    assert running.terminate() == 0
    kept = attempts_of(running.journal_path)
    with contextlib.closing(sqlite3.connect(running.journal_path)) as journal:
        # It delivers to whom is paused, takes the replay's lane for a removed subscriber's, and adds a subscriber.
        journal.execute("UPDATE lanes SET next_seq = 6, held_ms = 0, held_since = NULL, hold_until = NULL, "
                        "gone_url = NULL WHERE subscriber = 'held'")
        journal.execute("UPDATE lanes SET forget_at = ? WHERE subscriber = ?",
                        (int(time.time() * 1000) + A_WEEK_MILLISECONDS, f"replay:{replay['id']}"))
        journal.execute("INSERT INTO lanes (subscriber, next_seq) VALUES ('other', 6) "
                        "ON CONFLICT (subscriber) DO UPDATE SET forget_at = NULL")
        assert journal.total_changes == 3
        journal.commit()

    running.start()

    assert attempts_of(running.journal_path) >= kept
    assert admin.subscriber("held")["state"] == "paused", "what was paused is paused again"
    assert [one["name"] for one in admin.get("/v1/subscribers")["removed"]] == ["other"]
    goes_on_with_its_replay(admin, replay, audit)
    admin.post("/v1/subscribers/held/resume")
    post(running, Callback(BLOCK, pairs_body(BLOCK, [("a", "after")])))
    held.wait_for_pairs([("a", "after")])
    assert ("a", "while-held") not in held.pairs, "it was delivered by the version before"


if PREVIOUS:

    def test_the_version_before_takes_the_journal_over_and_gives_it_back(gateway, receiver):
        running, admin, replay, audit, held, flaky = with_operations(gateway, receiver)
        assert running.terminate() == 0
        kept, binary, sent = attempts_of(running.journal_path), running.binary, len(replayed(audit))

        running.binary = PREVIOUS
        running.start()
        held.wait_for_pairs([("a", "while-held")])
        post(running, Callback(BLOCK, pairs_body(BLOCK, [("a", "meanwhile")])))
        for one in (audit, held):
            one.wait_for_pairs([("a", "meanwhile")])
        assert len(replayed(audit)) == sent, "it knows nothing of replays"
        assert running.terminate() == 0
        assert marks(running.journal_path) == (3, 2)

        running.binary = binary
        flaky.answer = accept
        running.start()
        assert attempts_of(running.journal_path) >= kept
        assert admin.subscriber("held")["state"] == "paused"
        goes_on_with_its_replay(admin, replay, audit)
        admin.post("/v1/subscribers/flaky/resume")
        post(running, Callback(BLOCK, pairs_body(BLOCK, [("a", "after")])))
        flaky.wait_for(7)
        admin.post("/v1/subscribers/held/resume")
        held.wait_for_pairs([("a", "after")])
        assert len(held.deliveries) == 7, "nothing came twice"

    def test_the_version_before_leaves_what_the_sample_owes(gateway, receiver):
        """So that the sample is not the only witness of that version."""
        receivers, running = owing(gateway, receiver)
        misbehave(receivers)
        binary, running.binary = running.binary, PREVIOUS
        leave_owing(running.start(), receivers)
        running.kill()
        for one in receivers.values():
            one.answer = accept
        running.binary = binary
        running.write_routes(owed_routes(receivers, paused=False))
        admin = Admin(running.start())
        for name in NAMES:
            admin.post(f"/v1/subscribers/{name}/resume")
        receivers["late"].wait_for(EVENTS)
        receivers["audit"].wait_for(DELIVERED + RETRYING)
        receivers["ordered"].wait_for(EVENTS)
        receivers["batches"].wait_for(1)
