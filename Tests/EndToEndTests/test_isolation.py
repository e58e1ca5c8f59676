"""A slow or dead subscriber costs the others nothing."""

from harness import Callback, pairs_body, post, routes, subscriber
from harness.receiver import delayed

COMMAND = "Sns.CallbackBlackListAdd"
CALLBACKS = 200
HANGING_SECONDS = 9


def test_a_dead_and_a_hanging_subscriber_do_not_delay_a_healthy_one(gateway, receiver):
    healthy, dead = receiver("healthy"), receiver("dead")
    hanging = receiver("hanging", answer=delayed(HANGING_SECONDS))
    dead.stop()
    running = gateway(routes(subscriber(dead, breaker={"probe_every": "1s"}), subscriber(hanging), subscriber(healthy))).start()
    pairs = [(f"a{number}", f"b{number}") for number in range(CALLBACKS)]

    post(running, *(Callback(COMMAND, pairs_body(COMMAND, [pair])) for pair in pairs))
    healthy.wait_for_pairs(pairs)

    assert hanging.deliveries, "the hanging subscriber was tried"
    assert not hanging.acknowledged, "the healthy one had to wait for the hanging one"
    assert len(hanging.deliveries) <= 16, "more than `concurrency` requests in flight"
    assert running.metrics().value("switchyard_delivery_attempts_total", subscriber="dead", outcome="connect") > 0
    post(running, Callback(COMMAND, pairs_body(COMMAND, [("after", "all")])))
    healthy.wait_for_pairs([("after", "all")])

    dead.start()
    hanging.answer = delayed(0)
    dead.wait_for_pairs(pairs)
    hanging.wait_for_pairs(pairs, timeout=60)


def test_concurrency_bounds_the_requests_in_flight(gateway, receiver):
    slow = receiver("slow", answer=delayed(0.3))
    running = gateway(routes(subscriber(slow, concurrency=2))).start()
    pairs = [("a", f"b{number}") for number in range(12)]
    post(running, Callback(COMMAND, pairs_body(COMMAND, pairs)))

    slow.wait_for_pairs(pairs)

    arrivals = [delivery.at for delivery in slow.deliveries]
    for index, start in enumerate(arrivals[2:], start=2):
        assert start - arrivals[index - 2] > 0.25, "a third request was in flight"


def test_a_rate_limit_bounds_the_requests_of_each_second_and_all_of_them_come(gateway, receiver):
    limited = receiver("limited")
    running = gateway(routes(subscriber(limited, rate_limit="20/s"))).start()
    pairs = [("a", f"b{number}") for number in range(50)]
    post(running, Callback(COMMAND, pairs_body(COMMAND, pairs)))

    limited.wait_for_pairs(pairs)

    arrivals = [delivery.at for delivery in limited.deliveries]
    # A busy machine may bring one late and the next in time.
    slack = 3
    for index in range(20 + slack, len(arrivals)):
        assert arrivals[index] - arrivals[index - 20 - slack] >= 1, "more than 20 requests in a second"
