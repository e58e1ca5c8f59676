"""Real input, end to end: sample packets posted by curl, fanned out to three subscribers of which one is flaky."""

import json
import re
from datetime import datetime

from cloudevents.core.bindings.http import HTTPMessage, from_structured_event

from harness import APP, Callback, app, post, post_with_curl, routes, sample, subscriber
from harness.receiver import failing

OTHER_APP = 1400000001
OK = {"ActionStatus": "OK", "ErrorCode": 0, "ErrorInfo": ""}
PAIR_SAMPLES = {
    "Sns.CallbackFriendAdd": "friend.added",
    "Sns.CallbackFriendDelete": "friend.deleted",
    "Sns.CallbackBlackListAdd": "blocklist.added",
    "Sns.CallbackBlackListDelete": "blocklist.deleted",
}
_UUID = re.compile(r"^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$")
_TIME = re.compile(r"^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}\.\d{3}Z$")


def test_every_pair_of_the_samples_arrives_at_each_subscriber_with_one_id(gateway, receiver, tmp_path):
    receivers = [receiver("audit"), receiver("moderation"), receiver("flaky", answer=failing(503, every=3))]
    running = gateway(routes(*(subscriber(one) for one in receivers), apps=[app(), app(OTHER_APP)])).start()
    callbacks = [sample(name) for name in PAIR_SAMPLES] + [sample("Sns.CallbackFriendDelete.both")]

    answers = post_with_curl(running, callbacks, tmp_path)

    for status, body in answers:
        assert status == 200
        assert json.loads(body) == OK
    expected = sum(len(json.loads(callback.body)["PairList"]) for callback in callbacks)
    first, *others = [{delivery.id: delivery for delivery in one.wait_for(expected)} for one in receivers]
    assert len(first) == expected
    for other in others:
        assert {event: delivery.body for event, delivery in other.items()} == \
            {event: delivery.body for event, delivery in first.items()}
    for callback in callbacks:
        for delivery in of_callback(first.values(), callback):
            check_event(delivery, callback)
    assert max(receivers[2].attempts()) > 1, "the flaky subscriber was never tried again"


def of_callback(deliveries, callback):
    """The deliveries of one callback, in the order of its pairs."""
    pairs = json.loads(callback.body)["PairList"]
    mine = sorted(
        (one for one in deliveries
         if one.event["data"]["command"] == callback.command and one.event["data"]["sdkAppId"] == callback.app),
        key=lambda one: one.event["data"]["batch"]["index"])
    assert [one.event["data"]["item"] for one in mine] == pairs
    return mine


def check_event(delivery, callback):
    """Section 3 of the contract, field by field, as a CloudEvents library reads it."""
    event = from_structured_event(HTTPMessage(dict(delivery.headers), delivery.body))
    document = json.loads(callback.body)
    data = event.get_data()
    index = data["batch"]["index"]
    item = document["PairList"][index]

    assert event.get_id() == delivery.headers["webhook-id"] == f"{data['batch']['id']}-{index}"
    assert _UUID.match(data["batch"]["id"])
    assert event.get_specversion() == "1.0"
    assert event.get_source() == f"/tencent-chat/apps/{callback.app}"
    assert event.get_type() == "com.tencent.chat." + PAIR_SAMPLES[callback.command]
    assert event.get_datacontenttype() == "application/json"
    assert event.get_extension("partitionkey") == "|".join(sorted([item["From_Account"], item["To_Account"]]))
    assert isinstance(event.get_time(), datetime)
    assert _TIME.match(delivery.event["time"]) and _TIME.match(data["receivedAt"])
    assert delivery.event["time"] == data["receivedAt"], "these commands carry no time of their own"

    assert data["sdkAppId"] == callback.app
    assert data["command"] == callback.command
    assert (data["from"], data["to"]) == (item["From_Account"], item["To_Account"])
    assert data["item"] == item
    assert data["batch"]["size"] == len(document["PairList"])
    assert data["client"] == {"ip": callback.client_ip, "platform": callback.platform}
    assert data["callback"] == {key: value for key, value in document.items()
                                if key not in ("PairList", "CallbackCommand")}


def test_a_command_without_pairs_becomes_one_event_with_the_time_it_carries(gateway, receiver):
    audit = receiver()
    running = gateway(routes(subscriber(audit))).start()
    callback = sample("State.StateChange")

    post(running, callback)

    [delivery] = audit.wait_for(1)
    assert delivery.event["time"] == "2021-08-25T09:22:12.497Z"
    data = delivery.event["data"]
    assert data["command"] == "State.StateChange"
    assert data["batch"]["index"] == 0 and data["batch"]["size"] == 1
    assert "item" not in data
    assert data["callback"] == {key: value for key, value in json.loads(callback.body).items()
                                if key != "CallbackCommand"}


def test_friend_requests_get_their_neutral_answer_and_are_delivered(gateway, receiver):
    audit = receiver()
    running = gateway(routes(subscriber(audit))).start()

    for name in ("Sns.CallbackPrevFriendAdd", "Sns.CallbackPrevFriendResponse"):
        answer = post(running, sample(name)).json
        assert {key: answer[key] for key in OK} == OK
        assert [(row["To_Account"], row["ResultCode"]) for row in answer["ResultItem"]] == [("id1", 0), ("id2", 0)]

    commands = {delivery.event["data"]["command"] for delivery in audit.wait_for(2)}
    assert commands == {"Sns.CallbackPrevFriendAdd", "Sns.CallbackPrevFriendResponse"}


def test_other_samples_and_unknown_commands_are_accepted_and_delivered(gateway, receiver):
    audit = receiver()
    running = gateway(routes(subscriber(audit))).start()
    unheard_of = Callback("Group.CallbackOfTheFuture", b'{"CallbackCommand":"Group.CallbackOfTheFuture","N":1}')

    post(running, sample("C2C.CallbackBeforeSendMsg"), sample("Group.CallbackAfterNewMemberJoin"), unheard_of)

    arrived = {delivery.event["data"]["command"]: delivery.event for delivery in audit.wait_for(4)}
    assert arrived.keys() == {
        "C2C.CallbackBeforeSendMsg", "Group.CallbackAfterNewMemberJoin", "Group.CallbackOfTheFuture"}
    assert arrived["Group.CallbackOfTheFuture"]["type"] == "com.tencent.chat.callback"
    assert arrived["Group.CallbackOfTheFuture"]["data"]["callback"] == {"N": 1}


def test_the_request_id_is_known_by_both_of_its_spellings(gateway, receiver):
    audit = receiver()
    running = gateway(routes(subscriber(audit))).start()
    callback = sample("Sns.CallbackBlackListAdd")

    post(running, callback, callback.again(request_id_key="RequestID"))

    running.wait_for_metric("switchyard_callbacks_duplicate_total", 1, app=str(APP))
    audit.wait_for(3)
    running.wait_until_settled("audit")
    assert len(audit.ids) == 3
