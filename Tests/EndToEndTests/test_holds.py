"""Receivers that say how they want to be treated: Retry-After, 410, 413, permanent statuses."""

import time
from email.utils import formatdate

import pytest

from harness import Callback, eventually, pairs_body, post, routes, subscriber
from harness.receiver import Answer, accept, failing

COMMAND = "Sns.CallbackBlackListAdd"
HOLD_SECONDS = 3


def one(number=0):
    return Callback(COMMAND, pairs_body(COMMAND, [("a", f"b{number}")]))


def state_of(running, name="audit"):
    [found] = [entry for entry in running.document("/v1/subscribers")["subscribers"] if entry["name"] == name]
    return found


def seconds():
    return str(HOLD_SECONDS)


def date():
    # A date has whole seconds, so this may be up to one second less.
    return formatdate(time.time() + HOLD_SECONDS + 1, usegmt=True)


@pytest.mark.parametrize("status", [429, 503])
@pytest.mark.parametrize("form", [seconds, date])
def test_retry_after_holds_the_whole_subscriber(gateway, receiver, status, form):
    audit = receiver(answer=lambda _: Answer(status, {"Retry-After": form()}))
    running = gateway(routes(subscriber(audit, concurrency=1))).start()
    post(running, *(one(number) for number in range(5)))
    audit.wait_for_requests(1)
    audit.answer = accept
    eventually(lambda: state_of(running)["state"] == "held", "it is held")

    audit.wait_for(5)

    first, second = audit.deliveries[:2]
    assert second.at - first.at >= HOLD_SECONDS - 0.1, "it was sent something while it was held"
    assert len(audit.deliveries) == 6


def test_retry_after_lasts_over_a_kill_and_is_capped(gateway, receiver):
    audit = receiver(answer=lambda _: Answer(503, {"Retry-After": "3600"}))
    entry = subscriber(audit, retry={"delays": ["100ms"], "retry_after_max": "4s"})
    running = gateway(routes(entry)).start()
    post(running, one())
    audit.wait_for_requests(1)
    eventually(lambda: state_of(running)["state"] == "held", "it is held")
    time.sleep(0.3)  # It is recorded within 20 ms.

    running.kill()
    audit.answer = accept
    running.start()
    assert state_of(running)["state"] == "held"
    post(running, one(1))
    audit.wait_for(2)

    first, second = audit.deliveries[:2]
    assert 3.9 <= second.at - first.at < 30, "held for retry_after_max, not more and not less"


def test_retry_after_that_is_none_holds_nobody(gateway, receiver):
    answers = iter([Answer(429, {"Retry-After": "soon"}), Answer(503, {"Retry-After": "-5"}),
                    Answer(429, {"Retry-After": formatdate(0, usegmt=True)}), Answer(500, {"Retry-After": "60"})])
    audit = receiver(answer=lambda _: next(answers, Answer()))
    running = gateway(routes(subscriber(audit, retry={"delays": ["50ms"]}))).start()
    post(running, one())
    assert [delivery.attempt for delivery in audit.wait_for(1)] == [5]
    assert state_of(running)["state"] == "closed"


def test_410_pauses_until_the_url_changes_and_the_event_stays_owed(gateway, receiver):
    audit, moved = receiver(answer=failing(410)), receiver("moved")
    running = gateway(routes(subscriber(audit, concurrency=1))).start()
    post(running, one())
    eventually(lambda: state_of(running)["state"] == "paused", "it is paused")
    assert "410" in state_of(running)["reason"]
    post(running, one(1))
    running.terminate()
    running.start()
    audit.answer = accept
    post(running, one(2))
    eventually(lambda: state_of(running)["state"] == "paused", "it is paused still")
    assert state_of(running)["backlogEvents"] == 3
    assert len(audit.deliveries) == 1, "it was sent something after its 410"

    running.apply(routes(subscriber(audit, url=moved.url, secrets=[moved.secret])))

    moved.wait_for_pairs([("a", f"b{number}") for number in range(3)])
    assert moved.attempts() == [1, 1, 1]
    assert len(audit.deliveries) == 1


def test_after_410_it_can_be_resumed_by_the_routes_file(gateway, receiver):
    audit = receiver(answer=failing(410))
    running = gateway(routes(subscriber(audit))).start()
    post(running, one())
    eventually(lambda: state_of(running)["state"] == "paused", "it is paused")
    audit.answer = accept
    running.apply(routes(subscriber(audit, paused=True)))
    running.apply(routes(subscriber(audit)))
    audit.wait_for(1)


def test_permanent_statuses_are_the_ones_that_are_set(gateway, receiver):
    audit = receiver(answer=lambda delivery: Answer(418 if delivery.pair[1] == "b0" else 422, {}))
    running = gateway(routes(subscriber(audit, retry={"delays": ["50ms"], "permanent_statuses": [418]}))).start()
    post(running, one(0), one(1))
    running.wait_for_metric("switchyard_dead_letters", 1, subscriber="audit")
    eventually(lambda: 3 in audit.attempts(), "422 is tried again")
    assert len([delivery for delivery in audit.deliveries if delivery.pair[1] == "b0"]) == 1


def test_a_flood_of_429_is_answered_by_waiting(gateway, receiver):
    flooding, healthy = receiver("flooding", answer=lambda _: Answer(429, {"Retry-After": "1"})), receiver("healthy")
    running = gateway(routes(subscriber(flooding), subscriber(healthy))).start()
    post(running, *(one(number) for number in range(100)))
    healthy.wait_for(100)
    eventually(lambda: len(flooding.deliveries) >= 4, "it is tried again")
    # The first round went out before anything was known; from then on it is one a second.
    assert len(flooding.deliveries) <= 16 + 4
    told = [line for line in running.current_log if line["message"] == "subscriber state changed"]
    assert [line["state"] for line in told] == ["held"], "it is told once"
    flooding.answer = accept
    flooding.wait_for(100)
