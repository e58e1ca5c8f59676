"""Copies of a running journal: made under load, refused where they must be, and restored."""

import contextlib
import http.client
import os
import random
import shutil
import sqlite3
import stat
import threading
import time

import pytest

from harness import (Admin, AdminError, Answer, Callback, Gateway, eventually, pairs_body, post, routes,
                     subscriber)
from harness.receiver import accept, failing
from harness.traffic import COMMAND, Traffic
from harness.volume import Volume

# Enough that a copy takes a moment: some tens of MiB.
LARGE = 300
PADDING = "x" * 100_000
VOLUME_MIB = 16
PAGE_BYTES = 4096


def one(name, sender="a", **fields):
    return Callback(COMMAND, pairs_body(COMMAND, [(sender, name)], **fields))


def fill(running, count=LARGE):
    """Incompressible enough, and far more than is copied in one turn."""
    post(running, *(one(f"large{number}", "filler", Padding=PADDING) for number in range(count)))


def ask(path, sql):
    with contextlib.closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True, timeout=30)) as database:
        return database.execute(sql).fetchall()


def backed_up(running, name="copy.db"):
    """Makes a copy; returns its path and the answer."""
    path = running.directory / name
    return path, Admin(running).post("/v1/backup", {"path": str(path)})


def refusal(running, body):
    with pytest.raises(AdminError) as refused:
        Admin(running).post("/v1/backup", body)
    assert refused.value.document["detail"].endswith(".")
    return refused.value.status, refused.value.document["detail"]


def files_beside(running, stem="copy"):
    return sorted(path.name for path in running.directory.glob(f"{stem}*"))


def restored(gateway, copy, entries, **options):
    """A gateway in a directory of its own, with the copy in the place of its journal."""
    running = gateway(entries, **options)
    shutil.copyfile(copy, running.journal_path)
    return running.start()


def test_a_copy_under_load_is_whole_and_holds_everything_that_was_acknowledged_before_it(gateway, receiver):
    audit, down = receiver(), receiver("down", answer=failing(500))
    entries = routes(subscriber(audit), subscriber(down, breaker={"open_after": 3, "probe_every": "10m"}))
    running = gateway(entries).start()
    fill(running)
    with Traffic(running, "load") as load:
        eventually(lambda: load.begun > 20, "the load is on")
        # Of those that have begun all but the one under way are answered.
        acknowledged = load.begun - 1
        copy, answer = backed_up(running)
        taken = load.begun
        eventually(lambda: load.begun > taken + 20, "callbacks are taken afterwards too")

    assert ask(copy, "PRAGMA integrity_check") == [("ok",)]
    assert stat.S_IMODE(copy.stat().st_mode) == 0o600
    assert files_beside(running) == ["copy.db"], "nothing is left beside it"
    assert answer["sizeBytes"] == copy.stat().st_size
    [(held,)] = ask(copy, "SELECT SUM(event_count) FROM batches")
    assert answer["events"] == held and answer["head"] == held + 1
    assert LARGE + acknowledged <= held <= LARGE + taken
    [line] = [line for line in running.current_log if line["message"] == "journal backed up over the admin door"]
    assert line["file"] == str(copy) and line["peer"]

    # On the copy it goes on: what the one subscriber has not had, and repeats with the same ids at the other.
    first = {one.pair: one.id for one in audit.wait_for(LARGE + load.begun)}
    running.terminate()
    seen = len(audit.deliveries)
    down.answer = accept
    again = restored(gateway, copy, entries)
    Admin(again).post("/v1/subscribers/down/resume")
    wanted = {("filler", f"large{number}") for number in range(LARGE)}
    wanted |= {("load", str(number)) for number in range(1, acknowledged + 1)}
    down.wait_for_pairs(wanted)
    again.wait_until_settled("down")
    again.wait_until_settled("audit")
    assert len(down.ids) == held
    assert all(first[one.pair] == one.id for one in audit.deliveries[seen:] + down.deliveries)
    post(again, one("after", "load"))
    audit.wait_for_pairs([("load", "after")])


def test_a_copy_has_the_state_of_every_delivery_and_the_last_good_routes(gateway, receiver):
    audit = receiver(answer=lambda each: Answer({"dead": 400, "late": 500}.get(each.pair[1], 200)))
    entries = routes(subscriber(audit, retry={"delays": ["1h"], "jitter": 0}))
    running = gateway(entries).start()
    post(running, one("fine"), one("dead"), one("late"))
    running.wait_for_metric("switchyard_dead_letters", 1, subscriber="audit")
    running.wait_for_metric("switchyard_retries_waiting", 1, subscriber="audit")
    running.wait_for_metric("switchyard_backlog_events", 1, subscriber="audit")
    Admin(running).post("/v1/subscribers/audit/pause")
    letters = Admin(running).get("/v1/dead-letters")
    copy, _ = backed_up(running)
    running.kill()

    again = restored(gateway, copy, "version: 1\napps: nonsense\n")
    audit.answer = accept

    assert any("running on the last good copy" in line["message"] for line in again.current_log)
    admin = Admin(again)
    assert admin.get("/v1/dead-letters") == letters
    assert admin.subscriber()["state"] == "paused" and admin.subscriber()["retriesWaiting"] == 1
    assert len(admin.get(f"/v1/dead-letters/{letters['deadLetters'][0]['id']}")["attempts"]) == 1
    admin.post("/v1/subscribers/audit/resume")
    audit.wait_for_pairs([("a", "late")])
    assert [each.pair[1] for each in audit.deliveries].count("fine") == 1


def test_a_copy_is_refused_where_it_cannot_or_must_not_be(gateway, receiver):
    running = gateway(routes(subscriber(receiver()))).start()
    there = running.directory / "there.db"
    there.write_bytes(b"somebody's")
    folder = running.directory / "not-there"

    status, words = refusal(running, {"path": str(there)})
    assert status == 409 and "There is a file" in words and there.read_bytes() == b"somebody's"
    assert refusal(running, {"path": str(running.journal_path)})[0] == 409
    assert refusal(running, {"path": str(running.directory)})[0] in (400, 409)
    status, words = refusal(running, {"path": f"{folder}/copy.db"})
    assert status == 409 and str(folder) in words and "make it first" in words and not folder.exists()
    for body in ({"path": "copy.db"}, {"path": f"{running.directory}/"}, {"path": ""}, {"path": "/" + "x" * 4096},
                 {"path": 7}, {"path": "/tmp/a\0b"}, {"file": "/tmp/x"}, {}, [], None):
        assert refusal(running, body)[0] == 400, body
    assert running.status_of("/readyz") == 200
    assert files_beside(running) == []


def test_two_copies_are_not_made_at_once(gateway, receiver):
    running = gateway(routes(subscriber(receiver()))).start()
    fill(running)
    answers = []

    def ask_for(number):
        try:
            answers.append((200, backed_up(running, f"copy-{number}.db")[0].name))
        except AdminError as refused:
            answers.append((refused.status, refused.document["detail"]))

    threads = [threading.Thread(target=ask_for, args=(number,)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=60)

    made = [name for status, name in answers if status == 200]
    refused = [words for status, words in answers if status == 409]
    assert len(answers) == 4 and made and refused and len(made) + len(refused) == 4
    assert all("Another backup is being made" in words for words in refused)
    assert files_beside(running) == sorted(made)


def test_a_copy_that_would_fill_the_volume_is_refused_and_a_small_one_is_not(gateway, receiver, tmp_path, binary):
    with Volume(tmp_path / "small", VOLUME_MIB) as volume:
        running = gateway(routes(subscriber(receiver()))).start()
        target = tmp_path / "small/copy.db"
        if volume.prefix:
            # Only inside its namespace is the volume there: the gateway has to be in it too.
            running.terminate()
            running.command = lambda: [*volume.prefix, *Gateway.command(running)]
            running.start()
        Admin(running).post("/v1/backup", {"path": str(target)})
        assert ask(volume.path / "copy.db", "PRAGMA integrity_check") == [("ok",)]
        before = volume.free
        fill(running, VOLUME_MIB * 10)

        status, words = refusal(running, {"path": str(tmp_path / "small/second.db")})

        assert status == 503 and "is to stay free; choose another folder" in words
        assert volume.free == before and [path.name for path in volume.path.iterdir()] == ["copy.db"]
        assert running.terminate() == 0


def test_a_kill_in_the_middle_of_a_copy_leaves_no_file_under_its_name_and_the_next_works(gateway, receiver):
    audit = receiver()
    running = gateway(routes(subscriber(audit))).start()
    fill(running)
    chance = random.Random(11)
    interrupted = 0
    for turn in range(8):
        path = running.directory / f"copy-{turn}.db"
        asking = threading.Thread(target=_ignoring_the_end, args=(running, path), daemon=True)
        asking.start()
        eventually(lambda: unfinished(path) or path.exists(), "it has begun")
        time.sleep(chance.random() * 0.05)
        running.kill()
        asking.join(timeout=30)
        # Either it is not there, or it had been finished and is whole.
        if path.exists():
            assert ask(path, "PRAGMA integrity_check") == [("ok",)]
        else:
            interrupted += 1
            assert {stat.S_IMODE(left.stat().st_mode) for left in unfinished(path)} == {0o600}
        running.start()
        if interrupted >= 3:
            break
    assert interrupted, "no copy was interrupted"

    # Under the same name: what was left of it is no obstacle.
    copy, answer = backed_up(running, path.name) if not path.exists() else backed_up(running)
    assert answer["events"] == LARGE and ask(copy, "PRAGMA integrity_check") == [("ok",)]
    post(running, one("after"))
    audit.wait_for_pairs([("a", "after")])


def unfinished(path):
    """What there is of copies that are to have this name."""
    return list(path.parent.glob(path.name + ".unfinished-*"))


def _ignoring_the_end(running, path):
    with contextlib.suppress(OSError, http.client.HTTPException, AdminError):
        Admin(running).post("/v1/backup", {"path": str(path)})


def test_a_copy_is_restored_over_a_damaged_journal(gateway, receiver):
    audit, down = receiver(), receiver("down")
    down.stop()
    running = gateway(routes(subscriber(audit), subscriber(down, breaker={"open_after": 1, "probe_every": "1s"})))
    running.start()
    post(running, one("before"))
    audit.wait_for_pairs([("a", "before")])
    copy, _ = backed_up(running)
    post(running, one("between"))
    audit.wait_for_pairs([("a", "between")])
    ids = {each.pair: each.id for each in audit.deliveries}
    assert running.terminate() == 0
    content = running.journal_path.read_bytes()
    running.journal_path.write_bytes(content[:PAGE_BYTES] + os.urandom(len(content) - PAGE_BYTES))

    running.launch()
    assert running.wait() == 1, "it started on a damaged journal"
    assert "damaged" in running.log_text.splitlines()[-1]
    for path in running.directory.glob("switchyard.db*"):
        path.rename(running.directory / f"damaged-{path.name}")
    shutil.copyfile(copy, running.journal_path)
    running.start()
    down.start()

    down.wait_for_pairs([("a", "before")])
    assert stat.S_IMODE(running.journal_path.stat().st_mode) == 0o600, "it is made private again"
    running.wait_until_settled("audit")
    post(running, one("after"))
    for each in (audit, down):
        each.wait_for_pairs([("a", "after")])
    assert ("a", "between") not in down.pairs, "what was accepted after the copy is lost"
    assert all(ids.get(each.pair, each.id) == each.id for each in audit.deliveries)
    assert ask(running.journal_path, "SELECT COUNT(*) FROM batches") == [(2,)]


def test_the_files_of_a_running_gateway_copied_without_the_log_are_no_copy(gateway, receiver, tmp_path):
    """What docs/operating.md warns of."""
    running = gateway(routes(subscriber(receiver()))).start()
    post(running, one("first"))
    shutil.copyfile(running.journal_path, tmp_path / "by-hand.db")
    copy, _ = backed_up(running)

    assert ask(copy, "SELECT COUNT(*) FROM batches") == [(1,)]
    try:
        assert ask(tmp_path / "by-hand.db", "SELECT COUNT(*) FROM batches") == [(0,)]
    except sqlite3.OperationalError as error:
        assert "no such table" in str(error)


def test_two_gateways_on_copies_of_one_journal_have_one_mark(gateway, receiver):
    """Which is why they must not run in one chain: each would take the other's callbacks for its own come back."""
    running = gateway(routes(subscriber(receiver()))).start()
    copy, _ = backed_up(running)

    assert ask(copy, "SELECT gateway_mark FROM meta") == ask(running.journal_path, "SELECT gateway_mark FROM meta")


@pytest.mark.parametrize("suffix", ["-journal", "-wal", "-shm", "-lock"])
def test_a_copy_is_never_taken_for_a_part_of_the_journal(gateway, receiver, suffix):
    """SQLite would take a file of such a name for one of its own: with `-journal` the next start fails."""
    running = gateway(routes(subscriber(receiver()))).start()
    status, _ = refusal(running, {"path": f"{running.journal_path}{suffix}"})
    assert status in (400, 409)
    beside = running.directory / f"copy.db{suffix}"
    beside.write_text("of something else")
    if suffix != "-lock":
        assert refusal(running, {"path": str(running.directory / "copy.db")})[0] == 409
    running.kill()
    running.start()
