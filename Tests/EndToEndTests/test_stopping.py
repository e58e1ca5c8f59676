"""How the gateway stops: politely, with what is under way finished, or at once."""

import signal

from harness import Callback, Tencent, eventually, pairs_body, post, routes, subscriber
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
