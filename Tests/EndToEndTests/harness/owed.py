"""A gateway that is left owing everything that one can owe: what another version has to take over.

`samples/journal-of-schema-2.db` is what the last version of schema 2 left in its journal after `leave_owing` and a
clean stop. It is made, with the program of that version, by

    python -m harness.owed PROGRAM samples/journal-of-schema-2.db
"""

import contextlib
import pathlib
import shutil
import sqlite3
import sys
import tempfile
import time

from harness.gateway import Gateway
from harness.receiver import Answer, Receiver, accept
from harness.routes import routes, subscriber
from harness.tencent import Callback, pairs_body, post
from harness.waiting import eventually

BLOCK, UNBLOCK, FRIEND = "Sns.CallbackBlackListAdd", "Sns.CallbackBlackListDelete", "Sns.CallbackFriendAdd"
NAMES = ("audit", "ordered", "batches", "late")
RETRIES = {"delays": ["10m"], "jitter": 0}
# Longer than any retry waits, and shorter than anything is kept.
AGE_MILLISECONDS = 3_600_000
# Every moment that a journal of schema 2 holds.
MOMENTS = {
    "batches": ("received_at", "key_expires_at"),
    "dedup": ("expires_at",),
    "lanes": ("held_since", "hold_until", "forget_at"),
    "exceptions": ("accepted_at", "due_at", "first_attempt_at", "ended_at"),
}

# The same request ids each time, so that the events have the same ids in every journal.
CALLBACKS = (
    Callback(BLOCK, pairs_body(BLOCK, [("a", "ok"), ("a", "failing"), ("a", "refused")]), request_id="owed-1"),
    Callback(FRIEND, pairs_body(FRIEND, [("a", "failing")]), request_id="owed-2"),
    Callback(UNBLOCK, pairs_body(UNBLOCK, [("a", "gone")]), request_id="owed-3"),
)
EVENTS = 5
# What `audit` has had, and what it has not and is to be tried again.
DELIVERED, RETRYING, DEAD = 2, 2, 1


def owed_routes(receivers, **late):
    """Four subscribers: one by one, by key, in batches, and one that gets nothing (`late` overwrites its keys)."""
    keys = {
        "audit": {}, "ordered": {"ordering": "key"},
        "batches": {"format": "batch", "batch": {"max_events": EVENTS, "max_wait": "5s"}},
        "late": {"paused": True, **late},
    }
    return routes(*(subscriber(receivers[name], retry=RETRIES, unsigned=receivers[name].secret is None, **keys[name])
                    for name in NAMES))


def misbehave(receivers):
    """What `leave_owing` needs: each receiver fails in its own way."""
    receivers["audit"].answer = lambda one: Answer({"failing": 500, "refused": 400}.get(one.pair[1], 200))
    receivers["ordered"].answer = lambda one: Answer(500 if one.pair[1] == "failing" else 200)
    receivers["batches"].answer = lambda _: Answer(500)
    receivers["late"].answer = accept


def leave_owing(running, receivers):
    """Has the gateway take the callbacks, and waits until each subscriber is owed its own."""
    post(running, *CALLBACKS)

    def is_owing():
        metrics = running.metrics()
        waiting = {name: metrics.sum("switchyard_retries_waiting", subscriber=name) for name in NAMES}
        return (metrics.sum("switchyard_dead_letters", subscriber="audit") == DEAD and waiting["audit"] == RETRYING
                and waiting["ordered"] >= 1 and waiting["batches"] >= 1 and len(receivers["ordered"].acknowledged) == 3
                and metrics.sum("switchyard_backlog_events", subscriber="late") == EVENTS)

    eventually(is_owing, "everything is owed")


def states(path):
    """The states of what each subscriber's lane has recorded as an exception."""
    with contextlib.closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True)) as journal:
        found = journal.execute("SELECT subscriber, state FROM exceptions JOIN lanes USING (lane_id)").fetchall()
    return {name: sorted(state for subscriber_, state in found if subscriber_ == name) for name in NAMES}


def move_to_an_hour_ago(path):
    """Moves every moment of a stopped journal, so that its newest callback came an hour ago."""
    with contextlib.closing(sqlite3.connect(path)) as journal:
        [newest] = journal.execute("SELECT MAX(received_at) FROM batches").fetchone()
        by = int(time.time() * 1000) - AGE_MILLISECONDS - newest
        for table, columns in MOMENTS.items():
            for column in columns:
                journal.execute(f"UPDATE {table} SET {column} = {column} + ?", (by,))
        journal.commit()


def main(program, sample):
    receivers = {name: Receiver(name, signed=False).start() for name in NAMES}
    misbehave(receivers)
    with tempfile.TemporaryDirectory() as directory:
        running = Gateway(program, directory, owed_routes(receivers)).start()
        leave_owing(running, receivers)
        assert running.terminate() == 0
        shutil.copyfile(running.journal_path, sample)
    for one in receivers.values():
        one.stop()
    print(pathlib.Path(sample).stat().st_size, "bytes", states(sample))


if __name__ == "__main__":
    main(*sys.argv[1:])
