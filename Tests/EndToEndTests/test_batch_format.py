"""`format: batch`: several events a request, checked by libraries of others."""

import json

from cloudevents.core.bindings.http import HTTPMessage, from_structured_event

from harness import Callback, eventually, pairs_body, post, routes, subscriber
from harness.receiver import Answer, accept, failing

COMMAND = "Sns.CallbackBlackListAdd"


def callback(name, count):
    return Callback(COMMAND, pairs_body(COMMAND, [(name, f"b{row}") for row in range(count)]))


def pairs(name, count):
    return [(name, f"b{row}") for row in range(count)]


def batched(audit, max_events=100, max_wait="100ms", **keys):
    return subscriber(audit, format="batch", batch={"max_events": max_events, "max_wait": max_wait}, **keys)


def test_a_batch_is_an_array_of_the_events_that_would_come_one_by_one(gateway, receiver):
    one_by_one, audit = receiver("single"), receiver()
    running = gateway(routes(subscriber(one_by_one), batched(audit))).start()
    post(running, callback("a", 250))
    one_by_one.wait_for_pairs(pairs("a", 250))
    audit.wait_for_pairs(pairs("a", 250))

    singles = {delivery.id: delivery.body for delivery in one_by_one.acknowledged}
    assert sorted(len(delivery.events) for delivery in audit.acknowledged) == [50, 100, 100]
    for delivery in audit.acknowledged:
        members = [event["id"] for event in delivery.events]
        assert delivery.body == b"[" + b",".join(singles[member] for member in members) + b"]"
        for event in delivery.events:
            message = HTTPMessage({"content-type": "application/cloudevents+json"}, json.dumps(event).encode())
            assert from_structured_event(message).get_id() == event["id"]


def test_a_failed_batch_comes_again_with_its_members_and_id_after_a_kill(gateway, receiver):
    audit = receiver(answer=failing(500))
    entry = batched(audit, 40, retry={"delays": ["1s"], "jitter": 0})
    running = gateway(routes(entry)).start()
    post(running, callback("a", 100))
    audit.wait_for_requests(3)
    running.wait_for_metric("switchyard_retries_waiting", 3, subscriber="audit")
    first = {delivery.id: [event["id"] for event in delivery.events] for delivery in audit.deliveries[:3]}

    running.kill()
    audit.answer = accept
    # Another size makes no other batches of what has failed.
    running.write_routes(routes(batched(audit, 7, retry={"delays": ["1s"], "jitter": 0})))
    running.start()

    audit.wait_for_pairs(pairs("a", 100))
    again = {delivery.id: [event["id"] for event in delivery.events] for delivery in audit.acknowledged}
    assert again == first
    assert {delivery.attempt for delivery in audit.acknowledged} == {2}


def test_413_halves_a_batch_until_it_fits_and_one_that_never_fits_is_dead(gateway, receiver):
    def answer(delivery):
        names = [pair[1] for pair in delivery.pairs]
        return Answer(413 if len(names) > 10 or "b77" in names else 200)

    audit = receiver(answer=answer)
    running = gateway(routes(batched(audit))).start()
    post(running, callback("a", 100))
    audit.wait_for_pairs(set(pairs("a", 100)) - {("a", "b77")})
    running.wait_for_metric("switchyard_dead_letters", 1, subscriber="audit")
    running.wait_until_settled("audit")
    metrics = running.metrics()
    assert metrics.value("switchyard_deliveries_total", subscriber="audit", result="delivered") == 99
    assert metrics.value("switchyard_deliveries_total", subscriber="audit", result="dead") == 1
    assert {delivery.attempt for delivery in audit.deliveries} == {1}, "a half is a batch of its own"


def test_a_single_event_waits_for_others_and_then_goes_alone(gateway, receiver):
    audit = receiver()
    running = gateway(routes(batched(audit, max_wait="700ms"))).start()
    post(running, callback("a", 1), callback("c", 2))
    [delivery] = audit.wait_for(1)
    assert delivery.pairs == pairs("a", 1) + pairs("c", 2)
    assert delivery.headers["content-type"].startswith("application/cloudevents-batch+json")
    post(running, callback("d", 1))
    audit.wait_for(2)
    assert audit.deliveries[1].pairs == pairs("d", 1)


def test_a_reload_from_batch_to_event_and_back_loses_and_repeats_nothing(gateway, receiver):
    audit = receiver()
    running = gateway(routes(batched(audit))).start()
    expected = []
    for number in range(6):
        post(running, callback(f"a{number}", 150))
        expected += pairs(f"a{number}", 150)
        running.apply(routes(batched(audit) if number % 2 else subscriber(audit)))
    audit.wait_for_pairs(expected)
    running.wait_until_settled("audit")
    sent = [event["id"] for delivery in audit.acknowledged for event in delivery.events]
    assert len(sent) == len(set(sent)) == 900
    eventually(lambda: running.metrics().value("switchyard_deliveries_total", subscriber="audit",
                                               result="delivered") == 900, "900 are counted")
