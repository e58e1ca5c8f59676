"""`switchyard check --against`, with a scripted admin door."""

import json

import pytest

from harness import admin_samples as samples
from harness import app, free_port, routes
from harness.admin_door import problem, say


def hook(name, **keys):
    return {"name": name, "url": f"https://{name}.example/", "unsigned": True, "events": ["*"], **keys}


@pytest.fixture
def running(admin_door):
    """A door that knows two subscribers and an app by fingerprints that no file has."""
    return admin_door({
        ("GET", "/v1/subscribers"): say(samples.subscribers(samples.subscriber("audit"), samples.subscriber("old"))),
        ("GET", "/v1/stats"): say(samples.stats()),
    })


@pytest.fixture
def check(commands, tmp_path):
    (tmp_path / "routes.yaml").write_text(routes(
        hook("new"), hook("audit"), apps=[app(1400000000, tokens=["t"]), app(20, tokens=["t"])]))
    return commands("http://127.0.0.1:1")


def test_it_says_what_would_change(running, check):
    told = check("check", "--against", running.url)

    assert told.returncode == 0, told.stderr
    assert told.stdout.splitlines() == [
        "ok; apps: 2, subscribers: 2", f"It would change at {running.url}:", "  + subscriber new", "  - subscriber old",
        "  ~ subscriber audit", "  + app 20", "  ~ app 1400000000", "  ~ decisions"]
    assert {ask.method for ask in running.asks} == {"GET"}


def test_as_json_it_is_a_part_of_what_was_found(running, check):
    document = json.loads(check("check", "--against", running.url, "--json").stdout)

    assert document["ok"] is True
    assert document["difference"] == {"against": running.url, "change": {
        "subscribers": {"added": ["new"], "removed": ["old"], "changed": ["audit"]},
        "apps": {"added": ["20"], "removed": [], "changed": ["1400000000"]}, "decisionsChanged": True}}
    assert "difference" not in json.loads(check("check", "--json").stdout)


def test_a_bad_file_is_told_without_asking_anybody(running, check, tmp_path):
    (tmp_path / "routes.yaml").write_text("version: 2\n")

    assert check("check", "--against", running.url).returncode == 78
    assert not running.asks


def test_a_gateway_that_runs_on_an_older_file_is_said_to(running, check):
    bad = {"severity": "error", "file": "routes.yaml", "message": "bad"}
    running.script[("GET", "/v1/stats")] = say(samples.stats(problems=[bad]))

    assert "against the older one in force" in check("check", "--against", running.url).stderr


def test_a_gateway_that_cannot_tell_is_told_from_one_that_has_nothing(running, check):
    old = samples.stats()
    del old["routes"]["apps"], old["routes"]["decisionsFingerprint"]
    running.script[("GET", "/v1/stats")] = say(old)
    running.script[("GET", "/v1/stats")].is_api = False

    assert "does not tell what its routes are" in check.fails("check", "--against", running.url)


def test_where_nobody_answers_the_file_is_still_judged_first(check, running):
    told = check.fails("check", "--against", f"http://127.0.0.1:{free_port()}")
    assert "no gateway answers" in told
    running.script[("GET", "/v1/subscribers")] = problem(401, "This needs a bearer token.")
    assert "401" in check.fails("check", "--against", running.url)
