"""Dead letters over the admin API: listed, shown, sent again, deleted."""

import json
from concurrent.futures import ThreadPoolExecutor

import pytest

from harness import Admin, AdminError, Answer, Callback, eventually, pairs_body, post, routes, subscriber
from harness.receiver import accept

COMMAND = "Sns.CallbackBlackListAdd"
REFUSAL = b'{"why":"the account is not one of ours"}'


def pairs(*numbers):
    return Callback(COMMAND, pairs_body(COMMAND, [("a", f"b{number}") for number in numbers]))


def refuse(_):
    return Answer(400, {"Content-Type": "application/json"}, REFUSAL)


def with_dead_letters(gateway, receiver, count=3, **keys):
    audit = receiver(answer=refuse)
    running = gateway(routes(subscriber(audit, **keys))).start()
    post(running, *(pairs(number) for number in range(count)))
    admin = Admin(running)
    eventually(lambda: len(admin.get("/v1/dead-letters")["deadLetters"]) == count, f"{count} are dead")
    return running, admin, audit


def test_one_is_shown_with_its_request_its_response_and_its_error(gateway, receiver):
    _, admin, audit = with_dead_letters(gateway, receiver, 1, headers={"Authorization": "Bearer hidden-value"})
    [letter] = admin.get("/v1/dead-letters")["deadLetters"]
    assert letter["state"] == "dead" and letter["subscriber"] == "audit" and letter["attempts"] == 1
    assert letter["type"] == "com.tencent.chat.blocklist.added" and "400" in letter["error"]

    for reference in (letter["id"], letter["eventId"]):
        story = admin.get(f"/v1/dead-letters/{reference}")
        [sent] = audit.deliveries
        assert story["deadLetter"] == letter and story["eventIds"] == [sent.id]
        assert story["request"]["body"].encode() == sent.body
        shown = {header["name"].lower(): header["value"] for header in story["request"]["headers"]}
        assert shown["webhook-id"] == sent.id and shown["switchyard-attempt"] == "1"
        assert shown["webhook-signature"] == shown["authorization"] == "•••"
        [attempt] = story["attempts"]
        assert attempt["status"] == 400 and attempt["outcome"] == "http_4xx"
        assert attempt["response"] == {"body": REFUSAL.decode(), "isCut": False}
        assert "hidden-value" not in json.dumps(story)


def test_the_attempts_are_kept_over_a_restart(gateway, receiver):
    running, admin, _ = with_dead_letters(gateway, receiver, 1)
    running.kill()
    running.start()
    [letter] = admin.get("/v1/dead-letters")["deadLetters"]
    [attempt] = admin.get(f"/v1/dead-letters/{letter['id']}")["attempts"]
    assert attempt["response"]["body"] == REFUSAL.decode()


def test_the_list_comes_in_pieces(gateway, receiver):
    _, admin, _ = with_dead_letters(gateway, receiver, 7)
    letters = admin.pieces("/v1/dead-letters?limit=3", "deadLetters")
    assert len({letter["id"] for letter in letters}) == 7
    assert len(admin.get("/v1/dead-letters?limit=3")["deadLetters"]) == 3


@pytest.mark.parametrize("by", ["ids", "events", "subscriber", "time", "error"])
def test_they_are_sent_again_under_their_ids(gateway, receiver, by):
    running, admin, audit = with_dead_letters(gateway, receiver, 3)
    letters = admin.get("/v1/dead-letters")["deadLetters"]
    first = {delivery.id: delivery.body for delivery in audit.deliveries}
    audit.answer = accept
    selection = {
        "ids": {"ids": [letter["id"] for letter in letters]},
        "events": {"ids": [letter["eventId"] for letter in letters]},
        "subscriber": {"subscriber": "audit"},
        "time": {"from": min(letter["endedAt"] for letter in letters), "to": "2100-01-01T00:00:00Z"},
        "error": {"error": "ANSWER WAS 400"},
    }[by]

    action = admin.post("/v1/dead-letters/replay", selection)

    assert (action["deadLetters"], action["events"], action["more"]) == (3, 3, False)
    audit.wait_for(3)
    again = audit.deliveries[3:]
    assert {delivery.id: delivery.body for delivery in again} == first
    assert {delivery.headers["switchyard-replay"] for delivery in again} == {action["replay"]}
    assert {delivery.attempt for delivery in again} == {1}
    assert all("switchyard-replay" not in delivery.headers for delivery in audit.deliveries[:3])
    eventually(lambda: admin.subscriber()["deadLetters"] == 0, "none is left")
    running.wait_until_settled("audit")
    assert admin.post("/v1/dead-letters/replay", {"subscriber": "audit"})["deadLetters"] == 0


def test_one_that_fails_again_is_a_dead_letter_again(gateway, receiver):
    running, admin, audit = with_dead_letters(gateway, receiver, 1)
    [before] = admin.get("/v1/dead-letters")["deadLetters"]
    admin.post("/v1/dead-letters/replay", {"ids": [before["id"]]})
    audit.wait_for_requests(2)
    eventually(lambda: len(admin.get("/v1/dead-letters")["deadLetters"]) == 1, "it is dead again")
    [after] = admin.get("/v1/dead-letters")["deadLetters"]
    assert after["id"] == before["id"] and after["endedAt"] > before["endedAt"]
    assert len(admin.get(f"/v1/dead-letters/{after['id']}")["attempts"]) == 2
    running.wait_for_metric("switchyard_dead_letters", 1, subscriber="audit")


def test_a_replay_of_dead_letters_survives_a_kill(gateway, receiver):
    running, admin, audit = with_dead_letters(gateway, receiver, 3)
    audit.answer = lambda _: Answer(500)
    admin.post("/v1/dead-letters/replay", {"subscriber": "audit"})
    running.kill()
    audit.answer = accept
    running.start()
    audit.wait_for(3)
    assert all("switchyard-replay" in delivery.headers for delivery in audit.acknowledged)


def test_a_batch_is_sent_again_with_its_members(gateway, receiver):
    audit = receiver(answer=refuse)
    running = gateway(routes(subscriber(audit, format="batch"))).start()
    admin = Admin(running)
    post(running, pairs(1, 2, 3))
    eventually(lambda: admin.get("/v1/dead-letters")["deadLetters"], "it is dead")
    [letter] = admin.get("/v1/dead-letters")["deadLetters"]
    assert letter["events"] == 3
    assert len(admin.get(f"/v1/dead-letters/{letter['id']}")["eventIds"]) == 3
    audit.answer = accept
    assert admin.post("/v1/dead-letters/replay", {"ids": [letter["id"]]})["events"] == 3
    audit.wait_for_requests(2)
    first, second = audit.deliveries
    assert second.id == first.id and second.body == first.body


def test_discarded_ones_are_gone_and_the_others_stay(gateway, receiver):
    running, admin, audit = with_dead_letters(gateway, receiver, 3)
    doomed, *kept = admin.get("/v1/dead-letters")["deadLetters"]
    assert admin.post("/v1/dead-letters/discard", {"ids": [doomed["id"]]})["deadLetters"] == 1
    assert admin.get("/v1/dead-letters")["deadLetters"] == kept
    eventually(lambda: admin.subscriber()["deadLetters"] == 2, "the count follows")
    assert admin.post("/v1/dead-letters/discard", {"subscriber": "nobody"})["deadLetters"] == 0
    assert admin.post("/v1/dead-letters/discard", {"subscriber": "audit"})["deadLetters"] == 2
    audit.answer = accept
    assert admin.post("/v1/dead-letters/replay", {"subscriber": "audit"})["deadLetters"] == 0
    assert "dead letters discarded over the admin door" in running.log_text


def test_an_expired_range_is_replayed_as_far_as_it_is_retained(gateway, receiver):
    audit = receiver()
    audit.stop()
    running = gateway(routes(subscriber(audit, keep="2s", breaker={"open_after": 1, "probe_every": "1h"}))).start()
    admin = Admin(running)
    post(running, *(pairs(number) for number in range(5)))
    eventually(
        lambda: [letter for letter in admin.get("/v1/dead-letters")["deadLetters"] if letter["state"] == "expired"],
        "they expire", 60)
    # So that what has expired is not given up again while it is sent.
    running.apply(routes(subscriber(audit, keep="7d")))
    letters = admin.get("/v1/dead-letters")["deadLetters"]
    assert sum(letter["events"] for letter in letters) == 5
    audit.start()
    admin.post("/v1/subscribers/audit/resume")

    action = admin.post("/v1/dead-letters/replay", {"subscriber": "audit"})

    assert action["events"] == 5
    audit.wait_for(5)
    assert admin.get("/v1/dead-letters")["deadLetters"] == []
    eventually(lambda: [r for r in admin.get("/v1/replays")["replays"] if r["state"] == "done"], "the replay is done")


def test_replaying_many_goes_on_until_all_are_done_however_far_apart_they_lie(gateway, receiver):
    rare = {"b0", "b6999"}
    audit = receiver(answer=lambda delivery: Answer(415 if delivery.pair[1] in rare else 400))
    running = gateway(routes(subscriber(audit, concurrency=64))).start()
    admin = Admin(running)
    post(running, *(pairs(*range(start, start + 100)) for start in range(0, 7000, 100)))
    running.wait_until_settled("audit", 120)
    audit.answer = accept
    replayed, more = 0, True
    while more:
        action = admin.post("/v1/dead-letters/replay", {"error": "415"})
        assert action["deadLetters"] > 0, "a call that says more does something"
        replayed, more = replayed + action["deadLetters"], action["more"]
    assert replayed == 2
    audit.wait_for(2)
    assert len(admin.pieces("/v1/dead-letters?limit=1000", "deadLetters")) == 6998


def test_what_belongs_to_a_removed_subscriber_does_not_keep_others_from_being_replayed(gateway, receiver):
    old, audit = receiver("old", answer=refuse), receiver(answer=refuse)
    running = gateway(routes(subscriber(old), subscriber(audit))).start()
    admin = Admin(running)
    post(running, pairs(1, 2))
    eventually(lambda: len(admin.get("/v1/dead-letters")["deadLetters"]) == 4, "all are dead")
    running.apply(routes(subscriber(audit)))
    audit.answer = accept
    assert admin.post("/v1/dead-letters/replay", {"error": "400"})["deadLetters"] == 2
    audit.wait_for(2)
    with pytest.raises(AdminError) as refused:
        admin.post("/v1/dead-letters/replay", {"error": "400"})
    assert refused.value.status == 404 and "old" in refused.value.document["detail"]
    assert admin.post("/v1/dead-letters/discard", {"error": "400"})["deadLetters"] == 2


def test_eight_at_once_send_each_of_a_replays_dead_letters_again(gateway, receiver):
    audit = receiver()
    running = gateway(routes(subscriber(audit))).start()
    admin = Admin(running)
    post(running, *(pairs(number) for number in range(40)))
    audit.wait_for(40)
    running.wait_until_settled("audit")
    audit.answer = refuse
    replay = admin.post("/v1/replays", {"subscriber": "audit", "from": "2020-01-01T00:00:00Z"})
    eventually(lambda: admin.get(f"/v1/replays/{replay['id']}")["state"] == "done", "the replay is done")
    letters = [letter["id"] for letter in admin.get("/v1/dead-letters")["deadLetters"]]
    assert len(letters) == 40
    audit.answer, seen = accept, len(audit.deliveries)

    with ThreadPoolExecutor(8) as pool:
        actions = list(pool.map(
            lambda part: admin.post("/v1/dead-letters/replay", {"ids": letters[part::8]}), range(8)))

    assert sum(action["deadLetters"] for action in actions) == 40
    eventually(lambda: admin.get(f"/v1/replays/{replay['id']}")["state"] == "done", "it is done again")
    assert len(audit.deliveries) - seen == 40
    assert admin.get("/v1/dead-letters")["deadLetters"] == []
    assert running.terminate() == 0


@pytest.mark.parametrize("path", [
    "/v1/dead-letters?cursor=1-9223372036854775807", "/v1/dead-letters?cursor=9223372036854775807-1",
    "/v1/dead-letters/1-9223372036854775807", "/v1/events?cursor=9223372036854775807",
    "/v1/subscribers?cursor=9223372036854775807",
])
def test_a_number_beyond_all_bounds_is_refused(gateway, receiver, path):
    running = gateway(routes(subscriber(receiver()))).start()
    with pytest.raises(AdminError) as refused:
        Admin(running).get(path)
    assert refused.value.status == 400
    largest = path.replace("9223372036854775807", "999999999999999999")
    assert running.admin("GET", largest)[0] in (200, 404)


@pytest.mark.parametrize("path", ["replay", "discard"])
@pytest.mark.parametrize("selection, word", [
    ({}, "Say which"), ({"ids": []}, "ids"), ({"ids": ["x"]}, "dead letter"), ({"ids": "3-1"}, "list"),
    ({"everything": True}, "everything"), ({"from": "yesterday"}, "RFC 3339"), ({"subscriber": "A B"}, "name"),
    ({"error": ""}, "characters"), ([], "JSON object"), (None, "no body"),
])
def test_what_cannot_be_meant_is_refused(gateway, receiver, path, selection, word):
    running = gateway(routes(subscriber(receiver()))).start()
    with pytest.raises(AdminError) as refused:
        Admin(running).post(f"/v1/dead-letters/{path}", selection)
    assert refused.value.status == 400 and word in refused.value.document["detail"]
