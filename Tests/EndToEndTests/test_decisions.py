"""\"Before\" commands: Tencent waits, a decider is asked, and an answer leaves whatever happens."""

import http.client
import json
import threading

import pytest

from harness import (
    APP, Answer, Callback, Tencent, app, eventually, free_port, pairs_body, post, routes, sample, subscriber)
from harness.decider import decision
from harness.misbehaving import MISBEHAVIOURS

C2C, GROUP = "C2C.CallbackBeforeSendMsg", "Group.CallbackBeforeSendMsg"
ADD, RESPONSE = "Sns.CallbackPrevFriendAdd", "Sns.CallbackPrevFriendResponse"
TELLING = "Sns.CallbackBlackListAdd"
OTHER_APP = 1400000001
# Tencent waits no longer.
PATIENCE_SECONDS = 2
# What a decider does that gives no answer in time, and what it does that gives a wrong one.
HANGING = [one for one in MISBEHAVIOURS if one.scheme == "http"]


def ask(running, callback):
    """Posts as Tencent does, which waits for two seconds and no longer."""
    connection = http.client.HTTPConnection("127.0.0.1", running.callback_port, timeout=PATIENCE_SECONDS)
    connection.request("POST", f"/?{callback.query()}", callback.body)
    response = connection.getresponse()
    body = response.read()
    connection.close()
    assert response.status == 200, body
    return body


def message(number=0, command=C2C, **fields):
    body = {"CallbackCommand": command, "From_Account": "a", "To_Account": "b", "MsgSeq": number}
    return Callback(command, json.dumps(body).encode(), **fields)


def duration_count(running, outcome, command=C2C):
    return running.metrics().value("switchyard_decision_duration_seconds_count", command=command, outcome=outcome)


def test_the_deciders_answer_is_passed_on_as_it_is_and_journalled_with_the_event(gateway, receiver, decider):
    audit = receiver()
    answer = b'{ "ErrorCode": 0, "MsgBody": [{"MsgType":"TIMTextElem","n":18446744073709551617}], "CloudCustomData":"\\u4f60" }'
    judge = decider(answer=lambda _: Answer(body=answer))
    running = gateway(routes(subscriber(audit), decisions=[judge.entry(C2C)])).start()
    question = sample(C2C)

    assert duration_count(running, "success") == duration_count(running, "timeout") == 0
    assert running.metrics().value("switchyard_decisions_unjournaled_total", command=C2C) == 0
    assert ask(running, question) == answer

    [asked] = judge.deliveries
    assert asked.body == question.body
    assert asked.path == "/hooks/decider"
    assert asked.headers["switchyard-app"] == str(APP)
    [delivery] = audit.wait_for(1)
    assert delivery.event["type"] == "com.tencent.chat.message.send_requested"
    assert delivery.event["data"]["decision"] == json.loads(answer)
    assert b',"decision":' + answer + b',"batch":' in delivery.body
    assert delivery.id == f"{asked.id}-0"
    assert duration_count(running, "success") == 1


def test_a_command_without_a_decider_gets_its_neutral_answer_and_the_event_has_it(gateway, receiver):
    audit = receiver()
    running = gateway(routes(subscriber(audit))).start()

    assert json.loads(ask(running, message())) == {"ActionStatus": "OK", "ErrorCode": 0, "ErrorInfo": ""}
    friends = json.loads(ask(running, sample(ADD)))

    assert [(row["To_Account"], row["ResultCode"]) for row in friends["ResultItem"]] == [("id1", 0), ("id2", 0)]
    decisions = {one.event["data"]["command"]: one.event["data"]["decision"] for one in audit.wait_for(2)}
    assert decisions[ADD] == friends
    assert decisions[C2C]["ErrorCode"] == 0


@pytest.mark.parametrize("on_failure", ["allow", "deny"])
def test_a_decider_that_fails_is_answered_for_in_each_commands_own_form(gateway, decider, on_failure):
    judge = decider(answer=lambda _: Answer(500, body=b'{"ErrorCode":0}'))
    running = gateway(routes(decisions=[judge.entry(C2C, GROUP, ADD, RESPONSE, on_failure=on_failure)])).start()

    for command in (C2C, GROUP):
        assert (json.loads(ask(running, message(command=command)))["ErrorCode"] == 0) == (on_failure == "allow")
    for command in (ADD, RESPONSE):
        answer = json.loads(ask(running, sample(command)))
        assert answer["ErrorCode"] == 0
        codes = {row["To_Account"]: row["ResultCode"] for row in answer["ResultItem"]}
        assert codes.keys() == {"id1", "id2"}
        assert all(code == 0 if on_failure == "allow" else 38000 <= code <= 39000 for code in codes.values())
    assert duration_count(running, "http_5xx") == 1


@pytest.mark.parametrize("misbehaviour", HANGING, ids=[one.name for one in HANGING])
def test_whatever_a_decider_does_the_answer_leaves_in_time(gateway, misbehaving, misbehaviour):
    bad = misbehaving(misbehaviour)
    entry = {"commands": [C2C], "url": bad.url, "unsigned": True, "on_failure": "deny"}
    running = gateway(routes(decisions=[entry])).start()

    assert json.loads(ask(running, message()))["ErrorCode"] == 1
    assert running.metrics().value("switchyard_callbacks_accepted_total", app=str(APP)) == 1


WRONG = {
    "not JSON": Answer(body=b"allow"),
    "no object": Answer(body=b"[0]"),
    "nothing": Answer(),
    "no ErrorCode": Answer(body=b"{}"),
    "a text for ErrorCode": Answer(body=b'{"ErrorCode":"0"}'),
    "a fraction": Answer(body=b'{"ErrorCode":0.5}'),
    "two ErrorCodes": Answer(body=b'{"ErrorCode":0,"ErrorCode":0}'),
    "something behind it": Answer(body=b'{"ErrorCode":0}{}'),
    "no UTF-8": Answer(body=b'{"ErrorCode":0,"ErrorInfo":"\xff"}'),
    "201": Answer(201, body=b'{"ErrorCode":0}'),
    "a redirect": Answer(307, {"Location": "/elsewhere"}, b'{"ErrorCode":0}'),
    "too much": Answer(body=b'{"ErrorCode":0,"x":"' + b"x" * (1 << 20) + b'"}'),
}


def test_an_answer_that_cannot_be_passed_on_is_a_failure(gateway, decider):
    judge = decider()
    running = gateway(routes(decisions=[judge.entry(C2C, on_failure="deny")])).start()

    for what, answer in WRONG.items():
        judge.answer = lambda _, answer=answer: answer
        assert json.loads(ask(running, message()))["ErrorCode"] == 1, what
    judge.answer = lambda _: decision(120001, ErrorInfo="no")
    for _ in range(3):
        assert json.loads(ask(running, message()))["ErrorInfo"] == "no"

    lines = [line["message"] for line in running.current_log if "decider" in line["message"]]
    assert lines == ["a decider failed", "a decider answers again"]


def test_a_decider_that_is_down_is_asked_again_at_once_when_it_is_back(gateway, decider):
    judge = decider(answer=lambda _: decision(2))
    judge.stop()
    running = gateway(routes(decisions=[judge.entry(C2C)])).start()

    assert json.loads(ask(running, message()))["ErrorCode"] == 0
    judge.start()
    assert json.loads(ask(running, message()))["ErrorCode"] == 2
    assert duration_count(running, "connect") == 1


def test_hanging_deciders_hold_up_no_callback_that_tells(gateway, receiver, decider):
    audit = receiver()
    judge = decider(answer=lambda _: Answer(delay=60))
    entry = judge.entry(C2C, timeout="1400ms")
    running = gateway(routes(subscriber(audit, events=["blocklist.*"]), decisions=[entry])).start()
    answers = []
    threads = [threading.Thread(target=lambda number=number: answers.append(ask(running, message(number))), daemon=True)
               for number in range(100)]
    for thread in threads:
        thread.start()
    judge.wait_for_requests(100)

    names = [f"b{index}" for index in range(200)]
    post(running, *[Callback(TELLING, pairs_body(TELLING, [("a", name)])) for name in names])
    audit.wait_for_pairs([("a", name) for name in names])

    for thread in threads:
        thread.join(timeout=20)
    assert len(answers) == 100 and {json.loads(answer)["ErrorCode"] for answer in answers} == {0}


def test_each_app_has_its_own_decider_and_a_reload_replaces_it(gateway, decider):
    first, second, third = (decider(f"decider-{code}", answer=lambda _, code=code: decision(code))
                            for code in (11, 12, 13))
    apps = [app(), app(OTHER_APP), app(OTHER_APP + 1)]
    running = gateway(routes(apps=apps, decisions=[
        first.entry(C2C, apps=[APP]), second.entry(C2C, apps=[OTHER_APP]), second.entry(GROUP)])).start()

    def codes():
        return [json.loads(ask(running, message(app=one)))["ErrorCode"] for one in (APP, OTHER_APP, OTHER_APP + 1)]

    assert codes() == [11, 12, 0]
    running.apply(routes(apps=apps, decisions=[third.entry(C2C)]))
    assert codes() == [13, 13, 13]


def test_a_decision_that_cannot_be_journalled_is_answered_all_the_same_and_counted(gateway, decider):
    judge = decider(answer=lambda _: decision(1))
    running = gateway(routes(decisions=[judge.entry(C2C)])).start()
    running.journal_path.unlink()

    assert json.loads(ask(running, message()))["ErrorCode"] == 1
    assert json.loads(ask(running, message(command=GROUP)))["ErrorCode"] == 0
    for command in (C2C, GROUP):
        assert running.metrics().value("switchyard_decisions_unjournaled_total", command=command) == 1
    tencent = Tencent(running)
    assert tencent.post(Callback(TELLING, pairs_body(TELLING, [("a", "b")]))).status == 503
    tencent.close()
    assert running.metrics().value("switchyard_callbacks_accepted_total", app=str(APP)) == 0


def test_a_repeat_is_answered_as_the_first_was_also_over_a_restart(gateway, receiver, decider):
    audit = receiver()
    judge = decider(answer=lambda question: decision(question.number))
    running = gateway(routes(subscriber(audit), decisions=[judge.entry(C2C)])).start()
    question = message()

    answers = [ask(running, question), ask(running, question)]
    running.kill()
    running.start()
    answers.append(ask(running, question))

    assert [json.loads(answer)["ErrorCode"] for answer in answers] == [1, 1, 1]
    assert {one.event["data"]["decision"]["ErrorCode"] for one in audit.wait_for(1)} == {1}


def test_a_decider_may_not_be_the_gateway_itself(gateway):
    port = free_port()
    entry = {"commands": [C2C], "url": f"http://127.0.0.1:{port}/callback", "unsigned": True, "on_failure": "deny"}
    running = gateway(routes(decisions=[entry]), callback_port=port).start()

    assert json.loads(ask(running, message()))["ErrorCode"] == 1
    assert duration_count(running, "blocked") == 1


def test_what_deciders_are_asked_and_answer_is_in_no_log(gateway, decider):
    judge = decider(answer=lambda _: decision(0, ErrorInfo="a-secret-thing"))
    running = gateway(routes(decisions=[judge.entry(C2C)]), log_level="debug").start()
    ask(running, message())
    judge.answer = lambda _: Answer(500, body=b"another-secret-thing")
    ask(running, message())

    eventually(lambda: "a decider failed" in running.log_text, "the failure is logged")
    assert "secret-thing" not in running.log_text and judge.secret not in running.log_text
