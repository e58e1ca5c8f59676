"""The receivers under Samples/receivers that can be run here take what a real gateway sends, and nothing else."""

import base64
import contextlib
import datetime
import http.client
import json
import sqlite3

import pytest
from standardwebhooks import Webhook

from harness import Callback, eventually, pairs_body, post, routes, subscriber
from harness.receivers import PythonReceiver, SwiftReceiver, build_swift_receiver
from harness.signatures import new_pair, new_secret

COMMAND = "Sns.CallbackFriendDelete"
# More digits than a double has.
LONG_NUMBER = 144115212830834855
# A first build of swift-crypto takes a minute or two, and the timeout of a test counts what its fixtures do.
BUILDS = pytest.mark.timeout(1000)


@pytest.fixture(scope="session")
def swift_receiver(root):
    return build_swift_receiver(root)


@pytest.fixture(params=["python", pytest.param("swift", marks=BUILDS)])
def sample(request, root, tmp_path):
    """Makes a running receiver of each kind; at the end each is stopped."""
    made = []

    def make(name="sample", keys=None):
        if request.param == "python":
            one = PythonReceiver(root, tmp_path, name, keys)
        else:
            one = SwiftReceiver(request.getfixturevalue("swift_receiver"), tmp_path, name, keys)
        made.append(one)
        return one.start()

    yield make
    for one in made:
        one.stop()


def pairs(*, number=LONG_NUMBER, to=("bob", "carol", "dave")):
    return Callback(COMMAND, pairs_body(COMMAND, [("alice", one) for one in to], Number=number))


def delivered(running, count, **labels):
    running.wait_for_metric("switchyard_deliveries_total", count, result="delivered", **labels)


def refused(running, name):
    def enough():
        return running.metrics().sum("switchyard_delivery_attempts_total", subscriber=name, outcome="http_4xx") >= 2

    eventually(enough, f"{name} refuses")


def expect_worked_on_once(one, events):
    """Every one of these events is in the inbox as it was sent, and has been worked on once."""
    expected = {event["id"]: (event, True) for event in events}
    eventually(lambda: sorted(one.worked_on()) == sorted(expected) and one.rows() == expected,
               f"{sorted(expected)} are worked on once, and done")


def test_an_event_that_comes_twice_is_worked_on_once(gateway, receiver, sample):
    audit, one = receiver(), sample()
    running = gateway(routes(subscriber(audit), subscriber(one, name="first"), subscriber(one, name="again"))).start()

    post(running, pairs())

    delivered(running, 3, subscriber="first")
    delivered(running, 3, subscriber="again")
    expect_worked_on_once(one, [delivery.event for delivery in audit.wait_for(3)])
    assert running.metrics().sum("switchyard_delivery_attempts_total", outcome="http_4xx") == 0


def test_a_batch_is_taken_apart_and_its_events_are_known_again_by_their_own_ids(gateway, receiver, sample):
    audit, one = receiver(), sample()
    running = gateway(routes(
        subscriber(audit), subscriber(one, name="single"),
        subscriber(one, name="batches", format="batch", batch={"max_events": 4, "max_wait": "100ms"}))).start()

    post(running, pairs(), pairs(number=2), pairs(number=3))

    delivered(running, 9, subscriber="single")
    delivered(running, 9, subscriber="batches")
    expect_worked_on_once(one, [delivery.event for delivery in audit.wait_for(9)])


def test_a_wrong_secret_is_refused_and_nothing_is_lost_by_it(gateway, receiver, sample):
    audit, one = receiver(), sample()
    running = gateway(routes(subscriber(audit), subscriber(one, secrets=[new_secret()]))).start()
    post(running, pairs())

    refused(running, "sample")
    assert one.rows() == {}

    running.apply(routes(subscriber(audit), subscriber(one)))
    delivered(running, 3, subscriber="sample")
    expect_worked_on_once(one, [delivery.event for delivery in audit.wait_for(3)])


def test_a_secret_is_exchanged_without_a_refusal(gateway, receiver, sample):
    audit, old, new = receiver(), new_secret(), new_secret()
    one = sample(keys=[old])
    running = gateway(routes(subscriber(audit), subscriber(one, secrets=[old]))).start()
    stages = [([old], [new, old]), ([old, new], [old]), ([old, new], [new]), ([new], [old, new]), ([new], [new])]

    for stage, (theirs, ours) in enumerate(stages, 1):
        running.apply(routes(subscriber(audit), subscriber(one, secrets=theirs)))
        one.stop()
        one.keys = ours
        one.start()
        post(running, pairs())
        delivered(running, 3 * stage, subscriber="sample")
        # Before it is stopped again: what is under way then is worked on twice.
        expect_worked_on_once(one, [delivery.event for delivery in audit.wait_for(3 * stage)])

    assert running.metrics().sum("switchyard_delivery_attempts_total", outcome="http_4xx") == 0


def test_what_was_not_worked_on_before_a_stop_is_worked_on_after_it(gateway, receiver, sample):
    audit, one = receiver(), sample()
    running = gateway(routes(subscriber(audit), subscriber(one))).start()
    post(running, pairs())
    events = [delivery.event for delivery in audit.wait_for(3)]
    expect_worked_on_once(one, events)
    one.stop()
    with contextlib.closing(sqlite3.connect(one.inbox)) as database, database:
        database.execute("UPDATE inbox SET done = 0 WHERE id = ?", [events[0]["id"]])

    one.start()

    eventually(lambda: one.worked_on().count(events[0]["id"]) == 2, "it is worked on again")
    eventually(lambda: all(done for _, done in one.rows().values()), "and done")
    assert len(one.worked_on()) == 4


@pytest.fixture
def captured(gateway, receiver):
    """A delivery as it came, and the two secrets that have signed it."""
    audit, second = receiver(), new_secret()
    running = gateway(routes(subscriber(audit, secrets=[audit.secret, second]))).start()
    post(running, pairs(to=["bob"]))
    return audit.wait_for(1)[0], audit.secret, second


def send(one, body, headers):
    """The status that it answers."""
    connection = http.client.HTTPConnection("127.0.0.1", one.port, timeout=30)
    try:
        connection.request("POST", "/hooks", body,
                           {name: value for name, value in headers.items() if name not in ("host", "content-length")})
        return connection.getresponse().status
    finally:
        connection.close()


def signed(secret, delivery, seconds_ago):
    """The headers as this secret would have signed the same delivery then."""
    moment = datetime.datetime.now(datetime.timezone.utc) - datetime.timedelta(seconds=seconds_ago)
    return {**delivery.headers, "webhook-timestamp": str(int(moment.timestamp())),
            "webhook-signature": Webhook(secret).sign(delivery.id, moment, delivery.body.decode())}


def test_either_of_two_signatures_will_do(captured, sample):
    delivery, first, second = captured
    assert len(delivery.headers["webhook-signature"].split(" ")) == 2

    for key in (first, second):
        one = sample(name=f"by-{'first' if key == first else 'second'}", keys=[key])
        assert send(one, delivery.body, delivery.headers) == 204
        assert one.rows().keys() == {delivery.id}


def test_nothing_else_is_taken(captured, sample):
    delivery, secret, _ = captured
    one = sample(keys=[secret])
    headers, body = delivery.headers, delivery.body
    tampered = body.replace(b"bob", b"eve")
    assert tampered != body
    nothing = base64.b64encode(bytes(32)).decode()

    assert send(one, tampered, headers) == 401
    assert send(one, body + b" ", headers) == 401
    assert send(one, b"\xff" + body[1:], headers) == 401
    assert send(one, body, {**headers, "webhook-id": "another-0"}) == 401
    assert send(one, body, {**headers, "webhook-timestamp": str(int(headers["webhook-timestamp"]) + 1)}) == 401
    assert send(one, body, {**headers, "webhook-timestamp": "now"}) == 401
    for signature in ["", "v1", "v1,", "v1,!!!", f"v1,{nothing}", f"v2,{nothing}", f"v1a,{nothing}"]:
        assert send(one, body, {**headers, "webhook-signature": signature}) == 401, signature
    for name in ["webhook-id", "webhook-timestamp", "webhook-signature"]:
        assert send(one, body, {key: value for key, value in headers.items() if key != name}) == 401, name
    assert send(one, body, signed(secret, delivery, 301)) == 401
    assert send(one, body, signed(secret, delivery, -310)) == 401
    assert one.rows() == {}

    assert send(one, body, signed(secret, delivery, 290)) == 204
    assert one.rows().keys() == {delivery.id}


def test_what_is_too_large_is_refused_before_it_comes(captured, sample):
    delivery, secret, _ = captured
    one = sample(keys=[secret])
    connection = http.client.HTTPConnection("127.0.0.1", one.port, timeout=30)
    connection.putrequest("POST", "/hooks")
    for name, value in {**delivery.headers, "content-length": str((64 << 20) + 1)}.items():
        if name != "host":
            connection.putheader(name, value)
    connection.endheaders()

    assert connection.getresponse().status == 413
    connection.close()


@BUILDS
def test_the_one_in_swift_verifies_by_a_public_key(gateway, swift_receiver, tmp_path):
    secret, public_key = new_pair()
    right = SwiftReceiver(swift_receiver, tmp_path, "right", [public_key]).start()
    wrong = SwiftReceiver(swift_receiver, tmp_path, "wrong", [new_pair()[1]]).start()
    try:
        keys = [new_secret(), secret]
        running = gateway(routes(subscriber(right, secrets=keys), subscriber(wrong, secrets=keys))).start()
        post(running, pairs())

        delivered(running, 3, subscriber="right")
        refused(running, "wrong")
        assert len(right.worked_on()) == 3
        assert wrong.rows() == {}
        eventually(lambda: right.codes == [0, 0, 0] and len(wrong.codes) >= 2, "the codes are there")
        assert set(wrong.codes) == {1}
    finally:
        right.stop()
        wrong.stop()
