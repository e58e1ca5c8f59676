"""Sending history again."""

import contextlib
import sqlite3
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta, timezone

import pytest

from harness import Admin, AdminError, Answer, Callback, app, eventually, pairs_body, post, routes, subscriber
from harness.receiver import accept, failing

BLOCK, FRIEND = "Sns.CallbackBlackListAdd", "Sns.CallbackFriendAdd"
LONG_AGO = "2020-01-01T00:00:00Z"


def one(number=0, command=BLOCK):
    return Callback(command, pairs_body(command, [("a", f"b{number}")]))


def moment(**ago):
    return (datetime.now(timezone.utc) - timedelta(**ago)).isoformat().replace("+00:00", "Z")


def replay_of(admin, **request):
    return admin.post("/v1/replays", {"subscriber": "audit", "from": LONG_AGO, **request})


def wait_until_done(admin, replay):
    return eventually(
        lambda: (now := admin.get(f"/v1/replays/{replay['id']}"))["state"] == "done" and now, "the replay is done")


def delivered(gateway, receiver, count=5, **keys):
    audit = receiver()
    running = gateway(routes(subscriber(audit, **keys))).start()
    post(running, *(one(number) for number in range(count)))
    audit.wait_for(count)
    running.wait_until_settled("audit")
    return running, Admin(running), audit


def test_a_dry_run_counts_and_sends_nothing(gateway, receiver):
    _, admin, audit = delivered(gateway, receiver)
    plan = admin.post("/v1/replays?dry_run=1", {"subscriber": "audit", "from": LONG_AGO})
    assert (plan["totalEvents"], plan["isExact"]) == (5, True)
    assert admin.get("/v1/replays")["replays"] == []
    assert len(audit.deliveries) == 5


def test_history_comes_again_marked_and_under_its_ids(gateway, receiver):
    running, admin, audit = delivered(gateway, receiver)
    first = {delivery.id: delivery.body for delivery in audit.deliveries}
    replay = replay_of(admin)
    assert replay["state"] == "running" and replay["totalEvents"] == 5
    audit.wait_for_requests(10)
    again = audit.deliveries[5:]
    assert {delivery.id: delivery.body for delivery in again} == first
    assert {delivery.headers["switchyard-replay"] for delivery in again} == {replay["id"]}
    done = wait_until_done(admin, replay)
    assert done["doneEvents"] == 5 and done["endedAt"]
    # What comes later is live, and is not marked.
    post(running, one(99))
    audit.wait_for_requests(11)
    assert "switchyard-replay" not in audit.deliveries[-1].headers


def test_only_what_is_asked_for_comes_again(gateway, receiver):
    audit = receiver()
    running = gateway(routes(subscriber(audit))).start()
    admin = Admin(running)
    post(running, one(1), one(2, FRIEND))
    audit.wait_for(2)
    time.sleep(0.05)
    middle = moment()
    time.sleep(0.05)
    post(running, one(3), one(4, FRIEND))
    audit.wait_for(4)
    running.wait_until_settled("audit")

    wait_until_done(admin, replay_of(admin, events=["friend.*"]))
    wait_until_done(admin, replay_of(admin, **{"from": middle}))
    wait_until_done(admin, replay_of(admin, to=middle, events=["blocklist.added"]))

    again = [delivery.pair[1] for delivery in audit.deliveries[4:]]
    assert sorted(again[:2]) == ["b2", "b4"] and sorted(again[2:4]) == ["b3", "b4"] and again[4:] == ["b1"]


def test_a_new_subscriber_gets_the_past(gateway, receiver):
    running, admin, audit = delivered(gateway, receiver)
    late = receiver("late")
    running.apply(routes(subscriber(audit), subscriber(late)))
    assert late.deliveries == []
    wait_until_done(admin, replay_of(admin, subscriber="late"))
    assert {delivery.id for delivery in late.deliveries} == {delivery.id for delivery in audit.deliveries}
    assert len(audit.deliveries) == 5


def test_it_ends_where_live_delivery_has_come(gateway, receiver):
    running, admin, audit = delivered(gateway, receiver, 3)
    admin.post("/v1/subscribers/audit/pause")
    post(running, one(7), one(8))
    plan = admin.post("/v1/replays?dry_run=true", {"subscriber": "audit", "from": LONG_AGO})
    assert plan["totalEvents"] == 3
    replay = replay_of(admin)
    waiting = eventually(
        lambda: (now := admin.get(f"/v1/replays/{replay['id']}")).get("reason") and now, "it says why it waits")
    assert "subscriber" in waiting["reason"] and len(audit.deliveries) == 3
    admin.post("/v1/subscribers/audit/resume")
    wait_until_done(admin, replay)
    audit.wait_for_requests(8)
    marks = [("switchyard-replay" in delivery.headers, delivery.pair[1]) for delivery in audit.deliveries[3:]]
    assert sorted(name for is_replayed, name in marks if not is_replayed) == ["b7", "b8"]
    assert sorted(name for is_replayed, name in marks if is_replayed) == ["b0", "b1", "b2"]


def test_it_keeps_to_its_rate_is_paused_and_goes_on_after_a_kill(gateway, receiver):
    running, admin, audit = delivered(gateway, receiver, 30)
    replay = replay_of(admin, rateLimit="5/s")
    audit.wait_for_requests(33)
    assert admin.post(f"/v1/replays/{replay['id']}/pause")["state"] == "paused"
    time.sleep(0.3)
    seen = len(audit.deliveries)
    assert seen < 30 + 25, "it did not keep to its rate"
    time.sleep(1)
    assert len(audit.deliveries) == seen, "it went on although it was paused"

    running.kill()
    running.start()
    time.sleep(1)
    still = admin.get(f"/v1/replays/{replay['id']}")
    assert still["state"] == "paused" and 0 < still["doneEvents"] < 30
    assert len(audit.deliveries) == seen

    assert admin.post(f"/v1/replays/{replay['id']}/resume")["state"] == "running"
    wait_until_done(admin, replay)
    replayed = {delivery.id for delivery in audit.deliveries[30:]}
    assert replayed == {delivery.id for delivery in audit.deliveries[:30]}


def test_a_cancelled_one_sends_no_more(gateway, receiver):
    _, admin, audit = delivered(gateway, receiver, 20)
    replay = replay_of(admin, rateLimit="5/s")
    audit.wait_for_requests(22)
    cancelled = admin.delete(f"/v1/replays/{replay['id']}")
    assert cancelled["state"] == "cancelled" and cancelled["endedAt"]
    time.sleep(0.3)
    seen = len(audit.deliveries)
    time.sleep(1)
    assert len(audit.deliveries) == seen < 40
    for change in (lambda: admin.delete(f"/v1/replays/{replay['id']}"),
                   lambda: admin.post(f"/v1/replays/{replay['id']}/pause"),
                   lambda: admin.post(f"/v1/replays/{replay['id']}/resume")):
        with pytest.raises(AdminError) as refused:
            change()
        assert refused.value.status == 409


def test_a_dead_letter_of_a_cancelled_one_is_sent_again_alone(gateway, receiver):
    _, admin, audit = delivered(gateway, receiver, 40)
    audit.answer = lambda delivery: Answer(400) if delivery.pair[1] == "b0" else accept(delivery)
    replay = replay_of(admin, rateLimit="5/s")
    audit.wait_for_requests(43)
    cancelled = admin.delete(f"/v1/replays/{replay['id']}")
    assert 0 < cancelled["doneEvents"] < 40 and cancelled["totalEvents"] == 40
    time.sleep(0.3)
    audit.answer, seen = accept, len(audit.deliveries)
    [letter] = admin.get("/v1/dead-letters")["deadLetters"]
    assert admin.post("/v1/dead-letters/replay", {"ids": [letter["id"]]})["deadLetters"] == 1
    eventually(lambda: admin.get(f"/v1/replays/{replay['id']}")["state"] == "cancelled", "it is cancelled again")
    time.sleep(1)
    assert [delivery.pair[1] for delivery in audit.deliveries[seen:]] == ["b0"]


def test_what_fails_is_retried_and_what_dies_can_be_sent_again(gateway, receiver):
    running, admin, audit = delivered(gateway, receiver, 4)
    audit.answer = lambda delivery: Answer(400) if delivery.pair[1] == "b2" else accept(delivery)
    done = wait_until_done(admin, replay := replay_of(admin))
    assert done["deadLetters"] == 1
    [letter] = admin.get("/v1/dead-letters?subscriber=audit")["deadLetters"]
    assert letter["replay"] == replay["id"]
    running.wait_for_metric("switchyard_dead_letters", 1, subscriber="audit")
    assert admin.subscriber()["deadLetters"] == 1
    audit.answer = accept
    assert admin.post("/v1/dead-letters/replay", {"ids": [letter["id"]]})["deadLetters"] == 1
    eventually(lambda: audit.acknowledged[-1].pair[1] == "b2", "it arrives")
    wait_until_done(admin, replay)
    assert admin.get("/v1/dead-letters")["deadLetters"] == []

    audit.answer = failing(500, every=2)
    wait_until_done(admin, replay_of(admin))
    assert running.metrics().value("switchyard_backlog_events", subscriber="audit") == 0


def test_live_traffic_goes_on_beside_it_and_its_lag_is_not_spoilt(gateway, receiver):
    running, admin, audit = delivered(gateway, receiver, 200)
    audit.answer = lambda _: Answer(delay=0.02)
    replay = replay_of(admin)
    for number in range(1000, 1010):
        post(running, one(number))
    eventually(
        lambda: sum(1 for delivery in audit.acknowledged if delivery.pair[1].startswith("b10")) >= 10,
        "live events arrive")
    assert admin.get(f"/v1/replays/{replay['id']}")["state"] == "running", "the replay was over before the test began"
    wait_until_done(admin, replay)
    assert running.metrics().value("switchyard_delivery_lag_seconds_count", subscriber="audit") == 210


def test_with_a_rate_limit_live_and_replayed_requests_stay_within_it_together(gateway, receiver):
    running, admin, audit = delivered(gateway, receiver, 40, rate_limit="40/s")
    time.sleep(1.1)
    replay_of(admin)
    for number in range(100, 180):
        post(running, one(number))
    audit.wait_for_requests(160, timeout=60)
    times = sorted(delivery.at for delivery in audit.deliveries[40:])
    busiest = max(sum(1 for other in times if start <= other < start + 1) for start in times)
    # A request is seen a little after it was sent.
    assert busiest <= 44


def test_lists_come_in_pieces_newest_first(gateway, receiver):
    _, admin, _ = delivered(gateway, receiver, 1)
    made = [replay_of(admin)["id"] for _ in range(5)]
    listed = [replay["id"] for replay in admin.pieces("/v1/replays?limit=2", "replays")]
    assert listed == made[::-1]
    assert admin.get("/v1/replays?subscriber=nobody")["replays"] == []


@pytest.mark.parametrize("request_, status, word", [
    ({"subscriber": "nobody"}, 404, "nobody"),
    ({"from": "2100-01-01T00:00:00Z"}, 400, "empty"),
    ({"from": "yesterday"}, 400, "RFC 3339"),
    ({"from": LONG_AGO, "to": "2020-01-02T00:00:00Z"}, 409, "retained"),
    ({"events": ["frend.*"]}, 400, "friend."),
    ({"events": []}, 400, "list"),
    ({"rateLimit": "fast"}, 400, "50/s"),
    ({"rate": "1/s"}, 400, "rate"),
])
def test_what_cannot_be_replayed_is_refused_with_a_reason(gateway, receiver, request_, status, word):
    _, admin, _ = delivered(gateway, receiver, 1)
    with pytest.raises(AdminError) as refused:
        replay_of(admin, **request_)
    assert refused.value.status == status and word in refused.value.document["detail"], refused.value.document


def test_an_unknown_or_impossible_id_is_told_apart(gateway, receiver):
    running = gateway(routes(subscriber(receiver()), apps=[app()])).start()
    for name, status in [("replay-0123456789abcdef", 404), ("replay-1", 400)]:
        with pytest.raises(AdminError) as refused:
            Admin(running).get(f"/v1/replays/{name}")
        assert refused.value.status == status


def test_a_cancel_that_cannot_be_recorded_changes_nothing(gateway, receiver):
    running, admin, audit = delivered(gateway, receiver, 60)
    replay = replay_of(admin, rateLimit="10/s")
    audit.wait_for_requests(62)
    with contextlib.closing(sqlite3.connect(running.journal_path, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(AdminError) as refused:
            admin.delete(f"/v1/replays/{replay['id']}")
        assert refused.value.status == 503
        other.execute("ROLLBACK")
    assert admin.get(f"/v1/replays/{replay['id']}")["state"] == "running"
    wait_until_done(admin, replay)
    assert {delivery.id for delivery in audit.deliveries[60:]} == {delivery.id for delivery in audit.deliveries[:60]}


def test_changes_made_at_once_leave_it_as_the_last_one_says(gateway, receiver):
    _, admin, audit = delivered(gateway, receiver, 40)
    for _ in range(5):
        replay = replay_of(admin, rateLimit="5/s")
        path = f"/v1/replays/{replay['id']}"

        def change(how):
            try:
                return admin.delete(path) if how == "cancel" else admin.post(f"{path}/{how}")
            except AdminError as refused:
                assert refused.status == 409
                return None

        with ThreadPoolExecutor(6) as pool:
            list(pool.map(change, ["pause", "cancel", "resume", "pause", "cancel", "resume"]))
        assert admin.get(path)["state"] == "cancelled"
    time.sleep(0.5)
    seen = len(audit.deliveries)
    time.sleep(1)
    assert len(audit.deliveries) == seen
