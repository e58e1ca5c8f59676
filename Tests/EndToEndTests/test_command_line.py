"""What a person meets at the command line: exit codes, and messages that say what to do."""

import base64
import json
import re
import subprocess

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from harness import Callback, eventually, free_port, pairs_body, post, routes, subscriber
from harness.commands import run
from harness.gateway import clean_environment

BAD_ROUTES = '''version: 1
apps:
  - sdkappid: 1400000000
    allow_ips: [203.0.113.0/33]
subscribers:
  - name: Moderation Team
    url: https://moderation.example/hooks
    unsigned: true
    events: ["blocklist.*"]
  - name: audit
    urll: https://audit.example/hooks
    url: https://audit.example/hooks
    unsigned: true
    events: ["bloklist.*"]
    timeout: soon
'''


def says_what_to_do(finished):
    """Errors go to standard error, without a stack trace."""
    assert finished.stderr.strip(), "nothing was said"
    for trace in ("Fatal error", "Backtrace", "Thread 0", "Stack dump"):
        assert trace not in finished.stderr


@pytest.mark.parametrize("arguments", [
    ["conquer"],
    ["serve", "--nonsense"],
    ["serve", "--listen", "not-an-address"],
    ["serve", "--ack-deadline", "soon"],
    ["serve", "--retain", "soon"],
    ["serve", "--ingest-memory", "lots"],
    ["serve", "--ingest-memory", "5"],
    ["serve", "--ack-deadline", "0s"],
    ["serve", "--log-format", "xml"],
    ["send", "--count", "many"],
    ["check", "one.yaml", "two.yaml"],
])
def test_bad_usage_is_64(binary, arguments, tmp_path):
    finished = run(binary, *arguments, cwd=tmp_path)

    assert finished.returncode == 64, finished.stderr
    says_what_to_do(finished)


def test_bad_usage_by_environment_is_64_and_names_the_variable(binary, tmp_path):
    finished = run(binary, "serve", cwd=tmp_path, environment={"SWITCHYARD_ACK_DEADLINE": "soon"})

    assert finished.returncode == 64
    assert "SWITCHYARD_ACK_DEADLINE" in finished.stderr


def test_a_missing_routes_file_is_78_and_is_named(binary, tmp_path):
    serve = run(binary, "serve", "--routes", "nowhere.yaml", "--listen", "127.0.0.1:0", "--admin", "127.0.0.1:0",
                cwd=tmp_path)
    assert serve.returncode == 78
    assert "nowhere.yaml" in serve.stderr
    says_what_to_do(serve)

    check = run(binary, "check", "nowhere.yaml", cwd=tmp_path)
    assert check.returncode == 78
    assert "nowhere.yaml: error: " in check.stderr


def test_check_reports_every_problem_at_once_with_its_place(binary, tmp_path):
    (tmp_path / "bad.yaml").write_text(BAD_ROUTES)

    finished = run(binary, "check", "bad.yaml", cwd=tmp_path)

    assert finished.returncode == 78
    told = finished.stdout + finished.stderr
    for line in (4, 6, 11, 14, 15):
        assert re.search(rf"bad\.yaml:{line}:\d+", told), f"nothing about line {line} in:\n{told}"
    assert "`url`" in told or '"url"' in told or "'url'" in told or "url?" in told, "no suggestion for urll"
    assert "blocklist." in told, "no suggestion for bloklist.*"


def test_check_accepts_the_example_as_it_is(binary, root):
    finished = run(binary, "check", root / "routes.yaml.example", cwd=root)

    assert finished.returncode == 0, finished.stdout + finished.stderr


def test_check_of_a_good_file_is_0_and_warns_about_an_open_app(binary, tmp_path):
    (tmp_path / "routes.yaml").write_text(routes(
        {"name": "audit", "url": "https://audit.example/", "unsigned": True, "events": ["*"]}))

    finished = run(binary, "check", cwd=tmp_path)

    assert finished.returncode == 0
    assert "warning" in finished.stdout + finished.stderr, "an app with neither tokens nor addresses is a warning"


ESCAPING_ROUTES = r'''version: 1
apps: [{sdkappid: 1400000000, tokens: [example-token]}]
decisions:
  - {commands: ["\e[31mX\u009b\u202e"], url: "https://a.example/", unsigned: true}
'''


@pytest.mark.parametrize("arguments, told, code", [
    (["check"], r'"\u001b[31mX\u009b\u202e" is no command', 78),
    (["explain", "--query", "SdkAppid=1400000000", "callback.json"], r'"\u001b[31mX\u009b\u202e" is no command', 78),
    (["serve", "--listen", "127.0.0.1:0", "--admin", "127.0.0.1:0"], r'"\u001b[31mX\u009b\u202e" is no command', 78),
    (["check", "n\u001b[31m.yaml"], r"n\u001b[31m.yaml is bad", 78),
    (["serve", "--listen", "n\u001b[31m"], r'"n\u001b[31m"', 64),
    (["send", "--file", "n\u001b[31m.json"], r"cannot read n\u001b[31m.json", 1),
    (["send", "--command", "n\u001b[31m"], r"'n\u001b[31m' is no command", 64),
    (["send", "--url", "n\u001b[31m"], r"'n\u001b[31m'", 64),
    (["receive", "--secret-file", "n\u001b[31m"], r"cannot read n\u001b[31m", 1),
    (["receive", "--delay", "n\u001b[31m"], r"'n\u001b[31m' is not a duration", 64),
    (["simulate", "--callback-url", "http://127.0.0.1:1/", "--accounts", "n\u001b[31m"], r"n\u001b[31m", 78),
])
def test_what_an_error_quotes_does_not_act_on_a_terminal(binary, tmp_path, arguments, told, code):
    (tmp_path / "routes.yaml").write_text(ESCAPING_ROUTES)

    finished = run(binary, *arguments, cwd=tmp_path)

    assert finished.returncode == code, finished.stderr
    assert told in finished.stderr
    for character in "\u001b\u009b\u202e":
        assert character not in finished.stdout + finished.stderr


def test_check_as_json_says_who_decides_what(binary, tmp_path):
    (tmp_path / "routes.yaml").write_text('''version: 1
apps: [{sdkappid: 20, tokens: [t]}, {sdkappid: 3, tokens: [t]}]
decisions:
  - commands: [C2C.CallbackBeforeSendMsg, Group.CallbackBeforeSendMsg, C2C.CallbackBeforeSendMsg]
    apps: [20, 3]
    url: https://a.example/judge?key=hidden
    unsigned: true
    on_failure: deny
  - {commands: [Sns.CallbackPrevFriendAdd], url: "https://b.example/", unsigned: true, timeout: 900ms}
''')

    finished = run(binary, "check", "--json", cwd=tmp_path)

    assert finished.returncode == 0, finished.stderr
    assert json.loads(finished.stdout)["decisions"] == [
        {"commands": ["C2C.CallbackBeforeSendMsg", "Group.CallbackBeforeSendMsg"], "apps": ["3", "20"],
         "url": "https://a.example/judge?•••", "timeout": "1200ms", "onFailure": "deny"},
        {"commands": ["Sns.CallbackPrevFriendAdd"], "url": "https://b.example/", "timeout": "900ms",
         "onFailure": "allow"},
    ]


def test_check_as_json_quotes_exactly(binary, tmp_path):
    (tmp_path / "routes.yaml").write_text(ESCAPING_ROUTES)

    finished = run(binary, "check", "--json", cwd=tmp_path)

    assert "\u001b" not in finished.stdout and not finished.stderr
    assert '"\u001b[31mX\u009b\u202e" is no command' in json.loads(finished.stdout)["problems"][0]["message"]


@pytest.mark.parametrize("bad, sentence", [
    ("whpk_1SiA4o9hyqTCpIqC5V9HUakiiaeACeqfZTInDBbOir4=", "a whpk_ key only verifies and cannot sign"),
    ("whsk_6Xb/dCcHpPea21PS1N9VY*NZW723CEc77N4rJCubMbc=", "what follows whsk_ in a secret must be base64"),
    ("whsk_6Xb/dCcHpPea21PS1N9VY/NZW723CEc7", "a whsk_ secret must hold 32 or 64 bytes, not 24"),
    ("whsk_6Xb/dCcHpPea21PS1N9VY/NZW723CEc77N4rJCubMbfVKIDij2HKpMKkioLlX0dRqSKJp4AJ6p9lMicMFs6Kvw==",
     "the last 32 bytes of this whsk_ secret are not its public key"),
    ("sk_6Xb/dCcHpPea21PS1N9VY/NZW723CEc77N4rJCubMbc=", "a secret must start with whsec_ or whsk_"),
])
@pytest.mark.parametrize("from_file", [False, True])
def test_check_tells_what_is_wrong_with_a_secret_and_where_but_never_shows_it(
        binary, tmp_path, bad, sentence, from_file):
    (tmp_path / "secret").write_text(bad + "\n")
    written = "${file:secret}" if from_file else bad
    (tmp_path / "routes.yaml").write_text(f'''version: 1
apps: [{{sdkappid: 1400000000, tokens: [example-token]}}]
subscribers:
  - name: audit
    url: https://audit.example/hooks
    secrets:
      - whsk_6Xb/dCcHpPea21PS1N9VY/NZW723CEc77N4rJCubMbc=
      - "{written}"
    events: ["*"]
''')

    finished = run(binary, "check", cwd=tmp_path)

    assert finished.returncode == 78
    told = finished.stdout + finished.stderr
    assert f"routes.yaml:8:9: error: this is not a secret: {sentence}" in told
    assert told.count("error: ") == 1, told
    assert "6Xb/dCcHpPea" not in told and "1SiA4o9hyqTC" not in told


def test_the_version_is_told(binary):
    finished = run(binary, "--version")

    assert finished.returncode == 0
    assert re.search(r"\d+\.\d+\.\d+", finished.stdout)


def test_secret_new_prints_a_fresh_secret_each_time(binary):
    secrets = [run(binary, "secret", "new").stdout.strip() for _ in range(2)]

    assert secrets[0] != secrets[1]
    for secret in secrets:
        assert secret.startswith("whsec_")
        assert 24 <= len(base64.b64decode(secret.removeprefix("whsec_"), validate=True)) <= 64
    assert "whsec_" in json.dumps(json.loads(run(binary, "secret", "new", "--json").stdout))


def test_secret_new_ed25519_prints_a_fresh_pair_each_time(binary):
    pairs = [run(binary, "secret", "new", "--ed25519").stdout.split() for _ in range(2)]
    document = json.loads(run(binary, "secret", "new", "--ed25519", "--json").stdout)
    pairs.append([document["secret"], document["publicKey"]])

    assert len({secret for secret, _ in pairs}) == 3
    for secret, public in pairs:
        assert secret.startswith("whsk_") and public.startswith("whpk_")
        held = base64.b64decode(secret.removeprefix("whsk_"), validate=True)
        verifies = Ed25519PrivateKey.from_private_bytes(held[:32]).public_key().public_bytes_raw()
        assert held[32:] == verifies
        assert base64.b64decode(public.removeprefix("whpk_"), validate=True) == verifies


def test_flags_win_over_the_environment_and_the_environment_over_defaults(gateway, receiver):
    audit = receiver()
    listen, ignored = free_port(), free_port()
    running = gateway(routes(subscriber(audit)), callback_port=listen, environment={
        "SWITCHYARD_LISTEN": f"127.0.0.1:{ignored}", "SWITCHYARD_CALLBACK_PATH": "/from-environment"})
    running.start()

    assert running.callback_port == listen
    callback = Callback("Sns.CallbackFriendAdd", pairs_body("Sns.CallbackFriendAdd", [("a", "b")]))
    status = subprocess.run(
        ["curl", "--silent", "--max-time", "10", "--output", "/dev/null", "--write-out", "%{http_code}",
         "--data-binary", "@-", f"{running.callback_url}/from-environment?{callback.query()}"],
        input=callback.body, capture_output=True, timeout=30, check=True).stdout
    assert status == b"200"
    audit.wait_for_pairs([("a", "b")])


def test_a_taken_port_is_said_in_a_sentence(gateway, receiver, binary, tmp_path):
    running = gateway(routes(subscriber(receiver()))).start()
    (tmp_path / "routes.yaml").write_text(running.routes_path.read_text())

    finished = run(binary, "serve", "--listen", f"127.0.0.1:{running.callback_port}", "--admin", "127.0.0.1:0",
                   cwd=tmp_path)

    assert finished.returncode in (1, 78)
    assert str(running.callback_port) in finished.stderr
    says_what_to_do(finished)


def test_a_second_gateway_on_the_same_journal_is_refused(gateway, receiver):
    first = gateway(routes(subscriber(receiver()))).start()
    second = gateway(routes(subscriber(receiver("other"))))
    second.journal_path = first.journal_path

    second.launch()

    assert second.wait() in (1, 78)
    assert first.status_of("/readyz") == 200


def test_the_journal_is_for_its_owner_alone(gateway, receiver):
    running = gateway(routes(subscriber(receiver()))).start()
    post(running, Callback("Sns.CallbackFriendAdd", pairs_body("Sns.CallbackFriendAdd", [("a", "b")])))

    files = list(running.directory.glob("switchyard.db*"))
    assert files
    assert {file.stat().st_mode & 0o777 for file in files} == {0o600}


@pytest.mark.parametrize("kind", [[], ["--ed25519"]])
def test_send_and_receive_work_together_through_the_gateway(gateway, binary, tmp_path, kind):
    port = free_port()
    # A subscriber verifies with the secret itself, or with the public key that is printed after it.
    secret, key = (run(binary, "secret", "new", *kind).stdout.split() * 2)[:2]
    entry = {"name": "tried", "url": f"http://127.0.0.1:{port}/", "secrets": [secret], "events": ["blocklist.*"]}
    running = gateway(routes(entry, apps=[{"sdkappid": 1400000000, "tokens": ["a-token"]}])).start()
    output = tmp_path / "received"
    with open(output, "wb") as file:
        receiving = subprocess.Popen([str(binary), "receive", "--listen", f"127.0.0.1:{port}", "--secret", key],
                                     stdin=subprocess.DEVNULL, stdout=file, stderr=file, env=clean_environment())
    try:
        sent = run(binary, "send", "--url", running.callback_url + "/", "--sdkappid", "1400000000",
                   "--token", "a-token", "--command", "Sns.CallbackBlackListAdd",
                   "--from", "alice", "--to", "bob,carol")
        assert sent.returncode == 0, sent.stderr
        eventually(lambda: all(name in output.read_text() for name in ("bob", "carol")), "both pairs are printed")
        assert run(binary, "send", "--url", running.callback_url + "/", "--token", "wrong").returncode == 1
    finally:
        receiving.terminate()
        assert receiving.wait(timeout=20) == 0
    lines = [line for line in output.read_text().splitlines() if "bob" in line or "carol" in line]
    assert len(lines) == 2, "one line an event"
    assert all("signature ok" in line for line in lines)
    running.wait_until_settled("tried")
