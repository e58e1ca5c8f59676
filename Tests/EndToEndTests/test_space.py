"""The space rule: when the journal is full, the subscriber furthest behind pays, and acceptance goes on."""

from harness import Callback, Tencent, eventually, pairs_body, routes, subscriber

COMMAND = "Sns.CallbackBlackListAdd"
LIMIT_MIB = 8
PADDING = "x" * 60_000
CALLBACKS = 400
STEP = 20


def test_a_full_journal_costs_the_dead_subscriber_alone(gateway, receiver):
    healthy, dead = receiver("healthy"), receiver("dead")
    dead.stop()
    running = gateway(routes(subscriber(healthy), subscriber(dead, retry={"delays": ["1h"]})),
                      flags=["--journal-max-size", f"{LIMIT_MIB}MiB"]).start()
    tencent = Tencent(running)
    accepted = []

    for first in range(0, CALLBACKS, STEP):
        for number in range(first, first + STEP):
            callback = Callback(COMMAND, pairs_body(COMMAND, [("a", f"b{number}")], Padding=PADDING))
            # A refusal may come while space is made; that acceptance goes on is what counts.
            eventually(lambda: tencent.post(callback).ok, f"callback {number} is accepted")  # noqa: B023
            accepted.append(("a", f"b{number}"))
        healthy.wait_for_pairs(accepted)
    tencent.close()

    eventually(lambda: running.metrics().value("switchyard_journal_size_bytes") <= LIMIT_MIB << 20,
               "the journal is within its limit")
    metrics = running.metrics()
    assert metrics.value("switchyard_deliveries_total", subscriber="dead", result="expired") > 0
    assert metrics.value("switchyard_deliveries_total", subscriber="healthy", result="expired") == 0
    assert metrics.value("switchyard_deliveries_total", subscriber="healthy", result="delivered") == CALLBACKS
    assert any(line["level"] == "error" for line in running.current_log), "it is logged as an error"
    assert running.status_of("/readyz") == 200
