"""`switchyard simulate`: the Chat REST API's stand-in, called as a program calls Tencent's, with a gateway behind it."""

import json
import pathlib
import re
import socket
import subprocess
import threading
import urllib.parse

import pytest

from harness import APP, app, eventually, free_port, routes, subscriber
from harness.checkout import run_until_interrupted
from harness.commands import run
from harness.gateway import clean_environment
from harness.legacy import LegacyReceiver
from harness.simulator import Simulator

TOKEN = "a-token-0cc175b9c0f1b6a8"
NOWHERE = "http://127.0.0.1:1/callback"
SAMPLES = pathlib.Path(__file__).parent.parent / "ChatSimulatorTests/Samples"
SEED = """{"account":"id","blocks":["id2"]}
{"account":"id1"}
{"account":"id3","foreign":true}
"""


@pytest.fixture
def simulator(binary, tmp_path):
    """Makes a running simulator; each is ended with the test."""
    made = []

    def make(callback_url=NOWHERE, *flags, **options):
        directory = tmp_path / f"simulator-{len(made) + 1}"
        directory.mkdir()
        made.append(Simulator(binary, directory, callback_url, *flags, **options))
        return made[-1]

    yield make
    for one in made:
        one.clean_up()


@pytest.fixture
def legacy():
    """Makes a running receiver of callbacks, stopped at the end."""
    made = []

    def make(**options):
        made.append(LegacyReceiver(**options).start())
        return made[-1]

    yield make
    for one in made:
        one.stop()


@pytest.fixture
def seed(tmp_path):
    path = tmp_path / "accounts.jsonl"
    path.write_text(SEED)
    return path


def sample(name):
    """A request and its response as the REST document prints them, without the white space."""
    document = json.loads((SAMPLES / f"{name}.json").read_text())
    return [json.dumps(document[part], separators=(",", ":"), ensure_ascii=False).encode()
            for part in ("request", "response")]


def test_the_documents_example_by_curl_arrives_as_signed_events(gateway, receiver, simulator, seed):
    audit = receiver()
    running = gateway(routes(subscriber(audit), apps=[app(tokens=[TOKEN])])).start()
    simulated = simulator(running.callback_url + "/callback", "--token", TOKEN, "--accounts", seed)
    request, response = sample("black_list_add")

    answered = subprocess.run(
        ["curl", "--silent", "--show-error", "--max-time", "20", "--write-out", "\n%{http_code}", "--data-binary", "@-",
         f"{simulated.url}/v4/sns/black_list_add?{simulated.query()}"],
        input=request, capture_output=True, timeout=60, check=True).stdout

    assert answered == response + b"\n200"
    audit.wait_for(1)
    running.wait_until_settled(audit.name)
    [delivery] = audit.acknowledged
    assert delivery.pair == ("id", "id1"), "the rows that have failed are no events"
    data = delivery.event["data"]
    assert delivery.event["type"] == "com.tencent.chat.blocklist.added"
    assert data["client"] == {"ip": "127.0.0.1", "platform": "RESTAPI"}
    [line] = simulated.wait_for_lines(1)
    assert line.endswith("black_list_add id  1 ok, 2 failed  Sns.CallbackBlackListAdd posted")


def test_the_call_of_the_page_is_answered_as_the_page_says(root, simulator, tmp_path):
    page = (root / "docs/simulator.md").read_text()
    shown = dict(re.findall(r"^```\w+ (call|accounts|answer)\n(.*?)^```$", page, re.MULTILINE | re.DOTALL))
    (tmp_path / "accounts.jsonl").write_text(shown["accounts"])
    simulated = simulator(NOWHERE, "--accounts", tmp_path / "accounts.jsonl")

    answered = subprocess.run(["bash", "-c", shown["call"].replace("http://127.0.0.1:8081", simulated.url)],
                              capture_output=True, timeout=60, check=True).stdout

    assert answered.decode() == json.dumps(json.loads(shown["answer"]), separators=(",", ":"))
    assert answered == sample("black_list_add")[1]


def test_the_commands_of_the_readme_work_together(root, binary, checkout):
    readme = (root / "README.md").read_text()
    shown = dict(re.findall(r"^```sh (together|call)\n(.*?)^```$", readme, re.MULTILINE | re.DOTALL))
    directory, (door, admin, audit, moderation) = checkout
    ports = {"8080": str(door), "8090": str(admin), "9101": str(audit), "8081": str(free_port())}
    run_until_interrupted(binary, directory, [door, admin, audit, moderation])

    def moved(text):
        return re.sub("|".join(ports), lambda known: ports[known[0]], text)

    doors = {"SWITCHYARD_LISTEN": f"127.0.0.1:{door}", "SWITCHYARD_ADMIN": f"127.0.0.1:{admin}"}
    running = []
    try:
        for line in moved(shown["together"]).splitlines():
            words = [str(binary), *line.split()[1:]]
            if words[1] == "simulate":
                words += ["--listen", f"127.0.0.1:{ports['8081']}"]
            with open(directory / f"{words[1]}.log", "wb") as output:
                running.append(subprocess.Popen(words, stdin=subprocess.DEVNULL, stdout=output, stderr=output,
                                                cwd=directory, env=clean_environment(doors)))
        eventually(lambda: all(listens(port) for port in ports.values()), "all of them listen")
        answered = subprocess.run(["bash", "-c", moved(shown["call"])], capture_output=True, timeout=60, check=True)
        received = directory / "receive.log"
        eventually(lambda: received.read_text().count("blocklist.added id → ") == 3, "three pairs")
    finally:
        for process in running:
            process.terminate()
        for process in running:
            process.wait(timeout=30)

    assert [row["ResultCode"] for row in json.loads(answered.stdout)["ResultItem"]] == [0, 0, 0]
    pairs = [line for line in received.read_text().splitlines() if "blocklist.added id → " in line]
    assert {line.split(" → ")[1].split()[0] for line in pairs} == {"id1", "id2", "id3"}
    assert all(line.endswith("signature ok") for line in pairs)


def listens(port):
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", int(port))) == 0


def test_a_friendship_lives_and_ends_as_events(gateway, receiver, simulator):
    audit = receiver()
    running = gateway(routes(subscriber(audit, ordering="key"))).start()
    simulated = simulator(running.callback_url + "/", "--dissolve-callback")
    item = {"To_Account": "bob", "AddSource": "AddSource_Type_Web"}

    assert simulated.call("friend_add", {"From_Account": "alice", "AddFriendItem": [item]}).codes == [0]
    simulated.wait_for_lines(1)
    assert simulated.pairs("black_list_add", "alice", "bob").codes == [0]
    simulated.wait_for_lines(2)
    assert simulated.call("friend_add", {"From_Account": "bob", "AddFriendItem": [
        {**item, "To_Account": "alice"}]}).codes == [30525]
    assert simulated.pairs("friend_delete", "alice", "bob").codes == [31704]
    assert simulated.pairs("black_list_delete", "alice", "bob").codes == [0]

    deliveries = audit.wait_for(5)
    running.wait_until_settled(audit.name)
    assert [(delivery.event["type"].removeprefix("com.tencent.chat."), delivery.pair) for delivery in deliveries] == [
        ("friend.added", ("alice", "bob")), ("blocklist.added", ("alice", "bob")),
        ("friend.deleted", ("alice", "bob")), ("friend.deleted", ("bob", "alice")),
        ("blocklist.deleted", ("alice", "bob"))]
    assert deliveries[0].event["data"]["callback"] == {
        "Admin_Account": "administrator", "ClientCmd": "friend_add", "ForceFlag": 0}


def test_a_thousand_accounts_are_a_thousand_events(gateway, receiver, simulator):
    audit = receiver()
    running = gateway(routes(subscriber(audit))).start()
    simulated = simulator(running.callback_url + "/")
    accounts = [f"账号-<b>-{number}" for number in range(1000)]

    assert set(simulated.pairs("black_list_add", "id", *accounts).codes) == {0}
    assert simulated.pairs("black_list_add", "id", accounts[0], "one more").codes == [30001, 30013]
    assert simulated.pairs("black_list_add", "other", *accounts, "one more").json["ErrorCode"] == 30001

    audit.wait_for_pairs([("id", account) for account in accounts])


def test_callbacks_are_posted_as_captured_ones_are(legacy, simulator):
    receiver = legacy(token=TOKEN)
    simulated = simulator(receiver.url, "--chunk", "2", environment={"SWITCHYARD_SIMULATE_TOKEN": TOKEN})

    simulated.pairs("black_list_add", "id", "id1", "e\u0301", 'a"b\\c')

    first, second = receiver.wait_for(2)
    assert first.body == '{"CallbackCommand":"Sns.CallbackBlackListAdd","PairList":[{"From_Account":"id",' \
        '"To_Account":"id1"},{"From_Account":"id","To_Account":"e\u0301"}]}'.encode()
    assert json.loads(second.body)["PairList"] == [{"From_Account": "id", "To_Account": 'a"b\\c'}]
    query = urllib.parse.parse_qsl(first.query.decode())
    assert [name for name, _ in query] == ["CallbackCommand", "ClientIP", "OptPlatform", "RequestId", "RequestTime",
                                           "SdkAppid", "Sign", "contenttype"]
    assert dict(query)["SdkAppid"] == str(APP)
    assert re.fullmatch(r"[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}", dict(query)["RequestId"])
    assert first.parameter("RequestId") != second.parameter("RequestId")
    assert first.headers["content-type"] == "application/json"
    [line] = simulated.wait_for_lines(1)
    assert line.count("Sns.CallbackBlackListAdd posted") == 2, "the receiver has checked the signatures"


def test_a_refused_callback_is_lost_and_said(legacy, simulator):
    receiver = legacy(answers=[(401, b"{}"), (200, b"no JSON")])
    simulated = simulator(receiver.url, "--retry-on-timeout", "3", "--json")

    assert simulated.pairs("black_list_add", "id", "id1").codes == [0]
    simulated.wait_for_lines(1)
    assert simulated.pairs("black_list_add", "id", "id2").codes == [0]

    first, second = [json.loads(line)["callbacks"] for line in simulated.wait_for_lines(2)]
    assert len(receiver.received) == 2, "only timeouts are posted again"
    assert [callback["tries"] for callback in first + second] == [1, 1]
    assert first[0]["failure"] == "the answer was 401"
    assert "is not JSON" in second[0]["failure"]
    assert simulated.errors.count("callback failed: Sns.CallbackBlackListAdd ") == 2


def test_a_callback_that_times_out_is_posted_again_the_same(simulator):
    """The first request is never answered; the second one is."""
    listener = socket.create_server(("127.0.0.1", 0))
    listener.settimeout(60)
    heads, held = [], []

    def serve():
        for number in range(2):
            connection, _ = listener.accept()
            held.append(connection)
            data = b""
            while not re.search(rb"\r\n\r\n.*\]\}$", data, re.DOTALL):
                data += connection.recv(65_536)
            heads.append(data)
            if number == 1:
                connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}")

    thread = threading.Thread(target=serve, daemon=True)
    thread.start()
    simulated = simulator(f"http://127.0.0.1:{listener.getsockname()[1]}/", "--retry-on-timeout")

    simulated.pairs("black_list_add", "id", "id1")

    [line] = simulated.wait_for_lines(1)
    thread.join(timeout=30)
    for connection in [*held, listener]:
        connection.close()
    assert line.endswith("Sns.CallbackBlackListAdd posted at try 2")
    ids = [re.search(rb"RequestId=([0-9a-f-]{36})", head)[1] for head in heads]
    assert ids[0] == ids[1]
    assert heads[0].partition(b"\r\n\r\n")[2] == heads[1].partition(b"\r\n\r\n")[2]
    assert "no complete answer within 2s; it is posted again" in simulated.errors


def test_a_stranger_is_refused_with_200(simulator):
    simulated = simulator(NOWHERE, "--admin", "boss", "--rate-limit", "2", "--sdkappid", APP)

    def code(**query):
        reply = simulated.call("black_list_add", b'{"From_Account":"id","To_Account":["id1"]}', **query)
        assert reply.status == 200
        return reply.json["ErrorCode"]

    assert code() == 60010, "administrator is only the default"
    assert code(identifier="boss", app=7) == 70020
    assert code(identifier="boss", usersig="") == 60004
    assert code(identifier="boss") == 0
    eventually(lambda: code(identifier="boss") == 60007, "more calls than may be made in a second")


def test_rows_fail_as_asked_for_and_the_same_by_the_same_seed(simulator):
    accounts = [f"a{number}" for number in range(300)]

    def codes(seed):
        one = simulator(NOWHERE, "--fail-row", "30006=0.3", "--fail-row", "30007=0.3", "--seed", seed)
        return one.pairs("black_list_add", "id", *accounts).codes

    first = codes(7)
    assert set(first) == {0, 30006, 30007}
    assert codes(7) == first
    assert codes(8) != first


def test_it_ends_cleanly_also_with_a_connection_open(simulator):
    simulated = simulator()
    simulated.pairs("black_list_add", "id", "id1")
    with socket.create_connection(("127.0.0.1", int(simulated.url.rpartition(":")[2]))):
        assert simulated.terminate() == 0
    assert "answered 1 calls, 0 of them refused; posted 1 callbacks, 1 of them in vain" in simulated.errors


@pytest.mark.parametrize("arguments, code, words", [
    ([], 64, "--callback-url"),
    (["--callback-url", "gateway"], 64, "gateway"),
    (["--callback-url", NOWHERE, "--fail-row", "30006"], 64, "--fail-row"),
    (["--callback-url", NOWHERE, "--accounts", "bad.jsonl"], 78, "bad.jsonl: line 2: there is no key \"freinds\""),
    (["--callback-url", NOWHERE, "--accounts", "nowhere.jsonl"], 78, "nowhere.jsonl"),
    (["--callback-url", NOWHERE, "--listen", "203.0.113.1:0"], 1, "--listen"),
])
def test_what_makes_no_sense_is_said(binary, tmp_path, arguments, code, words):
    (tmp_path / "bad.jsonl").write_text('{"account":"a"}\n{"account":"b","freinds":[]}\n')

    finished = run(binary, "simulate", *arguments, cwd=tmp_path)

    assert finished.returncode == code, finished.stderr
    assert words in finished.stderr
