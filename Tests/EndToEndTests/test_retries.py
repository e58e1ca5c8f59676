"""Failed deliveries: tried again by the schedule, over restarts, and in the end dead letters."""

import pytest

from harness import Callback, pairs_body, post, routes, subscriber
from harness.receiver import Answer, accept, failing

COMMAND = "Sns.CallbackBlackListAdd"
CALLBACK_OF_ONE = pairs_body(COMMAND, [("a", "b")])


def one_pair():
    return Callback(COMMAND, CALLBACK_OF_ONE)


def test_a_clean_restart_keeps_the_attempt_number_and_the_due_time(gateway, receiver):
    audit = receiver(answer=failing(500))
    running = gateway(routes(subscriber(audit, retry={"delays": ["100ms", "4s"], "jitter": 0}))).start()
    post(running, one_pair())
    audit.wait_for_requests(2)

    assert running.terminate() == 0
    audit.answer = accept
    running.start()

    [delivery] = audit.wait_for(1)
    assert audit.attempts() == [1, 2, 3]
    assert delivery.at - audit.deliveries[1].at >= 3.5, "the third attempt came before it was due"


def test_kill_9_does_not_start_the_attempts_anew(gateway, receiver):
    audit = receiver(answer=failing(500))
    running = gateway(routes(subscriber(audit, retry={"delays": ["100ms"], "jitter": 0}))).start()
    post(running, one_pair())
    audit.wait_for_requests(4)

    running.kill()
    before = audit.attempts()
    audit.answer = accept
    running.start()

    [delivery] = audit.wait_for(1)
    assert delivery.attempt >= max(before), "at most the last attempt, not yet recorded, may be repeated"
    running.wait_until_settled("audit")
    assert running.metrics().value("switchyard_retries_waiting", subscriber="audit") == 0


@pytest.mark.parametrize("status", [400, 413, 415, 422])
def test_a_permanent_status_makes_a_dead_letter_at_once(gateway, receiver, status):
    audit = receiver(answer=failing(status))
    running = gateway(routes(subscriber(audit))).start()

    post(running, one_pair())

    running.wait_for_metric("switchyard_dead_letters", 1, subscriber="audit")
    metrics = running.metrics()
    assert metrics.value("switchyard_deliveries_total", subscriber="audit", result="dead") == 1
    assert metrics.value("switchyard_deliveries_total", subscriber="audit", result="delivered") == 0
    assert metrics.value("switchyard_delivery_attempts_total", subscriber="audit", outcome="http_4xx") == 1
    assert metrics.value("switchyard_backlog_events", subscriber="audit") == 0
    assert audit.attempts() == [1]


def test_dead_letters_are_kept_over_a_restart_and_not_sent_again(gateway, receiver):
    audit = receiver(answer=failing(400))
    running = gateway(routes(subscriber(audit))).start()
    post(running, one_pair())
    running.wait_for_metric("switchyard_dead_letters", 1, subscriber="audit")

    assert running.terminate() == 0
    audit.answer = accept
    running.start()

    post(running, Callback(COMMAND, pairs_body(COMMAND, [("c", "d")])))
    audit.wait_for_pairs([("c", "d")])
    assert running.metrics().value("switchyard_dead_letters", subscriber="audit") == 1
    assert audit.pairs == {("c", "d")}


def test_a_delivery_is_given_up_when_its_time_is_over(gateway, receiver):
    audit = receiver(answer=failing(500))
    retry = {"delays": ["100ms"], "jitter": 0, "give_up_after": "1s"}
    running = gateway(routes(subscriber(audit, retry=retry))).start()

    post(running, one_pair())

    running.wait_for_metric("switchyard_dead_letters", 1, subscriber="audit")
    attempts = audit.attempts()
    assert attempts == list(range(1, len(attempts) + 1)) and len(attempts) > 1
    assert running.metrics().value("switchyard_retries_waiting", subscriber="audit") == 0


@pytest.mark.parametrize(("status", "outcome"), [(302, "http_3xx"), (404, "http_4xx"), (500, "http_5xx")])
def test_every_other_status_is_retried_and_no_redirect_is_followed(gateway, receiver, status, outcome):
    other = receiver("other")
    audit = receiver()
    audit.answer = lambda delivery: (
        Answer(status, headers={"Location": other.url}) if delivery.number == 1 else Answer(204))
    running = gateway(routes(subscriber(audit))).start()

    post(running, one_pair())

    audit.wait_for(1)
    assert audit.attempts() == [1, 2]
    assert not other.deliveries
    running.wait_until_settled("audit")
    attempts = running.metrics()
    assert attempts.value("switchyard_delivery_attempts_total", subscriber="audit", outcome=outcome) == 1
    assert attempts.value("switchyard_delivery_attempts_total", subscriber="audit", outcome="success") == 1


def test_a_timeout_is_retried_with_the_same_id(gateway, receiver):
    audit = receiver()
    audit.answer = lambda delivery: Answer(delay=5) if delivery.number == 1 else Answer()
    running = gateway(routes(subscriber(audit, timeout="500ms"))).start()

    post(running, one_pair())

    [delivery] = audit.wait_for(1)
    assert delivery.attempt == 2
    assert len({one.id for one in audit.deliveries}) == 1
    running.wait_for_metric("switchyard_delivery_attempts_total", 1, subscriber="audit", outcome="timeout")
