"""`ordering: key`: events of one key come first in the order in which they were accepted, whatever happens."""

import random

from harness import Callback, eventually, pairs_body, post, routes, subscriber
from harness.receiver import Answer, accept

COMMANDS = ["Sns.CallbackBlackListAdd", "Sns.CallbackBlackListDelete"]
KEYS = 12


def history(count):
    """Callbacks that block and unblock by turns, the number of each in a field of its own."""
    return [
        Callback(COMMANDS[number % 2], pairs_body(COMMANDS[number % 2], [("a", f"b{key}") for key in range(KEYS)],
                                                  Number=number))
        for number in range(count)
    ]


def arrivals(audit):
    """For each key the numbers in the order in which they first arrived, whatever was answered."""
    found = {}
    for delivery in list(audit.deliveries):
        for event in delivery.events:
            numbers = found.setdefault(event["partitionkey"], [])
            number = event["data"]["callback"]["Number"]
            if number not in numbers:
                numbers.append(number)
    return found


def flaky(seed, share):
    chance = random.Random(seed)
    return lambda _: Answer(503 if chance.random() < share else 200)


def check(audit, count):
    found = arrivals(audit)
    assert len(found) == KEYS
    for key, numbers in found.items():
        assert numbers == list(range(count)), f"{key} was overtaken"


def entry(audit, **keys):
    return subscriber(audit, ordering="key", retry={"delays": ["30ms"]},
                      breaker={"open_after": 8, "probe_every": "100ms"}, **keys)


def run(running, audit, count, disturb):
    """Accepts the callbacks one after the other, disturbing every so often, until all have been acknowledged."""
    for number, callback in enumerate(history(count)):
        post(running, callback)
        if number % 25 == 24:
            disturb(number)
    audit.answer = accept
    running.wait_until_settled("audit", timeout=60)
    check(audit, count)


def test_the_order_of_each_key_holds_over_failures_kills_restarts_and_reloads(gateway, receiver):
    audit = receiver(answer=flaky(1, 0.2))
    running = gateway(routes(entry(audit))).start()

    def disturb(number):
        if number % 3 == 0:
            running.kill()
            running.start()
        elif number % 3 == 1:
            running.terminate()
            running.start()
        else:
            running.apply(routes(entry(audit, concurrency=2 + number % 7)))

    run(running, audit, 150, disturb)


def test_batches_keep_the_order_of_each_key_and_go_one_at_a_time(gateway, receiver):
    audit = receiver(answer=flaky(2, 0.3))
    running = gateway(routes(entry(audit, format="batch", batch={"max_events": 30, "max_wait": "20ms"}))).start()

    def disturb(_):
        running.kill()
        running.start()

    run(running, audit, 120, disturb)
    for delivery in audit.deliveries:
        assert len(delivery.events) <= 30


def test_one_key_that_fails_holds_back_no_other(gateway, receiver):
    def answer(delivery):
        return Answer(500 if delivery.event["partitionkey"] == "a|b3" else 200)

    audit = receiver(answer=answer)
    running = gateway(routes(subscriber(audit, ordering="key", retry={"delays": ["100ms"]}))).start()
    post(running, *history(1))
    audit.wait_for(KEYS - 1)
    post(running, *history(60)[1:])
    audit.wait_for(60 * (KEYS - 1))
    stuck = [delivery for delivery in audit.deliveries if delivery.event["partitionkey"] == "a|b3"]
    assert {delivery.event["data"]["callback"]["Number"] for delivery in stuck} == {0}
    [state] = running.document("/v1/subscribers")["subscribers"]
    assert state["backlogEvents"] == 60
    assert state["retriesWaiting"] == 1

    audit.answer = accept
    running.wait_until_settled("audit")
    assert arrivals(audit)["a|b3"] == list(range(60))


def test_what_waits_behind_a_dead_event_goes_on_in_order(gateway, receiver):
    def answer(delivery):
        return Answer(422 if delivery.event["data"]["callback"]["Number"] % 5 == 0 else 200)

    audit = receiver(answer=answer)
    running = gateway(routes(subscriber(audit, ordering="key"))).start()
    post(running, *history(40))
    running.wait_until_settled("audit")
    running.wait_for_metric("switchyard_dead_letters", 8 * KEYS, subscriber="audit")
    check(audit, 40)
