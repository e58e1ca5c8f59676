"""The documents for users say what the program does: their samples are run, and their lists are held against it."""

import datetime
import http.server
import json
import re
import shlex
import shutil
import subprocess
import threading
import types
import urllib.parse

import pytest
from standardwebhooks.webhooks import Webhook

from harness import APP, Tencent, app, eventually, post, routes, subscriber
from harness.authority import Authority
from harness.commands import run
from harness.gateway import clean_environment
from harness.prometheus import schema_of
from harness.promql import labels_of
from harness.signatures import new_pair, new_secret
from harness.tencent import Callback

NAMES = ["catalogue.md", "deciding.md", "tencent.md", "subscribing.md", "operating.md", "simulator.md",
         "deploying.md", "metrics.md", "data.md", "receivers.md", "dashboard.md",
         "admin-api.md", "postgres.md", "scale.md"]
COLUMNS = 120
FENCE = re.compile(r"^```(\S*) ?([^\n]*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
TIMES = re.compile(r'"(time|receivedAt)":"[^"]*"')


@pytest.fixture(scope="module")
def documents(root):
    return {name: (root / "docs" / name).read_text() for name in NAMES}


def blocks(document, language, mark=""):
    """The contents of the fenced blocks with this language and this word behind it."""
    return [body for kind, word, body in FENCE.findall(document) if (kind, word) == (language, mark)]


def block(document, language, mark):
    found = blocks(document, language, mark)
    assert len(found) == 1, f"there are {len(found)} blocks of {language} {mark}"
    return found[0]


def table(document, first_heading):
    """The rows of the one table whose first column has this heading, as lists of cells."""
    found = re.findall(rf"^\| {re.escape(first_heading)} \|.*\n\|[-|]+\|\n((?:\|.*\n)+)", document, re.MULTILINE)
    assert len(found) == 1, f"there are {len(found)} tables of {first_heading}"
    return [[cell.strip() for cell in re.split(r"(?<!\\)\|", row)[1:-1]] for row in found[0].splitlines()]


def names(cell):
    """What stands between backticks."""
    return re.findall(r"`([^`]+)`", cell)


@pytest.mark.parametrize("name", [name for name in NAMES if name != "catalogue.md"])
def test_no_line_is_longer_than_the_page(documents, name):
    assert not [line for line in documents[name].splitlines() if len(line) > COLUMNS]


def anchors(text):
    """The anchors of a document's headings."""
    plain = re.sub(r"^```.*?^```$", "", text, flags=re.MULTILINE | re.DOTALL)
    headings = re.findall(r"^#+ (.*)$", plain, re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


@pytest.mark.parametrize("name", [*NAMES, "../README.md"])
def test_every_link_leads_somewhere(root, name):
    path = root / "docs" / name
    text = re.sub(r"^```.*?^```$", "", path.read_text(), flags=re.MULTILINE | re.DOTALL)
    links = re.findall(r"\]\((?!https?:)([^)#]*)(?:#([^)]*))?\)", text)

    for target, anchor in links:
        linked = path.parent / target if target else path
        assert linked.exists(), target
        assert not anchor or anchor in anchors(linked.read_text()), f"{target}#{anchor}"


@pytest.mark.parametrize("name", ["tencent.md", "deciding.md", "subscribing.md"])
def test_every_routes_file_is_good_and_without_a_warning(documents, binary, tmp_path, name):
    samples = blocks(documents[name], "yaml", "routes")
    assert samples
    for sample in samples:
        (tmp_path / "routes.yaml").write_text(sample)
        (tmp_path / "allow_ips.txt").write_text("203.0.113.0/24\n")
        for path in re.findall(r"\$\{file:([^}]+)\}", sample):
            (tmp_path / path).parent.mkdir(exist_ok=True)
            (tmp_path / path).write_text(new_secret() + "\n")
        checked = run(binary, "check", "routes.yaml", cwd=tmp_path)
        assert checked.returncode == 0, checked.stderr
        assert "warning" not in checked.stdout + checked.stderr


@pytest.mark.parametrize("name", NAMES)
def test_every_command_line_has_only_flags_that_exist(documents, binary, name):
    lines = [line for sample in blocks(documents[name], "sh") for line in sample.splitlines()
             if line.startswith("switchyard ")]
    for line in lines:
        words = line.split(" > ")[0].split()[1:]
        command = words[:2] if words[0] in ("secret", "journal") else words[:1]
        told = run(binary, "help", *command)
        assert told.returncode == 0, line
        assert {word for word in words if word.startswith("--")} <= flags_in(told.stdout), line


def flags_in(text):
    return set(re.findall(r"^  (--[a-z0-9-]+)", text, re.MULTILINE))


def test_the_flags_of_the_simulator_are_those_that_it_takes(documents, binary):
    document = documents["simulator.md"]
    rows = table(document, "flag of `switchyard simulate`") + table(document, "question")
    told = {flag for row in rows for name in names(row[0] if row[0].startswith("`--") else row[2])
            for flag in re.findall(r"^--[a-z-]+", name)}

    assert told == flags_in(run(binary, "simulate", "--help").stdout) - {"--version"}


def test_the_flags_are_those_of_serve_with_their_defaults(documents, binary):
    text = run(binary, "serve", "--help").stdout.partition("OPTIONS:")[2]
    told = {}
    for flag, rest in re.findall(r"^  (--[a-z-]+) <[^>]+>(.*?)(?=^  -)", text, re.MULTILINE | re.DOTALL):
        default = re.search(r"\(default: (.*)\)", " ".join(rest.split()))
        told[flag] = default[1] if default else "none"

    rows = table(documents["operating.md"], "flag of `switchyard serve`")
    assert {names(row[0])[0].split()[0]: row[1] for row in rows} == told


def test_the_metrics_are_those_that_are_served(documents, gateway, receiver, decider):
    decisions = [decider().entry("C2C.CallbackBeforeSendMsg")]
    running = gateway(routes(subscriber(receiver()), decisions=decisions)).start()
    served = running.metrics()

    rows = table(documents["metrics.md"], "family")
    assert {names(row[0])[0]: row[1] for row in rows} == served.types
    for row in rows:
        assert row[3], f"{row[0]} has no meaning"
        family, labels = names(row[0])[0], {label for label in row[2].split(", ") if label}
        keys = {key for sample, has, _ in served.samples if re.fullmatch(rf"{family}(_count)?", sample) for key in has}
        assert keys == labels, family

    advice = documents["metrics.md"].partition("## What to do when one moves")[2].partition("## Alerts")[0]
    assert set(re.findall(r"`((?:switchyard|process)_[a-z_]+)", advice)) == set(served.types)
    outcomes = {has["outcome"] for has, _ in served.series("switchyard_delivery_attempts_total")}
    states = {has["state"] for has, _ in served.series("switchyard_subscriber_state")}
    told = {name for line in re.findall(r"^  - (`.*?):", advice, re.MULTILINE) for name in names(line)}
    assert told == outcomes | states


def test_the_reasons_for_a_refusal_are_those_that_are_counted(documents, gateway, receiver):
    running = gateway(routes(subscriber(receiver()))).start()
    counted = running.metrics().series("switchyard_callbacks_rejected_total", app=str(APP))

    rows = table(documents["tencent.md"], "reason")
    reasons = {names(row[0])[0] for row in rows}
    assert reasons == {labels["reason"] for labels, _ in counted}
    advice = documents["tencent.md"].partition("\nWhat to do:\n")[2]
    assert set(re.findall(r"^- `([a-z_]+)`", advice, re.MULTILINE)) == reasons


def test_the_types_are_those_that_are_accepted(documents, gateway, receiver):
    running = gateway(routes(subscriber(receiver()))).start()
    counted = {labels["type"] for labels, _ in running.metrics().series("switchyard_events_accepted_total")}

    listed = {f"com.tencent.chat.{names(row[2])[0]}" for row in table(documents["catalogue.md"], "command")}
    assert listed | {"com.tencent.chat.callback"} == counted


def test_the_consoles_switches_are_told_for_every_family_of_commands(documents):
    told = [name for row in table(documents["tencent.md"], "callbacks") for name in names(row[0])]

    assert sorted(told) == sorted({names(row[0])[0].partition(".")[0]
                                   for row in table(documents["catalogue.md"], "command")})
    commands = {names(row[0])[0] for row in table(documents["catalogue.md"], "command")}
    section = documents["tencent.md"].partition("## 4. The callbacks to switch on")[2].partition("## 5.")[0]
    assert set(re.findall(r"`([A-Za-z]+\.[A-Za-z]*Callback[A-Za-z]+)`", section)) <= commands


def test_switching_authentication_on_and_off_in_the_order_that_is_told_loses_nothing(gateway, receiver):
    audit = receiver()
    without, with_token = (routes(subscriber(audit), apps=[app(**keys)]) for keys in ({}, {"tokens": ["t"]}))
    unsigned = Callback("Sns.CallbackFriendAdd", b'{"CallbackCommand":"Sns.CallbackFriendAdd"}')
    signed = unsigned.again(token="t")
    running = gateway(without).start()
    tencent = Tencent(running)

    def answers():
        return tencent.post(unsigned).status, tencent.post(signed).status

    assert answers() == (200, 200), "the console may sign before the gateway asks for it"
    running.apply(with_token)
    assert answers() == (401, 200), "and has to"
    running.apply(without)
    assert answers() == (200, 200), "the gateway stops asking first"
    tencent.close()


class AddressList(http.server.BaseHTTPRequestHandler):
    """`v4/ConfigSvc/GetIPList` as Tencent documents it: 200 always, by the class's `answers` for each nettype."""

    answers = {}
    queries = []

    def do_POST(self):
        path, _, query = self.path.partition("?")
        values = dict(urllib.parse.parse_qsl(query))
        body = self.rfile.read(int(self.headers["Content-Length"]))
        AddressList.queries.append(values)
        wanted = path == "/v4/ConfigSvc/GetIPList" and body == b"{}"
        answer = json.dumps(self.answers[values["nettype"]]).encode()
        self.send_response(200 if wanted else 404)
        self.send_header("Content-Length", str(len(answer)))
        self.end_headers()
        self.wfile.write(answer)

    def log_message(self, *_):
        pass


def test_the_script_for_the_addresses_replaces_the_list_by_a_whole_one_alone(documents, gateway, receiver, tmp_path):
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), AddressList)
    threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()
    script = block(documents["tencent.md"], "sh", "addresses")
    assert script.count("https://console.tim.qq.com/") == 1
    script = script.replace("https://console.tim.qq.com", f"http://127.0.0.1:{server.server_address[1]}")
    audit, directory = receiver(), tmp_path / "fetching"
    directory.mkdir()
    (directory / "usersig").write_text("eJw-usersig_1*\n")
    addresses = directory / "allow_ips.txt"

    def fetch(china, overseas):
        AddressList.answers = {"5": china, "6": overseas}
        ended = subprocess.run(["sh", "-c", script], cwd=directory, capture_output=True, timeout=60, check=False)
        return ended.returncode

    def listed(*entries):
        return {"ActionStatus": "OK", "ErrorCode": 0, "IPList": list(entries)}

    try:
        assert fetch(listed("192.0.2.1", "183.192.202.0/25"), listed("198.51.100.0/24")) == 0
        assert addresses.read_text() == "192.0.2.1\n183.192.202.0/25\n198.51.100.0/24\n"
        query = AddressList.queries[0]
        assert int(query.pop("random")) < 1 << 32
        assert query == {"sdkappid": "1400000000", "identifier": "administrator", "usersig": "eJw-usersig_1*",
                         "contenttype": "json", "nettype": "5"}
        entry = app(allow_ips_file=str(addresses))
        running = gateway(routes(subscriber(audit), apps=[entry])).start()
        tencent = Tencent(running)
        callback = Callback("Sns.CallbackFriendAdd", b'{"CallbackCommand":"Sns.CallbackFriendAdd"}')
        assert tencent.post(callback).status == 403

        expired = {"ActionStatus": "FAIL", "ErrorCode": 70001, "ErrorInfo": "UserSig expired"}
        before = addresses.read_text()
        for china, overseas in [(expired, expired), (listed("192.0.2.9"), expired), (listed("192.0.2.9"), listed())]:
            assert fetch(china, overseas) != 0
            assert addresses.read_text() == before

        assert fetch(listed("127.0.0.1"), listed("198.51.100.0/24")) == 0
        eventually(lambda: tencent.post(callback).ok, "the new list is in force", timeout=10)
        tencent.close()
    finally:
        server.shutdown()
        server.server_close()


def test_what_is_quoted_of_the_samples_stands_in_them(documents, root):
    quoted = [(mark, text) for _, mark, text in FENCE.findall(documents["receivers.md"]) if mark.startswith("Samples/")]

    for path, text in quoted:
        assert f"\n{text}" in f"\n{(root / path).read_text()}", path
    languages = {path.name for path in (root / "Samples/receivers").iterdir()}
    assert {path.split("/")[2] for path, _ in quoted} == languages
    [table_of_inbox] = blocks(documents["receivers.md"], "sql")
    sources = {language: "".join(path.read_text() for path in (root / "Samples/receivers" / language).rglob("*")
                                 if path.suffix in (".py", ".js", ".go", ".java", ".swift"))
               for language in languages}
    for language, source in sources.items():
        assert re.sub(r"\W+", " ", table_of_inbox).strip() in re.sub(r"\W+", " ", source), language


def test_the_log_lines_are_ones_that_the_program_writes(documents, root):
    source = "".join(path.read_text() for path in (root / "Sources").rglob("*.swift"))

    for row in table(documents["operating.md"], "message"):
        assert f'"{names(row[0])[0]}"' in source, row[0]


def test_the_query_that_joins_the_owner_has_it(documents, gateway, receiver):
    running = gateway(routes(subscriber(receiver(), owner="night"))).start()

    query = block(documents["metrics.md"], "promql", "owner")

    assert labels_of(query, schema_of(running.metrics())) == {"job", "instance", "subscriber", "owner"}


@pytest.mark.parametrize("name", NAMES)
def test_every_link_to_a_document_leads_to_a_heading_that_is_there(documents, root, name):
    for path, anchor in re.findall(r"\]\(([a-z-]+\.md)?(?:#([^)\s]+))?\)", documents[name]):
        linked = (root / "docs" / (path or name)).read_text()
        assert not anchor or anchor in anchors(linked), f"{path}#{anchor}"


def anchors(document):
    """The anchors of its headings, as GitHub makes them."""
    headings = re.findall(r"^#+ (.*)$", FENCE.sub("", document), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


def test_the_tls_files_are_named_as_the_routes_file_takes_them(documents, binary, tmp_path):
    authority = Authority()
    (tmp_path / "tls").mkdir()
    (tmp_path / "tls/private-ca.pem").write_bytes(authority.pem)
    authority.issue("gateway").write(tmp_path / "tls", "gateway")
    subscriber_lines = "subscribers:\n  - name: a\n    url: https://a.example\n    unsigned: true\n    events: ['*']\n"
    (tmp_path / "routes.yaml").write_text(
        f"version: 1\napps: [{{sdkappid: {APP}, tokens: [t]}}]\n{subscriber_lines}"
        + block(documents["operating.md"], "yaml", "tls"))

    checked = run(binary, "check", str(tmp_path / "routes.yaml"))

    assert checked.returncode == 0, checked.stdout + checked.stderr


def test_what_explain_is_shown_to_print_is_what_it_prints(documents, binary, tmp_path):
    (tmp_path / "routes.yaml").write_text(routes(
        {"name": "audit", "url": "https://audit.example/", "unsigned": True, "events": ["*"]}))
    (tmp_path / "callback.json").write_bytes(
        b'{"CallbackCommand":"Sns.CallbackBlackListAdd","PairList":['
        b'{"From_Account":"alice","To_Account":"bob"},{"From_Account":"alice","To_Account":"carol"}]}')
    line = next(line for sample in blocks(documents["operating.md"], "sh") for line in sample.splitlines()
                if line.startswith("switchyard explain "))

    finished = run(binary, *shlex.split(line)[1:], cwd=tmp_path)

    assert finished.returncode == 0, finished.stderr
    assert finished.stdout.startswith(block(documents["operating.md"], "text", "explain"))


@pytest.fixture
def delivery(documents, gateway, receiver):
    """The document's own callback: what a subscriber got for its first pair, and the secret that signed it."""
    query = dict(word.split("=") for word in
                 block(documents["subscribing.md"], "text", "query").replace("\n", "").split("&"))
    body = block(documents["subscribing.md"], "json", "callback").strip().encode()
    audit = receiver()
    running = gateway(routes(subscriber(audit), apps=[app(int(query["SdkAppid"]))])).start()
    reply = post(running, Callback(query["CallbackCommand"], body, app=query["SdkAppid"], request_id=query["RequestId"],
                                   client_ip=query["ClientIP"], platform=query["OptPlatform"]))
    assert reply.status == 200
    first = next(one for one in audit.wait_for(2) if one.event["data"]["batch"]["index"] == 0)
    return first, audit.secret


def test_mirrored_rows_become_two_events_of_one_key(documents, gateway, receiver):
    audit = receiver()
    running = gateway(routes(subscriber(audit, ordering="key"))).start()
    body = block(documents["subscribing.md"], "json", "mirrored").strip().encode()
    post(running, Callback(json.loads(body)["CallbackCommand"], body))

    first, second = [delivery.event for delivery in audit.wait_for(2)]

    assert [(one["data"]["from"], one["data"]["to"]) for one in (first, second)] == [("alice", "bob"), ("bob", "alice")]
    assert first["partitionkey"] == second["partitionkey"] == "alice|bob"
    assert first["data"]["batch"]["id"] == second["data"]["batch"]["id"]


# What the document's event does not have, because its callback is of pairs.
ABSENT_FROM_PAIRS = {"group", "account", "decision"}


def test_the_event_is_what_the_callback_becomes(documents, delivery):
    shown = json.loads(block(documents["subscribing.md"], "json", "event"))
    told = json.dumps(shown, separators=(",", ":"))

    assert TIMES.sub(r'"\1":""', told) == TIMES.sub(r'"\1":""', delivery[0].body.decode())
    rows = table(documents["subscribing.md"], "field")
    fields = {name.removeprefix("data.") for row in rows for name in names(row[0])}
    assert fields == (shown.keys() | shown["data"].keys()) - {"data"} | ABSENT_FROM_PAIRS
    headers = [names(row[0])[0].lower() for row in table(documents["subscribing.md"], "header")]
    assert set(headers) == delivery[0].headers.keys() - {"host", "accept", "content-length"}


def signed_long_ago(one, secret):
    """The headers of the same delivery as it would have been signed ten minutes ago."""
    moment = datetime.datetime.now(datetime.timezone.utc) - datetime.timedelta(minutes=10)
    signature = Webhook(secret).sign(one.id, moment, one.body.decode())
    return {**one.headers, "webhook-timestamp": str(int(moment.timestamp())), "webhook-signature": signature}


def python_of(document, mark):
    module = types.ModuleType(mark)
    exec(compile(block(document, "python", mark), mark, "exec"), module.__dict__)  # The document's own lines.
    return module


def test_the_verification_by_hand_takes_the_right_signature_and_no_other(documents, delivery):
    one, secret = delivery
    verify = python_of(documents["subscribing.md"], "verify").verify

    assert verify(secret, one.headers, one.body)
    assert not verify(secret, one.headers, one.body + b" ")
    assert not verify(new_secret(), one.headers, one.body)
    assert not verify(secret, signed_long_ago(one, secret), one.body)


def test_the_verification_with_a_public_key_takes_the_right_signature_and_no_other(documents, gateway, receiver):
    verify = python_of(documents["subscribing.md"], "verify-with-public-key").verify
    audit, (secret, public_key) = receiver(), new_pair()
    running = gateway(routes(subscriber(audit, secrets=[audit.secret, secret]))).start()
    post(running, Callback("Sns.CallbackFriendAdd", b'{"CallbackCommand":"Sns.CallbackFriendAdd"}'))
    one = audit.wait_for(1)[0]

    assert verify(public_key, one.headers, one.body)
    assert not verify(public_key, one.headers, one.body + b" ")
    assert not verify(new_pair()[1], one.headers, one.body)
    assert not verify(public_key, signed_long_ago(one, audit.secret), one.body)


def test_the_service_in_python_verifies_what_it_is_sent(documents, delivery, monkeypatch):
    one, secret = delivery
    monkeypatch.setenv("WEBHOOK_SECRET", secret)
    service = python_of(documents["subscribing.md"], "service")

    assert service.webhook.verify(one.body, one.headers)["id"] == one.id
    with pytest.raises(service.WebhookVerificationError):
        service.webhook.verify(one.body + b" ", one.headers)
