"""Receivers that misbehave, all at once beside a healthy one: labelled as what they are, and nothing is left behind."""

import itertools
import os

from harness import Callback, eventually, free_port, pairs_body, post, routes, subscriber
from harness.misbehaving import MISBEHAVIOURS

COMMAND = "Sns.CallbackBlackListAdd"
ATTEMPTS = "switchyard_delivery_attempts_total"
PAIRS = 150
OUTCOMES = ["success", "http_3xx", "http_4xx", "http_5xx", "timeout", "connect", "dns", "tls", "blocked", "other"]
# Soon and for ever, so that each receiver is asked again and again.
PERSISTENT = {"retry": {"delays": ["100ms"], "jitter": 0, "give_up_after": "72h"}}
# What each is tried at least.
TIMES = 5
# The connections to the healthy one that may be kept: its concurrency.
KEPT = 16
# Far more than the gateway has open by itself and for the healthy one, far less than for all the others.
MANY = 100
NOWHERE = [
    ("no-such-name", "http://does-not-exist.invalid/", "dns"),
    ("nothing-listens", None, "connect"),
    ("link-local", "http://169.254.169.254/", "blocked"),
]


def descriptors(gateway):
    return len(os.listdir(f"/proc/{gateway.process.pid}/fd"))


def entry(name, url, outcome):
    # Only those that never answer have to be waited for.
    timeout = "500ms" if outcome == "timeout" else "25s"
    return {"name": name, "url": url, "unsigned": True, "events": ["*"], "timeout": timeout,
            "connect_timeout": timeout, **PERSISTENT}


def test_a_healthy_subscriber_beside_every_misbehaviour_gets_everything(gateway, receiver, misbehaving):
    healthy = receiver("healthy")
    ways = [(one.name, misbehaving(one).url, one.outcome) for one in MISBEHAVIOURS]
    ways += [(name, url or f"http://127.0.0.1:{free_port()}/", outcome) for name, url, outcome in NOWHERE]
    running = gateway(routes(subscriber(healthy))).start()
    numbers = itertools.count()

    def post_and_wait(count):
        pairs = [(f"a{next(numbers)}", "b") for _ in range(count)]
        post(running, *(Callback(COMMAND, pairs_body(COMMAND, [pair])) for pair in pairs))
        healthy.wait_for_pairs(pairs)

    def misbehave_for_a_while():
        running.apply(routes(subscriber(healthy), *(entry(*way) for way in ways)))
        post_and_wait(PAIRS)
        for name, _, _ in ways:
            eventually(lambda: running.metrics().sum(ATTEMPTS, subscriber=name) >= TIMES, f"{name} was tried")
        metrics = running.metrics()
        for name, _, outcome in ways:
            seen = {one: metrics.value(ATTEMPTS, subscriber=name, outcome=one) for one in OUTCOMES}
            assert {one for one, count in seen.items() if count} == {outcome}, f"{name} counts as {seen}"
        running.apply(routes(subscriber(healthy)))

    def settled(most):
        # The transport looks at kept connections that were closed at the other end when it has something to send.
        post_and_wait(1)
        return descriptors(running) <= most

    misbehave_for_a_while()
    eventually(lambda: settled(MANY), "the descriptors are given back")
    before = descriptors(running)
    misbehave_for_a_while()
    eventually(lambda: settled(before + KEPT), "the descriptors are given back the second time")
    running.wait_for_metric(ATTEMPTS, next(numbers), subscriber="healthy", outcome="success")
