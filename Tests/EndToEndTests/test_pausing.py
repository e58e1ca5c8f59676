"""Pausing, resuming and forgetting subscribers over the admin API."""

import pytest

from harness import Admin, AdminError, Answer, Callback, eventually, pairs_body, post, routes, subscriber
from harness.receiver import accept, failing

COMMAND = "Sns.CallbackBlackListAdd"


def one(number=0):
    return Callback(COMMAND, pairs_body(COMMAND, [("a", f"b{number}")]))


def test_a_paused_subscriber_gets_nothing_until_it_is_resumed_also_after_a_kill(gateway, receiver):
    audit, other = receiver(), receiver("other")
    running = gateway(routes(subscriber(audit), subscriber(other))).start()
    admin = Admin(running)

    paused = admin.post("/v1/subscribers/audit/pause")
    assert paused["state"] == "paused" and "operator" in paused["reason"]
    post(running, one(1))
    other.wait_for(1)
    running.kill()
    running.start()
    post(running, one(2))
    other.wait_for(2)

    assert admin.subscriber()["state"] == "paused"
    assert admin.subscriber()["backlogEvents"] == 2
    assert audit.deliveries == []

    assert admin.post("/v1/subscribers/audit/resume")["state"] == "closed"
    audit.wait_for(2)
    assert "subscriber paused over the admin door" in running.log_text
    assert "subscriber resumed over the admin door" in running.log_text


def test_a_reload_does_not_end_a_pause(gateway, receiver):
    audit = receiver()
    running = gateway(routes(subscriber(audit))).start()
    admin = Admin(running)
    admin.post("/v1/subscribers/audit/pause")
    running.apply(routes(subscriber(audit, url=audit.url + "/moved")))
    assert admin.subscriber()["state"] == "paused"


def test_resuming_ends_a_410_an_open_breaker_and_a_retry_after(gateway, receiver):
    answers = {
        "gone": (lambda _: Answer(410), "paused"),
        "down": (failing(500), "open"),
        "busy": (lambda _: Answer(503, {"Retry-After": "600"}), "held"),
    }
    receivers = {name: receiver(name, answer=answer) for name, (answer, _) in answers.items()}
    entries = [
        subscriber(each, breaker={"open_after": 1, "probe_every": "10m"}, retry={"delays": ["1s"]})
        for each in receivers.values()
    ]
    running = gateway(routes(*entries)).start()
    admin = Admin(running)
    post(running, one())
    for name, (_, state) in answers.items():
        eventually(lambda: admin.subscriber(name)["state"] == state, f"{name} is {state}")
    for name, each in receivers.items():
        each.answer = accept
        admin.post(f"/v1/subscribers/{name}/resume")
        each.wait_for(1)


def test_what_the_routes_file_pauses_only_the_routes_file_resumes(gateway, receiver):
    running = gateway(routes(subscriber(receiver(), paused=True))).start()
    with pytest.raises(AdminError) as refused:
        Admin(running).post("/v1/subscribers/audit/resume")
    assert refused.value.status == 409 and "routes file" in refused.value.document["detail"]


def test_unknown_names_are_404(gateway, receiver):
    running = gateway(routes(subscriber(receiver()))).start()
    for name, status in [("nobody", 404), ("No%20body", 404), ("a" * 64, 404)]:
        for call in (lambda path: Admin(running).post(path + "/pause"), lambda path: Admin(running).get(path)):
            with pytest.raises(AdminError) as refused:
                call(f"/v1/subscribers/{name}")
            assert refused.value.status == status, name


def test_a_subscriber_is_forgotten_once_the_routes_file_does_not_name_it(gateway, receiver):
    audit, gone = receiver(), receiver("gone", answer=failing(400))
    running = gateway(routes(subscriber(audit), subscriber(gone))).start()
    admin = Admin(running)
    post(running, one())
    eventually(lambda: admin.subscriber("gone")["deadLetters"] == 1, "it has a dead letter")

    with pytest.raises(AdminError) as refused:
        admin.delete("/v1/subscribers/gone")
    assert refused.value.status == 409

    running.apply(routes(subscriber(audit)))
    [removed] = admin.get("/v1/subscribers")["removed"]
    assert removed["name"] == "gone" and removed["deadLetters"] == 1

    eventually(lambda: _forgets(admin), "it is forgotten")
    assert "removed" not in admin.get("/v1/subscribers")
    assert admin.get("/v1/dead-letters")["deadLetters"] == []
    with pytest.raises(AdminError) as refused:
        admin.delete("/v1/subscribers/gone")
    assert refused.value.status == 404

    # It starts anew, where the journal ends.
    gone.answer = accept
    running.apply(routes(subscriber(audit), subscriber(gone)))
    post(running, one(2))
    gone.wait_for(1)
    assert [pair for delivery in gone.acknowledged for pair in delivery.pairs] == [("a", "b2")]


def _forgets(admin):
    """Attempts may still be in flight for a moment."""
    try:
        admin.delete("/v1/subscribers/gone")
        return True
    except AdminError as refused:
        assert refused.status == 409, refused
        return False
