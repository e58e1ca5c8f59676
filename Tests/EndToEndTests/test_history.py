"""Searching events, one event's story, and attempts as they happen."""

import json
import re
import time

import pytest

from harness import (APP, Admin, AdminError, Answer, Callback, Tail, app, eventually, pairs_body, post, routes,
                     subscriber)
from harness.receiver import accept

BLOCK, FRIEND = "Sns.CallbackBlackListAdd", "Sns.CallbackFriendAdd"
OTHER_APP = APP + 1


def callback(command, *pairs, **options):
    return Callback(command, pairs_body(command, pairs), **options)


@pytest.fixture
def busy(gateway, receiver):
    audit = receiver()
    running = gateway(routes(subscriber(audit), apps=[app(), app(OTHER_APP)])).start()
    post(running, callback(BLOCK, ("alice", "bob"), ("alice", "carol")), callback(FRIEND, ("dave", "alice")))
    audit.wait_for(3)
    return running, Admin(running), audit


def test_events_are_found_by_type_account_app_and_time(busy):
    running, admin, audit = busy
    everything = admin.get("/v1/events")["events"]
    assert [(event["from"], event["to"]) for event in everything] == [
        ("alice", "bob"), ("alice", "carol"), ("dave", "alice")]
    assert {event["id"] for event in everything} == {delivery.id for delivery in audit.deliveries}
    assert everything[0]["type"] == "com.tencent.chat.blocklist.added" and everything[0]["sdkAppId"] == APP

    def found(query):
        return [event["to"] for event in admin.get(f"/v1/events?{query}")["events"]]

    assert found("type=friend.*") == ["alice"]
    assert found(f"type={BLOCK}") == ["bob", "carol"]
    assert found("account=carol") == ["carol"] and found("account=alice") == ["bob", "carol", "alice"]
    assert found(f"app={OTHER_APP}") == [] and len(found(f"app={APP}")) == 3
    assert found("to=2020-01-01T00:00:00Z") == [] and found("from=2100-01-01T00:00:00Z") == []
    assert found("from=2020-01-01T00:00:00Z&to=2100-01-01T00:00:00Z&account=bob&type=blocklist.added") == ["bob"]


def test_a_search_comes_in_pieces_also_within_a_callback(busy):
    _, admin, _ = busy
    pieces = admin.pieces("/v1/events?limit=1", "events")
    assert [event["to"] for event in pieces] == ["bob", "carol", "alice"]


@pytest.mark.parametrize("query", [
    "limit=0", "limit=1001", "limit=x", "from=now", "type=*x", "type=frend.*", "app=x", "app=-1", "account=",
    "cursor=x", "cursor=-1", "sort=asc", "limit=1&limit=2", "account=%ff",
])
def test_a_search_that_makes_no_sense_is_refused(busy, query):
    with pytest.raises(AdminError) as refused:
        busy[1].get(f"/v1/events?{query}")
    assert refused.value.status == 400 and refused.value.document["detail"]


def test_a_story_has_the_very_event_and_what_became_of_it(gateway, receiver):
    good, bad, other = receiver("good"), receiver("bad", answer=lambda _: Answer(400, body=b"no")), receiver("other")
    slow = receiver("slow", answer=lambda _: Answer(500, body=b"later"))
    running = gateway(routes(
        subscriber(good), subscriber(bad), subscriber(other, events=["friend.*"]),
        subscriber(slow, retry={"delays": ["1h"], "jitter": 0}))).start()
    admin = Admin(running)
    post(running, callback(BLOCK, ("alice", "鲍勃"), request_id="req-1"))
    good.wait_for(1)
    bad.wait_for_requests(1)
    slow.wait_for_requests(1)
    event_id = good.deliveries[0].id

    def settled():
        story = admin.get(f"/v1/events/{event_id}")
        states = {entry["subscriber"]: entry["state"] for entry in story["subscribers"]}
        return states == {"good": "delivered", "bad": "dead", "other": "not_wanted", "slow": "retrying"} and story

    story = eventually(settled, "everything is settled")
    raw = running.admin("GET", f"/v1/events/{event_id}")[2]
    assert good.deliveries[0].body in raw, "the event does not stand there byte for byte"
    assert story["event"]["data"]["to"] == "鲍勃"
    assert story["callback"]["peer"] == "127.0.0.1" and story["callback"]["requestId"] == "req-1"
    by_name = {entry["subscriber"]: entry for entry in story["subscribers"]}
    assert [attempt["outcome"] for attempt in by_name["good"]["attempts"]] == ["success"]
    assert by_name["bad"]["attempts"][0]["response"]["body"] == "no" and by_name["bad"]["deadLetter"]
    assert by_name["slow"]["dueAt"] and [attempt["status"] for attempt in by_name["slow"]["attempts"]] == [500]
    assert "events" in by_name["other"]["reason"]

    # After a restart: what failed is kept, what went well at once is known by where the subscriber has come.
    running.kill()
    running.start()
    again = admin.get(f"/v1/events/{event_id}")
    by_name = {entry["subscriber"]: entry for entry in again["subscribers"]}
    assert by_name["good"]["state"] == "delivered" and by_name["bad"]["attempts"] and by_name["slow"]["attempts"]


def test_a_subscriber_that_came_later_and_one_that_waits_say_so(gateway, receiver):
    audit, late = receiver(), receiver("late")
    running = gateway(routes(subscriber(audit))).start()
    admin = Admin(running)
    post(running, callback(BLOCK, ("a", "b")))
    audit.wait_for(1)
    running.apply(routes(subscriber(audit), subscriber(late)))
    admin.post("/v1/subscribers/late/pause")
    first = admin.get(f"/v1/events/{audit.deliveries[0].id}")["subscribers"]
    assert [(entry["subscriber"], entry["state"]) for entry in first] == [
        ("audit", "delivered"), ("late", "before_start")]
    post(running, callback(BLOCK, ("a", "c")))
    audit.wait_for(2)
    second = admin.get(f"/v1/events/{audit.deliveries[1].id}")["subscribers"]
    assert second[1]["state"] == "waiting" and "paused" in second[1]["reason"]


@pytest.mark.parametrize("duplicates", ["request-id", "body", "none"])
def test_an_event_is_found_by_its_id_however_that_is_made(gateway, receiver, duplicates):
    audit = receiver()
    running = gateway(routes(subscriber(audit), apps=[app(duplicates={"by": duplicates})])).start()
    post(running, *(callback(BLOCK, ("a", f"b{number}")) for number in range(50)))
    audit.wait_for(50)
    running.kill()
    running.start()
    for delivery in audit.deliveries[::7]:
        assert Admin(running).get(f"/v1/events/{delivery.id}")["event"] == delivery.event


def test_an_id_that_is_not_there_is_404_and_one_that_is_none_400(busy):
    _, admin, audit = busy
    known = audit.deliveries[0].id
    for name, status in [
        ("0199f2c4-8a51-7c3e-9d10-2b7e6f0a4c11-0", 404), (re.sub(r"-\d+$", "-77", known), 404), (known.upper(), 400),
        ("x", 400), (known + "x", 400), (re.sub(r"-\d+$", "-00", known), 400),
    ]:
        with pytest.raises(AdminError) as refused:
            admin.get(f"/v1/events/{name}")
        assert refused.value.status == status, name


def test_the_tail_tells_attempts_as_they_happen(gateway, receiver):
    audit, moderation = receiver(answer=lambda _: Answer(500, body=b"oops")), receiver("moderation")
    running = gateway(routes(subscriber(audit), subscriber(moderation, events=["friend.*"]))).start()
    everything, friends, one = (
        Tail(running), Tail(running, "/v1/tail?events=friend.*"), Tail(running, "/v1/tail?subscriber=moderation"))
    time.sleep(0.2)
    post(running, callback(BLOCK, ("a", "b")))
    eventually(lambda: len(everything.attempts) >= 2, "failures and retries are told")
    audit.answer = accept
    post(running, callback(FRIEND, ("a", "b")))
    moderation.wait_for(1)
    eventually(lambda: len(one.attempts) == 1 and len(friends.attempts) >= 2, "each gets what it asked for")

    first = everything.attempts[0]
    assert (first["subscriber"], first["attempt"], first["outcome"], first["status"]) == ("audit", 1, "http_5xx", 500)
    assert first["eventId"] == audit.deliveries[0].id and first["type"] == "com.tencent.chat.blocklist.added"
    assert first["response"]["body"] == "oops" and first["durationSeconds"] > 0
    assert {attempt["type"] for attempt in friends.attempts} == {"com.tencent.chat.friend.added"}
    assert one.attempts[0]["subscriber"] == "moderation"

    running.terminate()
    assert everything.has_ended.wait(5), "the stream outlived the gateway"


def test_nothing_secret_is_in_any_answer(gateway, receiver):
    audit = receiver(answer=lambda _: Answer(400))
    running = gateway(routes(
        subscriber(audit, headers={"X-Key": "header-secret"}, url=audit.url + "?key=url-secret"),
        apps=[app(tokens=["token-secret"])])).start()
    admin = Admin(running)
    post(running, callback(BLOCK, ("a", "b"), token="token-secret"))
    eventually(lambda: admin.get("/v1/dead-letters")["deadLetters"], "it is dead")
    [letter] = admin.get("/v1/dead-letters")["deadLetters"]
    shown = json.dumps([
        admin.get("/v1/stats"), admin.get("/v1/subscribers"), admin.get(f"/v1/dead-letters/{letter['id']}"),
        admin.get(f"/v1/events/{letter['eventId']}"), admin.get("/v1/events")])
    for secret in ("header-secret", "url-secret", "token-secret", audit.secret, "Sign="):
        assert secret not in shown and secret not in running.log_text


def test_an_attempt_is_told_once_in_a_story(gateway, receiver):
    audit = receiver(answer=lambda _: Answer(400, delay=0.0123))
    running = gateway(routes(subscriber(audit))).start()
    admin = Admin(running)
    post(running, callback(BLOCK, ("alice", "bob")))
    eventually(lambda: admin.get("/v1/dead-letters")["deadLetters"], "it is dead")
    [letter] = admin.get("/v1/dead-letters")["deadLetters"]

    [entry] = admin.get(f"/v1/events/{letter['eventId']}")["subscribers"]

    assert [attempt["attempt"] for attempt in entry["attempts"]] == [1], entry["attempts"]
