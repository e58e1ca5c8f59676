"""Callbacks as the live service was seen to send them, and as its pages print them: every family, every spelling."""

import datetime
import json
import socket
import urllib.parse

import pytest

from harness import APP, Callback, Tencent, post, routes, subscriber

MILLISECONDS, SECONDS = 1670574414123, 1670574414
# One callback of each batch field: its command, that field, its items as text, the rest, and what each event has in
# from, to, group, account and the partition key.
SPLIT = [
    ("Follow.CallbackAfterFollowAdd", "FollowList", ['{"To_Account":"b"}', '{"To_Account":"c"}'],
     '"From_Account":"x"', [("x", "b", None, None, "b|x"), ("x", "c", None, None, "c|x")]),
    ("Follow.CallbackAfterFollowDelete", "To_Account", ['"b"', '"\\u4f60"'],
     '"From_Account":"x"', [("x", "b", None, None, "b|x"), ("x", "你", None, None, "x|你")]),
    ("Group.CallbackAfterNewMemberJoin", "NewMemberList", ['{"Member_Account":"jared"}', '{"Member_Account":"你"}'],
     '"GroupId":"@TGS#2J4SZEAEL","JoinType":"Apply"',
     [(None, None, "@TGS#2J4SZEAEL", name, "@TGS#2J4SZEAEL") for name in ("jared", "你")]),
    ("Group.CallbackAfterMemberExit", "ExitMemberList", ['{"Member_Account":"@TLS#NOT_FOUND"}'],
     '"GroupId":"g","ExitType":"Kicked"', [(None, None, "g", "@TLS#NOT_FOUND", "g")]),
    ("Group.CallbackOnMemberStateChange", "MemberList", ['{"Member_Account":"a"}', '{"Member_Account":"b"}'],
     '"GroupId":"g","EventType":"Offline"', [(None, None, "g", name, "g") for name in ("a", "b")]),
    ("Group.CallbackAfterRecallMsg", "MsgSeqList", ['{"MsgSeq":4294967295}', '{"MsgSeq":36893488147419103232}'],
     '"GroupId":"g","TopicId":"t"', [(None, None, "g", None, "g")] * 2),
    ("Group.CallbackAfterTopicDestroyed", "TopicIdList", ['"t1"', '"t2"', '"t3"'],
     '"GroupId":"g","Type":"Community"', [(None, None, "g", None, "g")] * 3),
    ("Group.CallbackAfterReadReceipt", "GroupMsgReceiptList",
     ['{"MsgSeq":1,"ReadNum":2,"UnreadNum":0,"ReadReceiptMembers":[{"Member_Account":"a"}]}'],
     '"GroupId":"g"', [(None, None, "g", None, "g")]),
    ("OfficialAccount.CallbackAfterAddSubscriber", "SubscribeAccountList",
     ['{"Subscriber_Account":"a"}', '{"Subscriber_Account":"b"}'],
     '"Official_Account":"@TOA#_x","Operator_Account":"o"', [(None, None, None, name, "@TOA#_x") for name in ("a", "b")]),
    ("OfficialAccount.CallbackAfterMsgWithDraw", "WithdrawMsgList", ['{"MsgKey":"71_1_1698741698"}'],
     '"Official_Account":"@TOA#_x"', [("@TOA#_x", None, None, None, "@TOA#_x")]),
    ("Push.OfflinePush", "Events", ['{"CallbackCommand":"Push.OfflinePush","EventType":1,"To_Account":"u"}', "{}"],
     "", [(None, None, None, "u", "u"), (None, None, None, None, None)]),
    ("Call.CallbackAfterMemberChanged", "ChangedUserList", ['{"User_Account":144115212830834855}'],
     '"CallId":"c"', [(None, None, None, "144115212830834855", "c")]),
]


@pytest.mark.parametrize(("command", "field", "items", "rest", "expected"), SPLIT, ids=[row[0] for row in SPLIT])
def test_every_list_of_facts_is_split(gateway, receiver, command, field, items, rest, expected):
    audit = receiver()
    running = gateway(routes(subscriber(audit))).start()
    body = f'{{"CallbackCommand":"{command}",{rest}{"," if rest else ""}"{field}":[{", ".join(items)}]}}'

    post(running, Callback(command, body.encode()))

    deliveries = sorted(audit.wait_for(len(items)), key=lambda one: one.event["data"]["batch"]["index"])
    for delivery, item, values in zip(deliveries, items, expected, strict=True):
        event, data = delivery.event, delivery.event["data"]
        assert f'"item":{item},"callback":{{{rest}}}'.encode() in delivery.body
        names = ("from", "to", "group", "account")
        assert (*(data.get(name) for name in names), event.get("partitionkey")) == values
        assert None not in data.values()


@pytest.mark.parametrize("value", [MILLISECONDS, str(MILLISECONDS), SECONDS, str(SECONDS)], ids=repr)
def test_the_time_is_read_in_each_unit_and_type(gateway, receiver, value):
    audit = receiver()
    running = gateway(routes(subscriber(audit))).start()
    body = json.dumps({"CallbackCommand": "Group.CallbackAfterGroupFull", "GroupId": "g", "EventTime": value})

    post(running, Callback("Group.CallbackAfterGroupFull", body.encode()))

    [delivery] = audit.wait_for(1)
    moment = datetime.datetime.fromisoformat(delivery.event["time"]).timestamp()
    assert moment == (MILLISECONDS / 1000 if len(str(value)) == 13 else SECONDS)
    assert delivery.event["data"]["callback"]["EventTime"] == value


def test_a_time_out_of_reason_is_that_of_receipt(gateway, receiver):
    audit = receiver()
    running = gateway(routes(subscriber(audit))).start()

    for value in ('"soon"', "-1", "1e12", "99999999999999999999999", "null", "[1]"):
        post(running, Callback("Group.CallbackAfterGroupFull", f'{{"GroupId":"g","EventTime":{value}}}'.encode()))

    for delivery in audit.wait_for(6):
        assert delivery.event["time"] == delivery.event["data"]["receivedAt"]


QUERIES = [
    "SdkAppid={app}&CallbackCommand={command}&contenttype=json&ClientIP=203.0.113.7&OptPlatform=IOS",
    "CallbackCommand={command}&ClientIP=203.0.113.7&OptPlatform=IOS&RequestId={id}&SdkAppid={app}&contenttype=json",
    "SDKAPPID={app}&callbackcommand={command}&RequestID={id}&CLIENTIP=203.0.113.7&optplatform=IOS",
    "&SdkAppid={app}&&x&y=&=z&CallbackCommand={command}&OptPlatform=%49%4f%53&ClientIP=203%2E0.113.7&contenttype=JSON",
]


@pytest.mark.parametrize("query", QUERIES)
def test_a_query_is_read_in_any_order_and_case(gateway, receiver, query):
    audit = receiver()
    running = gateway(routes(subscriber(audit))).start()
    text = query.format(app=APP, command="Sns.CallbackFriendDelete", id="8d5f7a38-4e11-4f0a-a8f0-0d8b3d5f0001")
    tencent = Tencent(running)

    reply = tencent.request("POST", f"/?{text}", b'{"PairList":[{"From_Account":"a","To_Account":"b"}]}')
    tencent.close()

    assert reply.ok
    [delivery] = audit.wait_for(1)
    assert delivery.event["data"]["client"] == {"ip": "203.0.113.7", "platform": "IOS"}
    assert delivery.pair == ("a", "b")


@pytest.mark.parametrize("header", ["", "Content-Type: text/plain\r\n", "Content-Type: application/x-www-form-urlencoded\r\n"])
def test_the_body_is_json_whatever_its_content_type(gateway, receiver, header):
    audit = receiver()
    running = gateway(routes(subscriber(audit))).start()
    callback = Callback("Sns.CallbackFriendDelete", b'{"PairList":[{"From_Account":"a","To_Account":"b"}]}')
    head = f"POST /?{callback.query()} HTTP/1.1\r\nHost: x\r\n{header}Content-Length: {len(callback.body)}\r\n\r\n"

    with socket.create_connection(("127.0.0.1", running.callback_port), timeout=10) as connection:
        connection.sendall(head.encode() + callback.body)
        assert connection.recv(65536).startswith(b"HTTP/1.1 200 ")

    assert audit.wait_for(1)[0].pair == ("a", "b")


def test_numbers_and_texts_stay_to_the_byte(gateway, receiver):
    audit = receiver()
    running = gateway(routes(subscriber(audit))).start()
    item = ('{"From_Account":"\\u4f60\\u597d", "To_Account" :"好\\ud83d\\ude00😀","n":[18446744073709551617,-0.10e-400,1E+2],'
            '"unknown":{"深":null}}')
    rest = '"ForceFlag":123456789012345678901234567890,"ClientCmd":"FriendAdd","New":"\\/\\"<script>"'
    body = f'{{"PairList":[{item}],{rest}}}'

    post(running, Callback("Sns.CallbackFriendAdd", body.encode()))

    [delivery] = audit.wait_for(1)
    assert f'"item":{item},"callback":{{{rest}}}'.encode() in delivery.body
    assert delivery.event["data"]["from"] == "你好" and delivery.event["data"]["to"] == "好😀😀"
    assert delivery.event["partitionkey"] == "你好|好😀😀"


def test_the_command_may_stand_in_the_query_alone_or_in_the_items_alone(gateway, receiver):
    audit = receiver()
    running = gateway(routes(subscriber(audit))).start()
    moderated = Callback("ContentCallback.ResultNotify", b'{"Scene":"C2C","SdkAppId":1400000000,"From_Account":"a"}')
    event = '{"CallbackCommand":"Push.AllMemberPush","EventTime":1557481128,"To_Account":"u"}'
    pushed = Callback(None, f'{{"Events":[{event}]}}'.encode(), client_ip=None, platform=None, request_id=None)

    post(running, moderated, pushed)

    arrived = {one.event["data"]["command"]: one.event for one in audit.wait_for(2)}
    assert arrived["ContentCallback.ResultNotify"]["type"] == "com.tencent.chat.content.reviewed"
    assert arrived["Push.AllMemberPush"]["type"] == "com.tencent.chat.push.all_members.reported"
    assert arrived["Push.AllMemberPush"]["time"] == "2019-05-10T09:38:48.000Z"
    assert "client" not in arrived["Push.AllMemberPush"]["data"]


ODD = [b"", b"{}", b"[]", b"null", b"\x00", b"{", b'{"a":1}', b"a=b&c=d", b"<xml/>", b'"text"', b"\xff\xfe", b" " * 4096]


def test_odd_gets_and_posts_are_answered_in_tencents_shape(gateway):
    running = gateway(routes()).start()
    tencent = Tencent(running)
    targets = ["/", "/callback", "/?", "/?SdkAppid", f"/?SdkAppid={APP}", "/?SdkAppid=x&CallbackCommand=", "/?%", "/?%zz&=&&==",
               f"/?SdkAppid={APP}&CallbackCommand=" + urllib.parse.quote("☃/../<script>"), "/?" + "a" * 8000]

    for target in targets:
        assert tencent.request("GET", target).ok and tencent.request("GET", target, b"a body").ok, target
        for body in ODD:
            reply = tencent.request("POST", target, body)
            known = f"SdkAppid={APP}" in target
            assert reply.status in ((200, 400) if known else (403,)), (target, body)
            assert reply.ok or reply.refused, (target, body)
    tencent.close()
    assert running.status_of("/livez") == 200
