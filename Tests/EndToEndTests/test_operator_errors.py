"""What a person is told when the admin door does not do what was asked: one sentence, exit code 1."""

import json
import ssl

import pytest

from harness import admin_samples as samples
from harness import free_port
from harness.admin_door import ADMIN_TOKEN, READ_TOKEN, Say, garbage, problem, say
from harness.authority import Authority

ID, REPLAY = samples.EVENT, samples.REPLAY

# One of each command, with what it asks first.
COMMANDS = [
    (["subscribers"], "GET", "/v1/subscribers"),
    (["pause", "audit"], "POST", "/v1/subscribers/audit/pause"),
    (["resume", "audit"], "POST", "/v1/subscribers/audit/resume"),
    (["forget", "audit", "--yes"], "DELETE", "/v1/subscribers/audit"),
    (["dead-letters", "list"], "GET", "/v1/dead-letters"),
    (["dead-letters", "show", "3-1041"], "GET", "/v1/dead-letters/3-1041"),
    (["dead-letters", "replay", "3-1041"], "POST", "/v1/dead-letters/replay"),
    (["dead-letters", "discard", "3-1041", "--yes"], "POST", "/v1/dead-letters/discard"),
    (["replay", "--subscriber", "audit", "--from", "2h", "--yes"], "POST", "/v1/replays"),
    (["replays", "list"], "GET", "/v1/replays"),
    (["replays", "show", REPLAY], "GET", f"/v1/replays/{REPLAY}"),
    (["replays", "watch", REPLAY], "GET", f"/v1/replays/{REPLAY}"),
    (["replays", "pause", REPLAY], "POST", f"/v1/replays/{REPLAY}/pause"),
    (["replays", "resume", REPLAY], "POST", f"/v1/replays/{REPLAY}/resume"),
    (["replays", "cancel", REPLAY], "DELETE", f"/v1/replays/{REPLAY}"),
    (["why", ID], "GET", f"/v1/events/{ID}"),
    (["tail"], "GET", "/v1/tail"),
    (["stats"], "GET", "/v1/stats"),
    (["stats", "--watch"], "GET", "/v1/stats"),
    (["backup", "/a.db"], "POST", "/v1/backup"),
    (["reload"], "POST", "/v1/reload"),
]
each_command = pytest.mark.parametrize(
    "arguments, method, path", COMMANDS, ids=[" ".join(row[0][:2]) for row in COMMANDS])


@each_command
def test_whatever_is_refused_is_told_in_the_doors_words(admin_door, commands, arguments, method, path):
    door = admin_door()
    run = commands(door.url)
    for status in (400, 403, 404, 409, 422, 500, 503):
        if arguments == ["reload"] and status == 422:
            continue
        door.script[(method, path)] = problem(status, f"No \x1b[31msuch thing, {status}.")
        for more in ([], ["--json"]):
            assert run.fails(*arguments, *more) == (
                f"Error: {door.url} answered {status}: No \\u001b[31msuch thing, {status}\n")
    assert door.asks[0].method == method and door.asks[0].path == path


@each_command
def test_garbage_is_not_taken_for_an_answer(admin_door, commands, arguments, method, path):
    door = admin_door()
    run = commands(door.url)
    answers = [garbage(), garbage(b"{", content_type="application/json"),
               garbage(b"[]", content_type="application/json"), garbage(b"gone", 502), garbage(b'{"status": "ok"}', 404, "application/json")]
    for answer in answers:
        door.script[(method, path)] = answer
        told = run.fails(*arguments)
        assert door.url in told and ("--admin" in told or "the version of this program" in told)


@each_command
def test_where_no_gateway_answers_it_says_what_to_start(commands, arguments, method, path):
    url = f"http://127.0.0.1:{free_port()}"

    told = commands(url).fails(*arguments)

    assert told == (f"Error: no gateway answers at {url}: Connection refused; start one with 'switchyard serve', or "
                    "say with --admin where its admin door is\n")


def test_an_answer_that_is_cut_is_not_taken_for_a_whole_one(admin_door, commands):
    document = json.dumps(samples.stats(samples.subscriber())).encode()
    door = admin_door({("GET", "/v1/stats"): Say(
        content_type="application/json", pieces=[document[:100].decode()], is_api=False)})
    assert "does not understand" in commands(door.url).fails("stats")

    door.script[("GET", "/v1/stats")] = Say(body=document[:100], headers={"Content-Length": "5000"}, is_api=False)
    assert "broke" in commands(door.url).fails("stats")


def test_a_redirect_is_not_followed(admin_door, commands):
    other = admin_door({("GET", "/v1/stats"): say(samples.stats())})
    door = admin_door({("GET", "/v1/stats"): garbage(
        b"", 302, headers={"Location": f"{other.url}/v1/stats"})})

    assert "302" in commands(door.url).fails("stats")
    assert not other.asks


def test_a_proxy_of_the_environment_is_not_used(admin_door, commands):
    proxy = admin_door()
    door = admin_door({("GET", "/v1/stats"): say(samples.stats())})

    finished = commands(door.url)("stats", environment={"http_proxy": proxy.url, "ALL_PROXY": proxy.url})

    assert finished.returncode == 0 and not proxy.asks


@pytest.fixture
def guarded(admin_door):
    return admin_door({
        ("GET", "/v1/stats"): say(samples.stats()),
        ("POST", "/v1/subscribers/audit/pause"): say(samples.subscriber("audit")),
    }, needs_token=True)


@pytest.mark.parametrize("environment, can_change", [
    ({"SWITCHYARD_ADMIN_TOKEN": ADMIN_TOKEN}, True),
    ({"SWITCHYARD_ADMIN_TOKEN_FILE": "admin-token"}, True),
    ({"SWITCHYARD_ADMIN_TOKEN": ADMIN_TOKEN, "SWITCHYARD_ADMIN_READ_TOKEN": READ_TOKEN}, True),
    ({"SWITCHYARD_ADMIN_TOKEN": "", "SWITCHYARD_ADMIN_TOKEN_FILE": "", "SWITCHYARD_ADMIN_READ_TOKEN": READ_TOKEN},
     False),
    ({"SWITCHYARD_ADMIN_READ_TOKEN": READ_TOKEN}, False),
    ({"SWITCHYARD_ADMIN_READ_TOKEN_FILE": "read-token"}, False),
])
def test_the_token_comes_from_the_environment(guarded, commands, tmp_path, environment, can_change):
    (tmp_path / "admin-token").write_text(ADMIN_TOKEN + "\n")
    (tmp_path / "read-token").write_text(f"  {READ_TOKEN}\n")
    run = commands(guarded.url, environment=environment)

    assert run("stats").returncode == 0
    paused = run("pause", "audit")
    assert (paused.returncode == 0) == can_change
    if not can_change:
        assert "The read token may not change anything" in paused.stderr


def test_without_a_token_it_says_where_one_comes_from(guarded, commands):
    told = commands(guarded.url).fails("stats")

    assert "401: This needs a bearer token" in told and "SWITCHYARD_ADMIN_TOKEN" in told


@pytest.mark.parametrize("environment, told", [
    ({"SWITCHYARD_ADMIN_TOKEN": "hush secret"}, "the token in SWITCHYARD_ADMIN_TOKEN holds a space"),
    ({"SWITCHYARD_ADMIN_TOKEN_FILE": "nowhere"}, "cannot read nowhere"),
    ({"SWITCHYARD_ADMIN_TOKEN_FILE": "empty"}, "empty, which SWITCHYARD_ADMIN_TOKEN_FILE names, holds no token"),
    ({"SWITCHYARD_ADMIN_TOKEN": "hush"}, "401"),
])
def test_a_token_that_will_not_do_is_not_shown(guarded, commands, tmp_path, environment, told):
    (tmp_path / "empty").write_text("\n")

    said = commands(guarded.url).fails("stats", environment=environment)

    assert told in said and "hush" not in said


@pytest.mark.parametrize(
    "url", ["127.0.0.1:8090", "ftp://127.0.0.1", "http://", "http://user:pass@127.0.0.1", "http://a/?b"])
def test_an_address_that_is_none_is_bad_usage(commands, url):
    run = commands("http://127.0.0.1:1")
    assert "--admin" in run.fails("stats", "--admin", url, code=64)

    told = commands(url).fails("stats", code=64)
    assert "SWITCHYARD_ADMIN_URL is no http or https URL" in told and "pass" not in told


def test_the_flag_wins_over_the_environment_and_a_path_before_the_api_stays(admin_door, commands):
    door = admin_door({("GET", "/behind/v1/stats"): Say(document=samples.stats(), is_api=False)})
    run = commands("http://127.0.0.1:1")

    assert run("stats", "--admin", f"{door.url}/behind/").returncode == 0
    door.violations.clear()  # The document knows nothing of proxies.


def test_a_certificate_is_verified_and_an_authority_can_be_named(admin_door, commands, tmp_path):
    authority = Authority()
    (tmp_path / "ca.pem").write_bytes(authority.pem)
    certificate, key = authority.issue("127.0.0.1").write(tmp_path, "door")
    door = admin_door({("GET", "/v1/stats"): say(samples.stats())})
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)
    door.encrypt(context)
    run = commands(f"https://127.0.0.1:{door.port}")

    assert "no TLS that can be trusted" in run.fails("stats")
    assert run("stats", environment={"SSL_CERT_FILE": str(tmp_path / "ca.pem")}).returncode == 0


BAD_USAGE = [
    ["dead-letters", "replay"],
    ["dead-letters", "discard", "--yes"],
    ["dead-letters", "show", "moderation"],
    ["dead-letters", "list", "--limit", "0"],
    ["dead-letters", "list", "--from", "yesterday"],
    ["dead-letters", "list", "--from", "1h", "--to", "2h"],
    ["dead-letters", "list", "--error", ""],
    ["dead-letters", "discard", "3-1041"],
    ["replay", "--subscriber", "audit"],
    ["replay", "--subscriber", "audit", "--from", "now"],
    ["replay", "--subscriber", "audit", "--from", "2h", "--rate", "fast"],
    ["replay", "--subscriber", "audit", "--from", "2h", "--events", "a*b"],
    ["replays", "show", "1"],
    ["why", "1"],
    ["tail", "--events", "*."],
    ["backup", ""],
    ["backup", "folder/"],
    ["completions", "tcsh"],
    ["check", "--json-schema", "--against", "http://127.0.0.1:1"],
]


@pytest.mark.parametrize("arguments", BAD_USAGE, ids=" ".join)
def test_bad_usage_is_64_before_anything_is_changed(admin_door, commands, arguments):
    door = admin_door()

    commands(door.url).fails(*arguments, code=64)

    assert not [ask for ask in door.asks if ask.method != "GET"]
