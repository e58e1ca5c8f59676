"""`journal copy` moves a journal that nobody serves, and a gateway goes on with the copy; a spool needs PostgreSQL."""

import json
import shutil
import stat

from harness import Callback, eventually, pairs_body, post, routes, subscriber
from harness.commands import run
from harness.receiver import failing
from harness.traffic import COMMAND

FAILURE, USAGE = 1, 64


def one(name):
    return Callback(COMMAND, pairs_body(COMMAND, [("a", name)]))


def test_a_gateway_goes_on_with_the_copy_where_it_has_stopped(gateway, receiver, binary):
    good, bad = receiver("good"), receiver("bad", answer=failing(500))
    running = gateway(routes(subscriber(good), subscriber(bad, retry={"delays": ["1h"]}))).start()
    first = one("b")
    post(running, first, one("c"))
    running.wait_for_metric("switchyard_deliveries_total", 2, subscriber="good", result="delivered")
    running.wait_for_metric("switchyard_retries_waiting", 2, subscriber="bad")

    used = run(binary, "journal", "copy", "sqlite:switchyard.db", "sqlite:copy.db", cwd=running.directory)
    assert used.returncode == FAILURE and "is in use by another gateway" in used.stderr, used.stderr
    assert running.terminate() == 0
    copied = run(binary, "journal", "copy", "sqlite:switchyard.db", "sqlite:copy.db", "--json", cwd=running.directory)
    assert copied.returncode == 0, copied.stderr
    told = json.loads(copied.stdout)
    assert (told["callbacks"], told["lanes"], told["exceptions"], told["head"]) == (2, 2, 2, 3)
    assert len(told["sha256"]) == 64
    copy = running.directory / "copy.db"
    assert stat.S_IMODE(copy.stat().st_mode) == 0o600

    again = run(binary, "journal", "copy", "sqlite:switchyard.db", "sqlite:copy.db", cwd=running.directory)
    assert again.returncode == FAILURE and "it is not empty" in again.stderr, again.stderr

    shutil.move(running.journal_path, running.directory / "old.db")
    shutil.move(copy, running.journal_path)
    running.start()
    eventually(lambda: running.metrics().value("switchyard_retries_waiting", subscriber="bad") == 2, "retries wait")
    seen = len(good.deliveries)
    post(running, first, one("d"))
    running.wait_for_metric("switchyard_callbacks_duplicate_total", 1)
    eventually(lambda: len(good.deliveries) == seen + 1, "only the new one is delivered")


def test_what_is_no_journal_is_told(binary, tmp_path):
    def copy(*words):
        return run(binary, "journal", "copy", *words, cwd=tmp_path)

    missing = copy("sqlite:missing.db", "sqlite:copy.db")
    assert missing.returncode == FAILURE and "there is no journal sqlite:missing.db" in missing.stderr
    assert list(tmp_path.iterdir()) == []
    assert copy("missing.db", "sqlite:copy.db").returncode == USAGE
    assert copy("sqlite:a.db", "sqlite:a.db").returncode == USAGE
    secret = copy("mysql://me:secret@db/a", "sqlite:a.db")
    assert secret.returncode == USAGE and "secret" not in secret.stderr


def test_a_spool_is_for_a_journal_on_postgresql(binary, tmp_path):
    started = run(binary, "serve", "--spool", "spool.db", cwd=tmp_path)

    assert started.returncode == USAGE
    assert "--spool spool.db is for a journal on PostgreSQL" in started.stderr
    assert list(tmp_path.iterdir()) == []


def test_without_a_spool_its_metrics_are_zero(gateway, receiver):
    served = gateway(routes(subscriber(receiver()))).start().metrics()

    for name in ("switchyard_spool_callbacks", "switchyard_spool_oldest_timestamp_seconds",
                 "switchyard_spooled_callbacks_total"):
        assert served.value(name) == 0, name
