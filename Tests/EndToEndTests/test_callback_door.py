"""The checks of the callback door, in their order, with their statuses, answers and counts."""

import json
import socket

import pytest

from harness import APP, Callback, Tencent, app, pairs_body, routes, subscriber

COMMAND = "Sns.CallbackBlackListAdd"
TOKEN = "xxxxyyyy"
ADDRESS_APP = 1400000002
GOOD = Callback(COMMAND, pairs_body(COMMAND, [("a", "b")]), token=TOKEN)
REFUSALS = [
    ("an unknown app", GOOD.again(app=1499999999), 403, "unknown", "unknown_app"),
    ("no app", GOOD.again(app=None), 403, "unknown", "unknown_app"),
    ("an app that is no number", GOOD.again(app="14x"), 403, "unknown", "unknown_app"),
    ("an address that is not allowed", GOOD.again(app=ADDRESS_APP, token=None), 403, ADDRESS_APP, "ip_not_allowed"),
    ("no signature", GOOD.again(token=None), 401, APP, "bad_signature"),
    ("another token's signature", GOOD.again(token="other"), 401, APP, "bad_signature"),
    ("a signature of long ago", GOOD.again(request_time=1669872112), 401, APP, "stale_signature"),
    ("no JSON", GOOD.again(body=b"hello"), 400, APP, "malformed"),
    ("an array", GOOD.again(body=b"[]"), 400, APP, "malformed"),
    ("something after the object", GOOD.again(body=b"{} {}"), 400, APP, "malformed"),
    ("bytes that are not UTF-8", GOOD.again(body=b'{"a":"\xff"}'), 400, APP, "malformed"),
    ("no command anywhere", GOOD.again(command=None, body=b"{}"), 400, APP, "malformed"),
]


@pytest.fixture
def audit(receiver):
    return receiver()


@pytest.fixture
def running(gateway, audit):
    apps = [app(tokens=["other-good-token", TOKEN]), app(ADDRESS_APP, allow_ips=["203.0.113.0/24", "2001:db8::/32"])]
    return gateway(routes(subscriber(audit), apps=apps), flags=["--trusted-proxies", "127.0.0.0/8"]).start()


def test_each_check_refuses_in_tencents_shape_and_is_counted(running, audit):
    tencent = Tencent(running)
    expected = {}
    for what, callback, status, label, reason in REFUSALS:
        reply = tencent.post(callback)
        assert reply.status == status, f"{what}: {reply.status} {reply.body!r}"
        assert reply.refused, what
        assert reply.headers["content-type"].startswith("application/json"), what
        expected[str(label), reason] = expected.get((str(label), reason), 0) + 1
    tencent.close()

    for (label, reason), count in expected.items():
        running.wait_for_metric("switchyard_callbacks_rejected_total", count, app=label, reason=reason)
    assert running.metrics().sum("switchyard_callbacks_accepted_total") == 0
    assert not audit.deliveries


def test_the_head_is_judged_before_a_byte_of_the_body_is_sent(running):
    for target, length, status in [
        (f"/?{GOOD.again(app=1499999999).query()}", 10, 403),
        (f"/?{GOOD.again(token='other').query()}", 10, 401),
        (f"/?{GOOD.query()}", 4 * 1024 * 1024 + 1, 413),
    ]:
        with socket.create_connection(("127.0.0.1", running.callback_port), timeout=10) as connection:
            connection.sendall(f"POST {target} HTTP/1.1\r\nHost: x\r\nContent-Length: {length}\r\n\r\n".encode())
            answer = connection.recv(65536)
        assert answer.startswith(f"HTTP/1.1 {status} ".encode()), answer[:200]


def test_the_consoles_probe_and_other_methods_and_paths(running):
    tencent = Tencent(running)
    for path in ("/", "/callback", "/?SdkAppid=1"):
        probe = tencent.request("GET", path)
        assert probe.ok and probe.json == {"ActionStatus": "OK", "ErrorCode": 0, "ErrorInfo": ""}
        assert tencent.request("HEAD", path).status == 200
    assert tencent.request("PUT", "/", b"{}").status == 405
    assert tencent.request("GET", "/elsewhere").status == 404
    assert tencent.request("POST", "/elsewhere?" + GOOD.query(), GOOD.body).status == 404
    tencent.close()


def test_the_address_is_the_right_most_hop_that_is_not_trusted(running, audit):
    tencent = Tencent(running)
    callback = GOOD.again(app=ADDRESS_APP, token=None)

    def status(forwarded):
        return tencent.request("POST", f"/?{callback.query()}", callback.body, {"X-Forwarded-For": forwarded}).status

    assert status("203.0.113.9") == 200
    assert status("203.0.113.9, 127.0.0.1") == 200
    assert status("198.51.100.1") == 403
    assert status("203.0.113.9, 198.51.100.1") == 403, "the left-most hop is whatever the caller says"
    assert status("2001:db8::7") == 200
    tencent.close()
    audit.wait_for(1)


def test_forwarded_addresses_are_not_believed_without_trust(gateway, receiver):
    running = gateway(routes(subscriber(receiver()), apps=[app(allow_ips=["203.0.113.0/24"])])).start()
    tencent = Tencent(running)
    callback = GOOD.again(token=None, client_ip="203.0.113.9")

    reply = tencent.request("POST", f"/?{callback.query()}", callback.body, {"X-Forwarded-For": "203.0.113.9"})

    assert reply.status == 403, "neither X-Forwarded-For nor ClientIP is the peer"
    tencent.close()


def test_allow_ips_can_report_only(gateway, receiver):
    audit = receiver()
    entry = app(allow_ips=["203.0.113.0/24"], allow_ips_mode="report")
    running = gateway(routes(subscriber(audit), apps=[entry])).start()
    tencent = Tencent(running)

    assert tencent.post(GOOD.again(token=None)).ok
    tencent.close()

    audit.wait_for(1)
    assert running.metrics().value("switchyard_callbacks_rejected_total", app=str(APP), reason="ip_not_allowed") == 1


def test_a_callback_path_may_carry_a_secret(gateway, receiver):
    audit = receiver()
    running = gateway(routes(subscriber(audit)), flags=["--callback-path", "/hooks/0f343b0931126a20"]).start()
    callback = GOOD.again(token=None)
    for path, status in (("/", 404), ("/callback", 404), ("/hooks/0f343b0931126a20", 200)):
        tencent = Tencent(running, path)
        assert tencent.post(callback).status == status
        tencent.close()
    audit.wait_for(1)


def test_a_chunked_body_is_taken_too(running, audit):
    tencent = Tencent(running)
    half = len(GOOD.body) // 2

    reply = tencent.request("POST", f"/?{GOOD.query()}", iter([GOOD.body[:half], GOOD.body[half:]]))

    assert reply.ok
    tencent.close()
    audit.wait_for_pairs([("a", "b")])


def test_a_body_at_the_limit_is_taken(running, audit):
    filler = "x" * (4 * 1024 * 1024 - 200)
    body = pairs_body(COMMAND, [("a", "b")], Filler=filler)
    assert len(body) <= 4 * 1024 * 1024
    tencent = Tencent(running)

    assert tencent.post(GOOD.again(body=body)).ok

    tencent.close()
    [delivery] = audit.wait_for(1)
    assert json.loads(delivery.body)["data"]["callback"]["Filler"] == filler
