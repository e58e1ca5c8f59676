"""Subscribers that are down: probed, not hammered, and given their backlog step by step once they are up."""

import time

from harness import Callback, eventually, pairs_body, post, routes, subscriber
from harness.receiver import Answer, accept, failing

COMMAND = "Sns.CallbackBlackListAdd"
PROBE_SECONDS = 0.5
QUICK_PROBES = {"open_after": 5, "probe_every": "500ms"}


def one(number):
    return Callback(COMMAND, pairs_body(COMMAND, [("a", f"b{number}")]))


def state_of(running, name):
    [found] = [entry for entry in running.document("/v1/subscribers")["subscribers"] if entry["name"] == name]
    return found


def wait_for_state(running, name, state):
    eventually(lambda: state_of(running, name)["state"] == state, f"{name} is {state}")


def test_a_million_events_cost_a_dead_subscriber_no_attempt_no_row_and_no_memory(gateway, receiver):
    dead, healthy = receiver("dead"), receiver("healthy", answer=accept)
    dead.stop()
    # It wants none of the million, and shows that deliveries go on.
    narrow = subscriber(healthy, events=["friend.deleted"])
    running = gateway(routes(subscriber(dead, events=["blocklist.*"], breaker={"probe_every": "1h"}), narrow)).start()
    post(running, *(one(number) for number in range(100)))
    wait_for_state(running, "dead", "open")
    eventually(lambda: state_of(running, "dead")["inFlight"] == 0, "nothing is in flight")
    thousand = [Callback(COMMAND, pairs_body(COMMAND, [("a", f"b{row}") for row in range(1000)])) for _ in range(1000)]
    post(running, *thousand[:200])
    before, metrics = state_of(running, "dead"), running.metrics()

    post(running, *thousand[200:])
    post(running, Callback("Sns.CallbackFriendDelete", pairs_body("Sns.CallbackFriendDelete", [("c", "d")])))
    healthy.wait_for_pairs([("c", "d")])

    after, grown = state_of(running, "dead"), running.metrics()
    assert after["backlogEvents"] == 1_000_100
    assert after["cursor"] == before["cursor"]
    assert after["retriesWaiting"] == before["retriesWaiting"] <= 5 + 16
    attempts = ("switchyard_delivery_attempts_total", "dead")
    assert grown.sum(attempts[0], subscriber=attempts[1]) == metrics.sum(attempts[0], subscriber=attempts[1])
    memory = "process_resident_memory_bytes"
    # Caches that all subscribers share may still be filling up; events would take hundreds of megabytes.
    assert grown.value(memory) - metrics.value(memory) < 64 << 20


def test_a_dead_subscriber_is_probed_and_then_gets_everything_within_its_bounds(gateway, receiver):
    audit = receiver("audit", answer=failing(503))
    running = gateway(routes(subscriber(audit, concurrency=4, rate_limit="100/s", breaker=QUICK_PROBES))).start()
    post(running, *(one(number) for number in range(200)))
    wait_for_state(running, "audit", "open")
    tried = len(audit.deliveries)
    assert tried <= 5 + 4

    audit.wait_for_requests(tried + 4)
    probes = audit.deliveries[tried:tried + 4]
    for earlier, later in zip(probes, probes[1:]):
        assert later.at - earlier.at > PROBE_SECONDS * 0.9, "two probes in one period"
    assert {delivery.attempt for delivery in probes} == {1, 2}, "an untried one and a failed one in turn"

    flying = Concurrency(0.02)
    audit.answer = flying
    audit.wait_for_pairs([("a", f"b{number}") for number in range(200)])
    wait_for_state(running, "audit", "closed")
    assert flying.peak <= 4
    assert flying.peaks[:1] == [1], "it begins with one"
    # A busy machine may bring some late and the next ones in time.
    assert max(count_each_second(flying.times)) <= 105


class Concurrency:
    """An answer that takes its time and counts how many are under way."""

    def __init__(self, seconds):
        self.seconds = seconds
        self.times = []
        self.peaks = []

    def __call__(self, _):
        now = time.monotonic()
        self.times.append(now)
        self.peaks.append(sum(1 for moment in self.times if now - moment < self.seconds))
        return Answer(delay=self.seconds)

    @property
    def peak(self):
        return max(self.peaks)


def count_each_second(times):
    return [sum(1 for other in times if 0 <= other - moment < 1) for moment in times]


def test_a_receiver_that_answers_404_to_everything_opens_the_breaker(gateway, receiver):
    audit = receiver("audit", answer=failing(404))
    running = gateway(routes(subscriber(audit, breaker=QUICK_PROBES))).start()
    post(running, *(one(number) for number in range(30)))
    wait_for_state(running, "audit", "open")
    assert running.metrics().value("switchyard_subscriber_state", subscriber="audit", state="open") == 1
    assert "its deliveries fail" in state_of(running, "audit")["reason"]
    audit.answer = accept
    audit.wait_for(30)


def test_events_that_always_fail_do_not_keep_healthy_ones_waiting(gateway, receiver):
    poisoned = {f"poison{number}" for number in range(4)}
    audit = receiver("audit", answer=lambda delivery: Answer(500 if delivery.pair[1] in poisoned else 200))
    entry = subscriber(audit, retry={"delays": ["20ms"], "jitter": 0}, breaker={"probe_every": "1h"})
    running = gateway(routes(entry)).start()
    post(running, *(Callback(COMMAND, pairs_body(COMMAND, [("a", name)])) for name in sorted(poisoned)))
    audit.wait_for_requests(100)

    for number in range(20):
        post(running, one(number))
        audit.wait_for_pairs([("a", f"b{number}")])

    assert state_of(running, "audit")["state"] == "closed"
