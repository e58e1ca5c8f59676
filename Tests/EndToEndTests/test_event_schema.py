"""docs/event.schema.json takes every event that a real gateway makes, and none that is not one."""

import copy
import json

import jsonschema
import pytest
import referencing

from harness import Callback, eventually, pairs_body, post, routes, sample, subscriber
from harness.commands import run
from harness.tencent import SAMPLES

PAIR = "Sns.CallbackBlackListAdd"


@pytest.fixture(scope="module")
def validator(root):
    schema = json.loads((root / "docs/event.schema.json").read_text())
    jsonschema.Draft202012Validator.check_schema(schema)
    return jsonschema.Draft202012Validator(schema)


@pytest.fixture(scope="module")
def batch_validator(validator):
    name = validator.schema["$id"]
    known = referencing.Registry().with_resource(name, referencing.Resource.from_contents(validator.schema))
    return jsonschema.Draft202012Validator({"$ref": f"{name}#/$defs/batch"}, registry=known)


@pytest.fixture
def made(binary, gateway, receiver, decider):
    """Posts with `post`, and returns every event of it, from a subscriber of events and from one of batches."""
    audit, batches = receiver(), receiver("batches")
    running = gateway(routes(
        subscriber(audit), subscriber(batches, format="batch", batch={"max_events": 50, "max_wait": "50ms"}),
        decisions=[decider().entry("C2C.CallbackBeforeSendMsg")])).start()

    def make(act, count):
        act(running)
        events = [delivery.event for delivery in audit.wait_for(count)]
        eventually(lambda: sum(len(one.events) for one in batches.acknowledged) == len(events), "the batches are there")
        return events, [delivery.event for delivery in batches.acknowledged]

    return make


def check(validator, batch_validator, events, batches):
    """Each is valid, and has no field that the schema does not know."""
    data = validator.schema["$defs"]["data"]["properties"]
    for event in events:
        validator.validate(event)
        assert event.keys() <= validator.schema["properties"].keys()
        assert event["data"].keys() <= data.keys()
        for name in ("batch", "client"):
            assert event["data"].get(name, {}).keys() <= data[name]["properties"].keys()
    for batch in batches:
        batch_validator.validate(batch)


def test_every_event_of_every_command_is_valid(validator, batch_validator, made, binary):
    rows = json.loads(run(binary, "catalogue", "--json").stdout)

    def send_all(running):
        for row in rows:
            sent = run(binary, "send", "--url", running.callback_url + "/", "--command", row["command"], "--to", "a,b")
            assert sent.returncode == 0, row["command"] + sent.stdout + sent.stderr

    events, batches = made(send_all, sum(2 if "batch" in row else 1 for row in rows))

    check(validator, batch_validator, events, batches)
    assert {event["data"]["command"] for event in events} == {row["command"] for row in rows}
    # All that the schema describes has been seen.
    assert {key for event in events for key in event} == validator.schema["properties"].keys()
    assert {key for event in events for key in event["data"]} == \
        validator.schema["$defs"]["data"]["properties"].keys()


def test_every_event_of_the_packets_that_were_seen_is_valid(validator, batch_validator, made):
    packets = [sample(path.stem, app=1400000000) for path in sorted(SAMPLES.glob("*.json"))]
    count = sum(len(body.get("PairList") or body.get("NewMemberList") or [None])
                for body in (json.loads(packet.body) for packet in packets))

    events, batches = made(lambda running: post(running, *packets), count)

    check(validator, batch_validator, events, batches)


def test_what_is_odd_is_valid_too(validator, batch_validator, made):
    odd = [
        Callback(PAIR, b'{"CallbackCommand":"Sns.CallbackBlackListAdd"}', client_ip=None, platform=None),
        Callback(PAIR, b'{"PairList":[{"From_Account":"","To_Account":"caf\\u00e9|\\ud83d\\ude00"}]}', request_id=None),
        Callback(PAIR, b'{"PairList":[7,"x",null]}'),
        Callback("Future.CallbackOfTomorrow", b'{"a":[1e400,-0.0,36893488147419103232]}'),
        Callback("Follow.CallbackAfterFollowDelete", b'{"From_Account":"x","To_Account":["b"]}'),
        Callback("Group.CallbackAfterSendMsg", b'{"GroupId":4711,"From_Account":null,"EventTime":"1670574414123"}'),
        Callback(PAIR, pairs_body(PAIR, [("a", str(index)) for index in range(120)])),
    ]

    events, batches = made(lambda running: post(running, *odd), 126)

    check(validator, batch_validator, events, batches)
    assert {event["type"] for event in events} >= {"com.tencent.chat.callback", "com.tencent.chat.follow.deleted"}


def changed(event, path, value):
    """The event with another value at this path; without the last key if that is `...`."""
    result = copy.deepcopy(event)
    place = result
    for key in path[:-1]:
        place = place[key]
    if value is ...:
        del place[path[-1]]
    else:
        place[path[-1]] = value
    return result


def test_what_is_no_event_is_not_valid(validator, batch_validator, made):
    [event], [batch] = made(lambda running: post(running, Callback(PAIR, pairs_body(PAIR, [("a", "b")]))), 1)
    check(validator, batch_validator, [event], [batch])
    required = [("specversion",), ("id",), ("source",), ("type",), ("time",), ("datacontenttype",), ("data",),
                ("data", "sdkAppId"), ("data", "command"), ("data", "callback"), ("data", "batch"),
                ("data", "receivedAt"), ("data", "batch", "id"), ("data", "batch", "index"), ("data", "batch", "size")]
    wrong = [(path, ...) for path in required] + [
        (("specversion",), "0.3"), (("id",), 7), (("id",), event["data"]["batch"]["id"]), (("id",), event["id"] + "x"),
        (("source",), "/tencent-chat"), (("type",), "blocklist.added"), (("time",), "yesterday"),
        (("time",), "2026-13-20T20:36:00.123Z"), (("time",), "2026-11-20 20:36:00"), (("partitionkey",), ""),
        (("partitionkey",), None), (("datacontenttype",), "text/plain"), (("data",), []),
        (("data", "sdkAppId"), "1400000000"), (("data", "command"), ""), (("data", "from"), 7),
        (("data", "from"), None), (("data", "to"), ["b"]), (("data", "group"), 1), (("data", "account"), {}),
        (("data", "callback"), "{}"), (("data", "decision"), {}), (("data", "decision"), {"ErrorCode": "0"}),
        (("data", "batch", "index"), -1), (("data", "batch", "size"), 0), (("data", "batch", "id"), "x"),
        (("data", "client"), {}), (("data", "client", "ip"), 7), (("data", "receivedAt"), 1670574414123),
    ]

    for path, value in wrong:
        assert not validator.is_valid(changed(event, path, value)), (path, value)
        assert not batch_validator.is_valid([event, changed(event, path, value)]), (path, value)
    for other in (None, [], [event], "event", {}):
        assert not validator.is_valid(other)
    for other in (None, [], event, [[event]]):
        assert not batch_validator.is_valid(other)
    # A field of tomorrow is no fault.
    assert validator.is_valid(changed(changed(event, ("traceid",), "x"), ("data", "tomorrow"), 1))
