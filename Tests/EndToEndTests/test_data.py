"""What docs/data.md says of data that is kept and deleted holds."""

import contextlib
import re
import shlex
import sqlite3
import time

import pytest

from harness import Callback, eventually, pairs_body, post, routes, subscriber
from harness.receiver import Answer

COMMAND = "Sns.CallbackBlackListAdd"
ALICE = "account-alice-5d41402abc4b2a76"
GOOD = b"response-body-8ebfa9d4c2f04d1c"


@pytest.fixture(scope="module")
def document(root):
    return (root / "docs/data.md").read_text()


def callback(account=ALICE):
    return Callback(COMMAND, pairs_body(COMMAND, [(account, "bob"), ("carol", account)]))


def journal_files(running):
    """The bytes of every file of the journal, by name."""
    return {path.name: path.read_bytes() for path in running.directory.glob("switchyard.db*")}


def ask(path, sql):
    with contextlib.closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True, timeout=30)) as database:
        return database.execute(sql).fetchall()


def callbacks_kept(running):
    return ask(running.journal_path, "SELECT count(*) FROM batches")[0][0]


def test_a_callback_that_everybody_has_had_is_deleted_after_the_time_to_retain(gateway, receiver):
    audit = receiver()
    running = gateway(routes(subscriber(audit)), flags=["--retain", "3s"]).start()
    posted = time.monotonic()
    post(running, callback())
    audit.wait_for(2)
    assert callbacks_kept(running) == 1

    eventually(lambda: callbacks_kept(running) == 0, "it is deleted")

    assert time.monotonic() - posted >= 3


def test_an_undelivered_callback_outlives_the_time_to_retain(gateway, receiver):
    audit = receiver(answer=lambda _: Answer(500))
    other = receiver("other")
    running = gateway(routes(subscriber(audit, match={"from": [ALICE]}, retry={"delays": ["1h"], "jitter": 0}),
                             subscriber(other)), flags=["--retain", "1s"]).start()
    post(running, callback(), callback("dave"))

    eventually(lambda: callbacks_kept(running) == 1, "the one that nobody waits for is deleted")

    assert ALICE.encode() in ask(running.journal_path, "SELECT payload FROM batches")[0][0]
    running.wait_for_metric("switchyard_retries_waiting", 1, subscriber="audit")


def test_the_bytes_of_what_is_deleted_are_gone_once_the_file_is_written_anew(gateway, receiver, document):
    audit = receiver()
    running = gateway(routes(subscriber(audit)), flags=["--retain", "1s"]).start()
    post(running, callback())
    audit.wait_for(2)
    eventually(lambda: callbacks_kept(running) == 0, "it is deleted")
    assert running.terminate() == 0
    kept = [name for name, content in journal_files(running).items() if ALICE.encode() in content]
    assert kept == ["switchyard.db"], "the document warns of bytes that are not there"

    [line] = re.search(r"```sh erase\n(.*?)```", document, re.DOTALL)[1].splitlines()
    program, name, sql = shlex.split(line)
    assert (program, name) == ("sqlite3", running.journal_path.name)
    with contextlib.closing(sqlite3.connect(running.journal_path, isolation_level=None)) as database:
        database.executescript(sql)

    assert not [name for name, content in journal_files(running).items() if ALICE.encode() in content]
    running.start()
    post(running, callback("erin"))
    audit.wait_for(4)


def test_of_what_a_subscriber_answers_the_beginning_is_kept_and_only_of_failures(gateway, receiver):
    kept, beyond = b"k" * 2048, b"response-beyond-8ebfa9d4c2f04d1c"
    audit = receiver(answer=lambda one: Answer(*([400, {}, kept + beyond] if one.pair[0] == ALICE else [200, {}, GOOD])))
    running = gateway(routes(subscriber(audit))).start()
    post(running, callback())
    running.wait_for_metric("switchyard_dead_letters", 1, subscriber="audit")
    running.wait_for_metric("switchyard_backlog_events", 0, subscriber="audit")
    assert running.terminate() == 0

    rows = ask(running.journal_path, "SELECT outcome, answer, is_answer_cut FROM attempts")
    assert rows == [("http_4xx", kept, 1)]
    for unwanted in (beyond, GOOD):
        assert not [name for name, content in journal_files(running).items() if unwanted in content]
    errors = {error for error, in ask(running.journal_path, "SELECT last_error FROM exceptions")}
    assert len(errors) == 1
    assert "400" in errors.pop()


def test_attempts_go_with_their_age(gateway, receiver):
    audit = receiver(answer=lambda _: Answer(400, body=GOOD))
    running = gateway(routes(subscriber(audit, keep="3s"))).start()
    post(running, callback())
    running.wait_for_metric("switchyard_dead_letters", 2, subscriber="audit")
    eventually(lambda: len(ask(running.journal_path, "SELECT 1 FROM attempts")) == 2, "they are kept")

    eventually(lambda: not ask(running.journal_path, "SELECT 1 FROM attempts"), "they are deleted", 90)


def test_an_account_is_found_over_the_admin_door(gateway, receiver):
    audit = receiver()
    running = gateway(routes(subscriber(audit))).start()
    post(running, callback("alice"), callback("dave"))
    audit.wait_for(4)

    found = running.document("/v1/events?account=alice")["events"]

    assert [(event["from"], event["to"]) for event in found] == [("alice", "bob"), ("carol", "alice")]


def test_the_query_for_a_person_finds_their_callbacks_in_a_copy(gateway, receiver, document, tmp_path):
    audit = receiver()
    running = gateway(routes(subscriber(audit))).start()
    post(running, callback("alice"), callback("dave"))
    audit.wait_for(4)
    sql = re.search(r'sqlite3 copy\.db "(SELECT.*?)"\n', document, re.DOTALL)[1]
    with contextlib.closing(sqlite3.connect(running.journal_path)) as journal, \
            contextlib.closing(sqlite3.connect(tmp_path / "copy.db")) as copy:
        journal.backup(copy)

    found = ask(tmp_path / "copy.db", sql)

    assert [row[1] for row in found] == [COMMAND]
    assert found[0][2].startswith("20")
