"""How a callback is cut into events: large ones whole, odd ones unsplit, items to the byte."""

import json

import pytest

from harness import APP, Callback, pairs_body, post, routes, sample, subscriber

ADD = "Sns.CallbackBlackListAdd"
BIG = 2_500
# Items in ways that a parser which builds numbers and strings anew would not give back.
VERBATIM_ITEMS = [
    '{"From_Account":"a","To_Account":"b","Big":144115212830834855123,"Small":1e-7,"One":1.0,"Zero":-0}',
    '{ "To_Account" : "c" ,\t"From_Account" : "a" }',
    '{"From_Account":"\\u00e4\\/\\ud83d\\ude00","To_Account":"\u4e2d\u6587 \U0001f600"}',
    '{"From_Account":"a","To_Account":"d","Nested":{"b":[1,{"a":null}],"a":[]},"Nested2":[[],{}]}',
    '{"From_Account":"a","To_Account":"e\\"}]{[","x":"\\\\"}',
]


def test_a_callback_of_2500_pairs_arrives_whole_and_in_place(gateway, receiver):
    audit = receiver()
    running = gateway(routes(subscriber(audit, concurrency=32))).start()
    items = [f'{{"From_Account":"user-{index}","To_Account":"user-{index + 1}","Seq":{index}.0}}'
             for index in range(BIG)]

    post(running, Callback(ADD, pairs_body(ADD, items)))

    arrived = {delivery.id: delivery for delivery in audit.wait_for(BIG, timeout=60)}
    batch = next(iter(arrived)).rpartition("-")[0]
    assert set(arrived) == {f"{batch}-{index}" for index in range(BIG)}
    for index, item in enumerate(items):
        delivery = arrived[f"{batch}-{index}"]
        assert f'"item":{item}'.encode() in delivery.body
        assert delivery.event["data"]["batch"] == {"id": batch, "index": index, "size": BIG}


def test_items_and_the_rest_of_the_body_stay_to_the_byte_and_in_their_order(gateway, receiver):
    audit = receiver()
    running = gateway(routes(subscriber(audit))).start()
    rest = '"Z":1.50,"A":{"b": 2 ,"a":1},"M":"\\u0041","Admin_Account":""'
    body = f'{{"Z":1.50,"CallbackCommand":"{ADD}","A":{{"b": 2 ,"a":1}},' \
           f'"PairList":[ {" , ".join(VERBATIM_ITEMS)} ],"M":"\\u0041","Admin_Account":""}}'

    post(running, Callback(ADD, body.encode()))

    arrived = sorted(audit.wait_for(len(VERBATIM_ITEMS)), key=lambda one: one.event["data"]["batch"]["index"])
    for item, delivery in zip(VERBATIM_ITEMS, arrived, strict=True):
        assert f'"item":{item}'.encode() in delivery.body
        assert f'"callback":{{{rest}}}'.encode() in delivery.body
        assert delivery.event["data"]["from"] == json.loads(item)["From_Account"]
        assert delivery.event["data"]["to"] == json.loads(item)["To_Account"]


def test_mirrored_rows_are_two_events_of_one_partition(gateway, receiver):
    audit = receiver()
    callback = sample("Sns.CallbackFriendDelete.both", app=APP)
    running = gateway(routes(subscriber(audit))).start()

    post(running, callback)

    arrived = audit.wait_for(2)
    assert {delivery.pair for delivery in arrived} == {("100172", "100214"), ("100214", "100172")}
    assert {delivery.event["partitionkey"] for delivery in arrived} == {"100172|100214"}


@pytest.mark.parametrize(("what", "callback"), [
    ("the batch field is no list", Callback(ADD, f'{{"CallbackCommand":"{ADD}","PairList":{{"a":1}}}}'.encode())),
    ("an item is no object", Callback(ADD, f'{{"CallbackCommand":"{ADD}","PairList":["a"]}}'.encode())),
    ("an account is missing", Callback(ADD, pairs_body(ADD, ['{"From_Account":"a"}']))),
    ("an account is no string", Callback(ADD, pairs_body(ADD, ['{"From_Account":"a","To_Account":7}']))),
    ("the batch field stands twice",
     Callback(ADD, f'{{"CallbackCommand":"{ADD}","PairList":[],"PairList":[]}}'.encode())),
    ("query and body differ", Callback(ADD, pairs_body("Sns.CallbackFriendAdd", [("a", "b")]))),
    ("the command is unknown",
     Callback("Sns.CallbackUnheardOf", pairs_body("Sns.CallbackUnheardOf", [("a", "b")]))),
])
def test_an_odd_shape_is_carried_whole_and_counted(gateway, receiver, what, callback):
    audit = receiver()
    running = gateway(routes(subscriber(audit))).start()

    post(running, callback)

    [delivery] = audit.wait_for(1)
    event = delivery.event
    assert event["type"] == "com.tencent.chat.callback", what
    assert event["data"]["command"] == callback.command, "the query's command counts"
    assert "item" not in event["data"]
    assert event["data"]["batch"]["index"] == 0 and event["data"]["batch"]["size"] == 1
    running.wait_for_metric("switchyard_callbacks_unsplit_total", 1, app=str(APP))
    running.wait_for_metric("switchyard_callbacks_accepted_total", 1, app=str(APP))


def test_an_absent_batch_field_is_one_event_and_an_empty_one_is_none(gateway, receiver):
    audit = receiver()
    running = gateway(routes(subscriber(audit))).start()

    post(running, Callback(ADD, pairs_body(ADD, [])), Callback(ADD, f'{{"CallbackCommand":"{ADD}","X":1}}'.encode()))

    [delivery] = audit.wait_for(1)
    assert delivery.event["type"] == "com.tencent.chat.blocklist.added"
    assert "item" not in delivery.event["data"]
    assert delivery.event["data"]["callback"] == {"X": 1}
    running.wait_until_settled("audit")
    assert running.metrics().sum("switchyard_events_accepted_total") == 1
    assert running.metrics().sum("switchyard_callbacks_unsplit_total") == 0


def test_absent_client_values_are_absent(gateway, receiver):
    audit = receiver()
    running = gateway(routes(subscriber(audit))).start()

    post(running, Callback(ADD, pairs_body(ADD, [("a", "b")]), client_ip=None, platform=None))

    [delivery] = audit.wait_for(1)
    assert delivery.event["data"].get("client", {}) == {}
    assert b"null" not in delivery.body
