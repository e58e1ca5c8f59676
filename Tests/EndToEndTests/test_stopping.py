"""How the gateway stops: politely, with what is under way finished, or at once."""

import contextlib
import http.client
import signal
import sqlite3
import threading

from harness import Admin, AdminError, Callback, Tencent, eventually, pairs_body, post, routes, subscriber
from harness.receiver import delayed

COMMAND = "Sns.CallbackBlackListAdd"


def one(name):
    return Callback(COMMAND, pairs_body(COMMAND, [("a", name)]))


def test_sigterm_with_linger_keeps_accepting_while_not_ready(gateway, receiver):
    audit = receiver()
    running = gateway(routes(subscriber(audit)), flags=["--linger", "3s"]).start()
    tencent = Tencent(running)
    before = tencent.post(one("before"))
    assert before.ok and before.headers.get("connection", "").lower() != "close"

    running.send_signal(signal.SIGTERM)
    eventually(lambda: running.status_of("/readyz") == 503, "/readyz is 503")

    lingering = tencent.post(one("lingering"))
    assert lingering.ok
    assert lingering.headers["connection"].lower() == "close"
    assert running.status_of("/livez") == 200
    assert running.wait() == 0
    audit.wait_for_pairs([("a", "before"), ("a", "lingering")])
    assert running.current_log[-1]["message"] == "stopped"


def test_sigterm_finishes_the_deliveries_under_way(gateway, receiver):
    audit = receiver(answer=delayed(1.5))
    running = gateway(routes(subscriber(audit))).start()
    post(running, one("slow"))
    audit.wait_for_requests(1)

    assert running.terminate() == 0

    assert audit.pairs == {("a", "slow")}, "it did not wait for the answer"
    running.start()
    post(running, one("next"))
    audit.wait_for_pairs([("a", "next")])
    assert len(audit.deliveries) == 2, "what was finished while stopping is not sent again"


def test_drain_bounds_how_long_a_stop_waits_and_nothing_is_lost(gateway, receiver):
    audit = receiver(answer=delayed(60))
    running = gateway(routes(subscriber(audit, timeout="90s")), flags=["--drain", "1s"]).start()
    post(running, one("hanging"))
    audit.wait_for_requests(1)

    running.send_signal(signal.SIGTERM)

    assert running.wait(timeout=20) == 0
    audit.answer = delayed(0)
    running.start()
    audit.wait_for_pairs([("a", "hanging")])


def test_a_second_sigterm_leaves_at_once(gateway, receiver):
    running = gateway(routes(subscriber(receiver())), flags=["--linger", "60s"]).start()
    running.send_signal(signal.SIGTERM)
    eventually(lambda: running.status_of("/readyz") == 503, "/readyz is 503")

    running.send_signal(signal.SIGTERM)

    assert running.wait(timeout=10) == 1
    assert "stopped at once by a second signal" in running.log_text.splitlines()[-1]


def test_sigint_does_not_linger(gateway, receiver):
    running = gateway(routes(subscriber(receiver())), flags=["--linger", "60s"]).start()

    running.send_signal(signal.SIGINT)

    assert running.wait(timeout=20) == 0


def test_a_stop_with_idle_connections_open_does_not_wait_for_them(gateway, receiver):
    running = gateway(routes(subscriber(receiver()))).start()
    idle = Tencent(running)
    assert idle.post(one("b")).ok

    running.send_signal(signal.SIGTERM)

    assert running.wait(timeout=12) == 0
    idle.close()


def test_a_stop_in_the_middle_of_a_replay_goes_on_with_it_after_the_next_start(gateway, receiver):
    audit = receiver()
    running = gateway(routes(subscriber(audit))).start()
    admin = Admin(running)
    post(running, *(one(f"b{number}") for number in range(10)))
    audit.wait_for(10)
    replay = admin.post("/v1/replays", {"subscriber": "audit", "from": "2020-01-01T00:00:00Z", "rateLimit": "5/s"})
    audit.wait_for_requests(12)

    assert running.terminate() == 0

    assert 12 <= len(audit.deliveries) < 20, "it was over before the stop"
    running.start()
    eventually(lambda: admin.get(f"/v1/replays/{replay['id']}")["state"] == "done", "it is done")
    assert len(audit.deliveries) == 20, "what was answered before a clean stop is not sent again"
    assert len({delivery.id for delivery in audit.deliveries[10:]}) == 10


def test_a_stop_in_the_middle_of_a_backup_leaves_a_whole_copy_or_none(gateway, receiver):
    running = gateway(routes(subscriber(receiver()))).start()
    padding = "x" * 100_000
    post(running, *(Callback(COMMAND, pairs_body(COMMAND, [("a", f"b{number}")], Padding=padding))
                    for number in range(200)))
    copy = running.directory / "copy.db"
    answers = []

    def back_up():
        try:
            answers.append(Admin(running).post("/v1/backup", {"path": str(copy)}))
        except (AdminError, OSError, http.client.HTTPException) as error:
            answers.append(error)

    asking = threading.Thread(target=back_up, daemon=True)
    asking.start()
    eventually(lambda: copy.exists() or copy.with_name("copy.db.unfinished").exists(), "it has begun")

    assert running.terminate() == 0

    asking.join(timeout=30)
    assert len(answers) == 1
    if isinstance(answers[0], dict) or copy.exists():
        with contextlib.closing(sqlite3.connect(f"file:{copy}?mode=ro", uri=True)) as database:
            assert database.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
            assert database.execute("SELECT COUNT(*) FROM batches").fetchall() == [(200,)]
    running.start()
    Admin(running).post("/v1/backup", {"path": str(running.directory / "second.db")})
