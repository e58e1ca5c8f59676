"""Who may do what at the admin door."""

import json

import pytest

from harness import eventually, routes, subscriber

OPEN_PATHS = ["/metrics", "/livez", "/readyz"]
READS = ["/v1/stats", "/v1/subscribers", "/v1/subscribers/audit"]
MARK = {"X-Switchyard-Admin": "1"}
TOKEN = "full-token"
READ_TOKEN = "read-token"


def is_problem(answer):
    """RFC 9457."""
    status, headers, body = answer
    assert headers["content-type"].startswith("application/problem+json")
    document = json.loads(body)
    return document["status"] == status and bool(document["title"])


@pytest.fixture
def open_door(gateway, receiver):
    return gateway(routes(subscriber(receiver()))).start()


@pytest.fixture
def guarded_door(gateway, receiver):
    running = gateway(routes(subscriber(receiver())), environment={"SWITCHYARD_ADMIN_READ_TOKEN": READ_TOKEN})
    token_file = running.directory / "admin-token"
    token_file.write_text(TOKEN + "\n")
    running.environment["SWITCHYARD_ADMIN_TOKEN_FILE"] = str(token_file)
    return running.start()


def test_on_loopback_without_a_token_everyone_may_read(open_door):
    for path in OPEN_PATHS + READS:
        assert open_door.status_of(path) == 200, path


def test_on_loopback_without_a_token_a_change_needs_the_header(open_door):
    bare = open_door.admin("POST", "/v1/reload")
    assert bare[0] == 403 and is_problem(bare)
    assert open_door.admin("POST", "/v1/reload", MARK)[0] == 200


@pytest.mark.parametrize("foreign", [{"Host": "attacker.example"}, {"Origin": "https://attacker.example"}])
def test_on_loopback_without_a_token_a_foreign_host_or_origin_is_refused(open_door, foreign):
    for answer in (open_door.admin("GET", "/v1/stats", foreign), open_door.admin("POST", "/v1/reload", MARK | foreign)):
        assert 400 <= answer[0] < 500 and is_problem(answer)
    assert open_door.admin("GET", "/v1/stats", {"Host": f"localhost:{open_door.admin_port}"})[0] == 200


def test_with_a_token_only_its_bearer_gets_in(guarded_door):
    for path in OPEN_PATHS:
        assert guarded_door.status_of(path) == 200, path
    for path in READS:
        assert guarded_door.admin("GET", path)[0] == 401
        assert guarded_door.admin("GET", path, {"Authorization": "Bearer wrong"})[0] == 401
        assert guarded_door.admin("GET", path, {"Authorization": f"Bearer {TOKEN}"})[0] == 200
        assert guarded_door.admin("GET", path, {"Authorization": f"Bearer {READ_TOKEN}"})[0] == 200
    assert guarded_door.admin("POST", "/v1/reload", MARK)[0] == 401
    assert guarded_door.admin("POST", "/v1/reload", {"Authorization": f"Bearer {READ_TOKEN}"} | MARK)[0] == 403
    assert guarded_door.admin("POST", "/v1/reload", {"Authorization": f"Bearer {TOKEN}"})[0] == 200


def test_a_token_file_is_read_again_when_it_changes(guarded_door):
    (guarded_door.directory / "admin-token").write_text("rotated-token\n")

    def status(token):
        return guarded_door.admin("GET", "/v1/stats", {"Authorization": f"Bearer {token}"})[0]

    eventually(lambda: status("rotated-token") == 200, "the new token is taken", timeout=15)
    assert status(TOKEN) == 401


def test_an_unknown_path_and_method_are_problems(open_door):
    assert open_door.admin("GET", "/v1/nothing")[0] == 404
    assert is_problem(open_door.admin("GET", "/v1/nothing"))
    assert is_problem(open_door.admin("GET", "/v1/subscribers/nobody"))
    for method, path in [("GET", "/v1/reload"), ("PROPFIND", "/v1/reload"), ("PROPFIND", "/v1/stats")]:
        answer = open_door.admin(method, path, MARK)
        assert answer[0] == 405 and is_problem(answer) and answer[1]["allow"], (method, path)


def test_a_reload_with_a_parameter_it_does_not_know_changes_nothing(open_door):
    for query, named in [("?dryrun=1", "dryrun"), ("?dry_run=yes", "dry_run")]:
        answer = open_door.admin("POST", "/v1/reload" + query, MARK)
        assert answer[0] == 400 and is_problem(answer)
        assert named in json.loads(answer[2])["detail"]
    assert not any("asked over the admin door" in line["message"] for line in open_door.current_log)


def test_a_subscriber_is_found_by_its_name_in_escapes(open_door):
    assert open_door.document("/v1/subscribers/%61udit")["name"] == "audit"


@pytest.mark.parametrize("method, path, body", [
    ("POST", "/v1/subscribers/audit/pause?dry_run=1", None), ("POST", "/v1/subscribers/audit/resume?dry_run=1", None),
    ("DELETE", "/v1/subscribers/gone?dry_run=1", None), ("POST", "/v1/dead-letters/replay?dry_run=1", {"error": "x"}),
    ("POST", "/v1/dead-letters/discard?dry_run=1", {"error": "x"}),
    ("DELETE", "/v1/replays/replay-0123456789abcdef?x=1", None),
    ("POST", "/v1/replays/replay-0123456789abcdef/pause?x=1", None), ("POST", "/v1/backup?dry_run=1", {"path": "/-/x"}),
])
def test_a_rehearsal_that_a_change_does_not_have_is_refused_and_not_taken_for_the_change(open_door, method, path, body):
    answer = open_door.admin(method, path, MARK | {"Content-Type": "application/json"}, body and json.dumps(body))
    assert answer[0] == 400 and is_problem(answer), answer
