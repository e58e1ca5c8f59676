"""`switchyard explain`: what it tells comes true, and nothing happens by telling it."""

import hashlib
import json
import re
import socket
import time

import pytest

from harness import Callback, pairs_body, post, routes, subscriber
from harness.commands import run
from harness.legacy import LegacyReceiver
from harness.signatures import new_pair, new_secret

COMMAND = "Sns.CallbackBlackListAdd"
ACCOUNTS = ["bob", 'ca"rol\u202e', "d\u001bave"]
BODY = pairs_body(COMMAND, [("alice", account) for account in ACCOUNTS], Extra=12345678901234567890)


def explain(binary, directory, callback, *arguments, body=None, query=None):
    (directory / "callback.json").write_bytes(callback.body if body is None else body)
    return run(binary, "explain", "--query", query or callback.query(), *arguments, "callback.json", cwd=directory)


def told(finished):
    assert finished.returncode == 0, finished.stderr
    return json.loads(finished.stdout)


@pytest.mark.parametrize("format", ["event", "batch"])
def test_the_delivery_that_is_shown_is_the_one_that_comes(gateway, receiver, binary, tmp_path, format):
    audit = receiver()
    shown = delivered(gateway, binary, tmp_path, subscriber(audit, format=format, headers={"x-key": "hidden-value"}))

    audit.wait_for_requests({"event": 3, "batch": 1}[format])
    one = next(one for one in audit.deliveries if one.id == headers_of(shown)["webhook-id"])
    assert without_times(shown["delivery"]["body"].encode()) == without_times(one.body)
    assert [event["to"] for event in shown["events"]] == ACCOUNTS
    holds(shown, one.headers)


def test_the_callback_that_is_shown_sent_on_is_the_one_that_comes(gateway, binary, tmp_path):
    legacy = LegacyReceiver(token="a-token").start()
    try:
        entry = {"name": "legacy", "url": legacy.url, "secrets": [new_secret()], "events": ["*"], "format": "original",
                 "headers": {"x-key": "hidden-value"}}
        shown = delivered(gateway, binary, tmp_path, entry)
        one = legacy.wait_for(1)[0]
    finally:
        legacy.stop()

    assert shown["delivery"]["body"].encode() == one.body == BODY
    url, query = shown["delivery"]["url"].split("?")
    assert url == legacy.url
    moment, sign = one.parameter("RequestTime"), one.parameter("Sign")
    told = re.sub("RequestTime=[0-9]+", f"RequestTime={moment}", query).replace("<signature>", sign)
    assert told.encode() == one.query
    assert headers_of(shown)["switchyard-via"] == "<mark>"
    holds(shown, one.headers)


def delivered(gateway, binary, directory, entry):
    """What is told of a callback that then really comes."""
    running = gateway(routes(entry, apps=[{"sdkappid": 1400000000, "tokens": ["a-token"]}])).start()
    callback = Callback(COMMAND, BODY, token="a-token")
    (directory / "routes.yaml").write_text(running.routes_path.read_text())
    shown = told(explain(binary, directory, callback, "--json"))
    assert "refusal" not in shown
    assert shown["callback"]["reply"].encode() == post(running, callback).body
    return shown


def headers_of(shown):
    return {one["name"].lower(): one["value"] for one in shown["delivery"]["headers"]}


def holds(shown, arrived):
    """The headers that came are those that were told, but for what is of the moment or secret."""
    headers = headers_of(shown)
    assert headers.keys() == arrived.keys() - {"host", "accept", "content-length"}
    assert shown["delivery"]["length"] == int(arrived["content-length"])
    for name in headers.keys() - {"webhook-signature", "webhook-timestamp", "traceparent", "x-key", "switchyard-via"}:
        assert headers[name] == arrived[name]
    assert headers["webhook-signature"] == "v1,<signature>" and headers["x-key"] == "•••"


def without_times(body):
    """Events have the time of receipt, which is another one for each."""
    documents = json.loads(body)
    for event in documents if isinstance(documents, list) else [documents]:
        event.pop("time", None)
        event.get("data", {}).pop("receivedAt", None)
    return documents


def test_nothing_is_touched(binary, tmp_path):
    question, secret = "C2C.CallbackBeforeSendMsg", new_secret()
    bodies = {COMMAND: BODY, question: b'{"From_Account":"alice","To_Account":"bob"}'}
    directory = tmp_path / "there"
    (directory / "secrets").mkdir(parents=True)
    (directory / "secrets" / "audit").write_text(secret)
    with socket.create_server(("127.0.0.1", 0)) as audit, socket.create_server(("127.0.0.1", 0)) as judge:
        urls = [f"http://127.0.0.1:{one.getsockname()[1]}/" for one in (audit, judge)]
        (directory / "routes.yaml").write_text(routes(
            {"name": "audit", "url": urls[0], "secrets": ["${file:secrets/audit}"], "events": ["*"]},
            decisions=[{"commands": [question], "url": urls[1], "secrets": [secret]}]))
        for command, body in bodies.items():
            (directory / f"{command}.json").write_bytes(body)
        before = everything_in(directory)

        told = ""
        for command, body in bodies.items():
            for arguments in [["--json"], ["--all"], ["--subscriber", "audit"]]:
                finished = run(binary, "explain", "--query", Callback(command, body).query(), *arguments,
                               f"{command}.json", cwd=directory)
                assert finished.returncode == 0, finished.stderr
                told += finished.stdout
        assert all(url in told for url in urls), "who would get it, and who would be asked"

        assert everything_in(directory) == before
        for one in (audit, judge):
            # Who had connected would wait here to be accepted, also after hanging up.
            one.setblocking(False)
            with pytest.raises(BlockingIOError):
                one.accept()


def everything_in(directory):
    """Names, kinds, contents and times of all that is there."""
    paths = [directory, *sorted(directory.rglob("*"))]
    return [(path, path.stat().st_mode, path.stat().st_mtime_ns, path.is_file() and path.read_bytes())
            for path in paths]


def test_no_secret_is_told(binary, tmp_path):
    secret, (key, _) = new_secret(), new_pair()
    moment = str(int(time.time()))
    sign = hashlib.sha256(f"hidden-token{moment}".encode()).hexdigest()
    (tmp_path / "routes.yaml").write_text(routes(
        {"name": "a", "url": "https://a.example/?key=hidden-key", "secrets": [secret, key], "events": ["*"],
         "headers": {"Authorization": "hidden-value"}, "format": "original"},
        apps=[{"sdkappid": 1400000000, "tokens": ["hidden-token"]}]))
    query = f"{Callback(COMMAND, BODY).query()}&RequestTime={moment}&Sign={sign}"

    for arguments in [[], ["--json"]]:
        finished = explain(binary, tmp_path, Callback(COMMAND, BODY), *arguments, query=query)
        assert finished.returncode == 0
        assert "v1,<signature> v1a,<signature>" in finished.stdout and "Sign=<signature>" in finished.stdout
        for hidden in ["hidden", sign, secret, key, secret[6:], "\u001b", "\u202e"]:
            assert hidden not in finished.stdout + finished.stderr
    assert "and in time" in explain(binary, tmp_path, Callback(COMMAND, BODY), query=query).stdout


def test_standard_input_and_a_whole_url_do(binary, tmp_path):
    (tmp_path / "routes.yaml").write_text(routes(
        {"name": "a", "url": "https://a.example/", "unsigned": True, "events": ["friend.*"]}))

    finished = run(binary, "explain", "--query", "https://gateway.example/callback?SdkAppid=1400000000", "-",
                   stdin=BODY.decode(), cwd=tmp_path)

    assert finished.returncode == 0, finished.stderr
    assert "3 events of type blocklist.added" in finished.stdout
    assert "nothing: `events` has friend.*" in finished.stdout


def test_a_bad_routes_file_is_78_with_every_problem(binary, tmp_path):
    (tmp_path / "routes.yaml").write_text(
        'version: 1\napps: [{sdkappid: 1400000000, tokens: ["${NOWHERE}"]}]\nsubscribers: [{nam: a}]\n')

    finished = explain(binary, tmp_path, Callback(COMMAND, BODY))

    assert finished.returncode == 78
    assert finished.stderr == run(binary, "check", cwd=tmp_path).stderr
    assert "NOWHERE" in finished.stderr and not finished.stdout


@pytest.mark.parametrize("arguments, sentence", [
    (["--subscriber", "adit"], 'did you mean "audit"?'),
    (["--peer", "nowhere"], "--peer must be an IPv4 or IPv6 address"),
])
def test_bad_usage_is_64_and_says_what_to_do(binary, tmp_path, arguments, sentence):
    (tmp_path / "routes.yaml").write_text(routes(
        {"name": "audit", "url": "https://a.example/", "unsigned": True, "events": ["*"]}))

    finished = explain(binary, tmp_path, Callback(COMMAND, BODY), *arguments)

    assert finished.returncode == 64
    assert sentence in finished.stderr


def test_a_missing_callback_is_1_and_is_named(binary, tmp_path):
    (tmp_path / "routes.yaml").write_text(routes(
        {"name": "audit", "url": "https://a.example/", "unsigned": True, "events": ["*"]}))

    finished = run(binary, "explain", "--query", "SdkAppid=1400000000", "nowhere.json", cwd=tmp_path)

    assert finished.returncode == 1
    assert "nowhere.json" in finished.stderr
