"""`format: original`: callbacks sent on as they came, to what was made for Tencent, and to other gateways."""

import hashlib
import time
import uuid

import pytest

from harness import APP, Callback, app, eventually, pairs_body, post, routes, subscriber
from harness.legacy import LegacyReceiver, Relay, post_bytes, without_credentials
from harness.signatures import new_secret, verifies

ADD = "Sns.CallbackBlackListAdd"
TOKEN, OTHER_TOKEN = "first-token-0cc175b9c0f1b6a8", "second-token-92eb5ffee6ae2fec"
FAIL = b'{"ActionStatus":"FAIL","ErrorCode":1,"ErrorInfo":"later"}'


@pytest.fixture
def legacy():
    """Makes a running legacy receiver, stopped at the end."""
    made = []

    def make(*arguments, **options):
        made.append(LegacyReceiver(*arguments, **options).start())
        return made[-1]

    yield make
    for one in made:
        one.stop()


class Named:
    """What `original` wants to know of a gateway."""

    secret = None

    def __init__(self, name, url):
        self.name, self.url = name, url


def original(receiver, **keys):
    """The entry of a subscriber that takes callbacks as they came."""
    signing = {} if "secrets" in keys else {"unsigned": True}
    return subscriber(receiver, format="original", **{**signing, **keys})


def credentials(token, moment=None):
    moment = str(int(time.time()) if moment is None else moment)
    return moment, hashlib.sha256((token + moment).encode()).hexdigest()


def pairs(count):
    return Callback(ADD, pairs_body(ADD, [("a", f"b{index}") for index in range(count)]))


def settled(running, name, delivered):
    """Waits until that many events count as delivered to a subscriber, and nothing more is owed to it."""
    running.wait_for_metric("switchyard_deliveries_total", delivered, subscriber=name, result="delivered")
    running.wait_until_settled(name)


def test_query_and_body_arrive_to_the_byte_and_signed_anew(gateway, legacy):
    receiver = legacy(token=TOKEN)
    running = gateway(routes(original(receiver), apps=[app(tokens=[TOKEN, OTHER_TOKEN])]), log_level="trace").start()
    moment, sign = credentials(OTHER_TOKEN, int(time.time()) - 30)
    query = f"z=%2b+%2B&a=&SdkAppid={APP}&a=2&B=%e4%B8%aD&b=%E4%b8%AD&Sign={sign}&flag&&CallbackCommand={ADD}" \
            f"&A=%zz%&RequestTime={moment}&y='\"<>?/".encode()
    body = f'{{ "Z":1.50,\t"CallbackCommand" : "{ADD}",\r\n"PairList":[{{"From_Account":"\\u00e4\\/",' \
           f'"To_Account":"中","N":144115212830834855123}},{{"To_Account":"b","From_Account":"a"}}] }}\n'.encode()

    status, _ = post_bytes(running, query, body)

    assert status == 200
    [received] = receiver.wait_for(1)
    settled(running, receiver.name, 2)
    assert without_credentials(received.query) == without_credentials(query)
    assert received.body == body
    fresh = received.parameter("RequestTime")
    assert abs(int(fresh) - time.time()) < 20, "signed for the moment of the attempt"
    assert received.parameter("Sign") == credentials(TOKEN, fresh)[1], "by the first of the tokens"
    assert received.query.count(b"Sign=") == received.query.count(b"RequestTime=") == 1
    assert len(receiver.received) == 1
    assert running.terminate() == 0
    for text in (sign, received.parameter("Sign"), "RequestTime=", "%e4%B8%aD", "From_Account", TOKEN, OTHER_TOKEN):
        assert text not in running.log_text, f"the log has {text}"


def test_a_callback_of_a_thousand_pairs_goes_once_with_the_headers_of_a_delivery(gateway, legacy):
    receiver, secret = legacy(), new_secret()
    running = gateway(routes(original(receiver, secrets=[secret]))).start()
    callback = pairs(1000)

    post(running, callback)

    [received] = receiver.wait_for(1)
    settled(running, receiver.name, 1000)
    assert len(receiver.received) == 1
    assert received.body == callback.body
    assert received.query == callback.query().encode(), "an app without tokens: no Sign"
    headers = received.headers
    assert headers["content-type"] == "application/json"
    assert headers["switchyard-attempt"] == "1"
    assert uuid.UUID(headers["webhook-id"])
    assert verifies(secret, headers, received.body)
    assert len(headers["switchyard-via"]) == 32
    assert headers["traceparent"].startswith("00-")
    assert headers["user-agent"].startswith("Switchyard/")


def test_a_callback_is_sent_if_any_of_its_events_matches(gateway, legacy):
    some, none = legacy("some"), legacy("none")
    running = gateway(routes(original(some, match={"to": ["b7"]}), original(none, match={"to": ["nobody"]}))).start()

    post(running, pairs(10), pairs(5), pairs(9))

    bodies = [one.body for one in some.wait_for(2)]
    settled(running, "some", 2)
    running.wait_until_settled("none")
    assert sorted(bodies) == sorted([pairs(10).body, pairs(9).body])
    assert not none.received


@pytest.mark.parametrize(("answer", "outcome"), [
    ((204, b""), "other"),
    ((202, FAIL), "other"),
    ((200, b""), "other"),
    ((200, b"<html>welcome</html>"), "other"),
    ((200, b"<html>" + b"x" * 70_000), "other"),
    ((503, FAIL), "http_5xx"),
])
def test_only_200_with_a_json_body_is_a_delivery(gateway, legacy, answer, outcome):
    receiver = legacy(answers=[answer, (200, FAIL)])
    running = gateway(routes(original(receiver)), log_level="debug").start()

    post(running, pairs(3))

    first, second = receiver.wait_for(2)
    settled(running, receiver.name, 3)
    assert [one.headers["switchyard-attempt"] for one in (first, second)] == ["1", "2"]
    assert first.body == second.body and first.headers["webhook-id"] == second.headers["webhook-id"]
    metrics = running.metrics()
    name = "switchyard_delivery_attempts_total"
    assert metrics.value(name, subscriber=receiver.name, outcome=outcome) == 1
    assert metrics.value(name, subscriber=receiver.name, outcome="success") == 1
    assert "welcome" not in running.log_text


def test_any_json_in_an_answer_of_any_length_will_do(gateway, legacy):
    receiver = legacy(answers=[(200, b"null"), (200, b'{"text":"' + b"x" * 70_000 + b'"}'), (200, b" [] ")])
    running = gateway(routes(original(receiver))).start()

    post(running, pairs(1), pairs(2), pairs(3))

    receiver.wait_for(3)
    settled(running, receiver.name, 6)
    assert len(receiver.received) == 3


def test_new_tokens_sign_the_next_attempt_also_after_a_kill(gateway, legacy):
    receiver = legacy(token=OTHER_TOKEN)
    entry = original(receiver)
    running = gateway(routes(entry, apps=[app(tokens=[TOKEN])])).start()

    post(running, Callback(ADD, pairs_body(ADD, [("a", "b")]), token=TOKEN))
    receiver.wait_for(1)
    running.wait_for_metric("switchyard_retries_waiting", 1, subscriber=receiver.name)
    running.kill()
    running.start()
    running.apply(routes(entry, apps=[app(tokens=[OTHER_TOKEN, TOKEN])]))

    settled(running, receiver.name, 1)
    assert len({one.body for one in receiver.received}) == 1
    assert len({one.headers["switchyard-via"] for one in receiver.received}) == 1, "a gateway's mark stays"


def test_a_delivery_keeps_its_form_when_the_format_changes(gateway, legacy, receiver):
    old, audit = legacy(answers=[(500, b"")]), receiver()
    entry = original(old)
    running = gateway(routes(entry)).start()
    post(running, pairs(3))
    running.wait_for_metric("switchyard_retries_waiting", 1, subscriber=old.name)

    old.answers = [(200, FAIL)]
    running.apply(routes({**entry, "format": "event"}, subscriber(audit)))

    settled(running, old.name, 3)
    assert {one.body for one in old.received} == {pairs(3).body}


def test_a_second_gateway_takes_it_as_from_tencent_and_gives_the_same_ids(gateway, receiver):
    near, far = receiver("near"), receiver("far")
    second = gateway(routes(subscriber(far), apps=[app(tokens=[TOKEN])])).start()
    first = gateway(routes(
        subscriber(near), original(Named("second", f"{second.callback_url}/callback")),
        apps=[app(tokens=[TOKEN, OTHER_TOKEN])])).start()

    post(first, Callback(ADD, pairs_body(ADD, [("a", f"b{index}") for index in range(50)]), token=OTHER_TOKEN))

    near.wait_for(50)
    far.wait_for(50)
    settled(first, "second", 50)
    assert near.ids == far.ids
    assert second.metrics().sum("switchyard_callbacks_accepted_total") == 1
    assert second.metrics().sum("switchyard_callbacks_rejected_total") == 0


def looped(running, name):
    """Waits until a callback has come back to a gateway that had sent it on."""
    eventually(lambda: running.metrics().value(
        "switchyard_callbacks_rejected_total", app=str(APP), reason="loop"), f"a loop is found by {name}")


def test_a_gateway_that_sends_to_itself_refuses_its_own_mark(gateway):
    running = gateway(routes()).start()
    relay = Relay(running.callback_port).start()
    running.apply(routes(original(Named("itself", relay.url)), apps=[app(tokens=[TOKEN])]))

    post(running, Callback(ADD, pairs_body(ADD, [("a", "b")]), token=TOKEN))

    looped(running, "it")
    running.wait_for_metric("switchyard_retries_waiting", 1, subscriber="itself")
    metrics = running.metrics()
    assert metrics.sum("switchyard_callbacks_accepted_total") == 1, "what came back was not written down"
    assert metrics.sum("switchyard_callbacks_duplicate_total") == 0
    assert metrics.value("switchyard_delivery_attempts_total", subscriber="itself", outcome="http_5xx") >= 1
    refusals = [line for line in running.current_log if line.get("message") == "refused a callback"]
    assert refusals and {(line["reason"], line["status"]) for line in refusals} == {("loop", "508")}
    relay.stop()


def test_two_gateways_that_send_to_each_other_stop_after_one_round(gateway, receiver):
    audit = receiver()
    first, second = gateway(routes()).start(), gateway(routes()).start()
    first.apply(routes(original(Named("second", f"{second.callback_url}/callback"))))
    second.apply(routes(subscriber(audit), original(Named("first", f"{first.callback_url}/callback"))))

    post(first, pairs(2))

    looped(first, "the first one")
    audit.wait_for(2)
    settled(first, "second", 2)
    second.wait_for_metric("switchyard_retries_waiting", 1, subscriber="first")
    for one in (first, second):
        assert one.metrics().sum("switchyard_callbacks_accepted_total") == 1
    assert second.metrics().sum("switchyard_callbacks_rejected_total") == 0


def test_marks_of_others_are_passed_on_and_too_many_are_a_loop(gateway, legacy):
    receiver = legacy()
    running = gateway(routes(original(receiver))).start()
    callback = pairs(1)

    status, _ = post_bytes(running, callback.query().encode(), callback.body,
                           [b"switchyard-via: one, two", b"Switchyard-Via: three"])
    assert status == 200
    [received] = receiver.wait_for(1)
    *others, own = received.headers["switchyard-via"].split(",")
    assert others == ["one", "two", "three"]

    for via in (f"x, {own}", ",".join(f"g{index}" for index in range(16))):
        field = f"switchyard-via: {via}".encode()
        status, answer = post_bytes(running, callback.query().encode(), callback.body, [field])
        assert status == 508
        assert b'"ActionStatus":"FAIL"' in answer
    running.wait_for_metric("switchyard_callbacks_rejected_total", 2, app=str(APP), reason="loop")
