"""The admin API is what its OpenAPI document says: held by schemathesis, by a validator, and path by path."""

import json
import re
import subprocess
import sys
import time

import pytest
import yaml
from jsonschema import Draft202012Validator, FormatChecker
from openapi_spec_validator import OpenAPIV31SpecValidator
from referencing import Registry, Resource
from referencing.jsonschema import DRAFT202012

from harness import Admin, AdminError, Answer, Callback, Tail, eventually, pairs_body, post, routes, subscriber
from harness.gateway import clean_environment

BLOCK = "Sns.CallbackBlackListAdd"
MARK = {"X-Switchyard-Admin": "1"}
TOKEN = "full-token"
METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "PROPFIND")
# What stands in a path where the document has a parameter.
EXAMPLES = {
    ("/v1/subscribers/{name}", "name"): "audit", ("/v1/events/{id}", "id"): "0199f2c4-8a51-7c3e-9d10-2b7e6f0a4c11-0",
    ("/v1/dead-letters/{id}", "id"): "1-1", ("/v1/replays/{id}", "id"): "replay-0123456789abcdef",
}
DOCUMENT_URI = "urn:switchyard:openapi"

CHECKS = ("not_a_server_error", "status_code_conformance", "content_type_conformance", "response_schema_conformance",
          "response_headers_conformance", "negative_data_rejection", "unsupported_method", "allow_header_conformance")
# Not by schemathesis, but by tests of their own below: the tail has no end, and a backup is a file wherever a fuzzer
# thinks of.
EXCLUDED = ("/v1/tail", "/v1/backup")
CASES_EACH = 20
SEED = 7
LONGEST_RUN_SECONDS = 100


@pytest.fixture(scope="module")
def path_of_document(root):
    return root / "Sources/AdminAssets/Resources/openapi.yaml"


@pytest.fixture(scope="module")
def document(path_of_document):
    return yaml.safe_load(path_of_document.read_text())


@pytest.fixture(scope="module")
def validates(document):
    """Fails with every way in which a document is not what a schema of `components` says."""
    registry = Registry().with_resource(DOCUMENT_URI, Resource.from_contents(document, DRAFT202012))

    def check(instance, name):
        assert name in document["components"]["schemas"], f"there is no schema {name}"
        schema = {"$ref": f"{DOCUMENT_URI}#/components/schemas/{name}"}
        validator = Draft202012Validator(schema, registry=registry, format_checker=FormatChecker())
        assert not [f"{error.json_path}: {error.message}" for error in validator.iter_errors(instance)]

    return check


def operations(document):
    """(path, method) of each."""
    return [(path, method.upper()) for path, entry in document["paths"].items()
            for method in entry if method.upper() in METHODS]


def query_parameters(document, path, method):
    """The names that an operation takes in its query."""
    listed = document["paths"][path][method.lower()].get("parameters", [])
    listed = [document["components"]["parameters"][one["$ref"].rpartition("/")[2]] if "$ref" in one else one
              for one in listed]
    return [one["name"] for one in listed if one["in"] == "query"]


def concrete(path):
    for (prefix, name), value in EXAMPLES.items():
        if path.startswith(prefix):
            path = path.replace(f"{{{name}}}", value)
    assert "{" not in path, f"{path} needs an example"
    return path


# A gateway with something of everything in it.

@pytest.fixture(params=["loopback", "token"])
def lived_in(gateway, receiver, request):
    """(gateway, its admin, the headers that open its door): delivered, dead and waiting events, replays, a removal."""
    def answer(one):
        return Answer({"dead": 400, "late": 500}.get(one.pair[1][:4], 200), body=b'{"why":"on purpose"}')

    with_token = request.param == "token"
    audit, gone = receiver(answer=answer), receiver("gone")
    entry = subscriber(audit, owner="nobody", retry={"delays": ["1h"], "jitter": 0}, headers={"X-Key": "hidden"})
    running = gateway(routes(entry, subscriber(gone)),
                      environment={"SWITCHYARD_ADMIN_TOKEN": TOKEN} if with_token else {}).start()
    admin = Admin(running, TOKEN if with_token else None)
    post(running, *(Callback(BLOCK, pairs_body(BLOCK, [("a", f"fine{number}"), ("a", f"dead{number}"),
                                                       ("鲍勃", f"late{number}")])) for number in range(6)))
    gone.wait_for(18)
    eventually(lambda: len(admin.get("/v1/dead-letters")["deadLetters"]) == 6, "six are dead")
    running.write_routes(routes(entry))
    assert admin.post("/v1/reload")["removed"] == ["gone"]
    replay = {"subscriber": "audit", "from": "2020-01-01T00:00:00Z"}
    admin.post("/v1/replays", {**replay, "rateLimit": "1/h"})
    ended = admin.post("/v1/replays", {**replay, "events": ["blocklist.*"], "rateLimit": "1/h"})
    admin.delete(f"/v1/replays/{ended['id']}")
    return running, admin, {"Authorization": f"Bearer {TOKEN}", **MARK} if with_token else MARK


def test_schemathesis_finds_no_answer_that_the_document_does_not_have(lived_in, path_of_document, tmp_path):
    running, admin, headers = lived_in
    checks = CHECKS + (("ignored_auth",) if "Authorization" in headers else ())
    command = [
        sys.executable, "-m", "schemathesis.cli", "run", str(path_of_document), "--url", running.admin_url,
        "--checks", ",".join(checks), "--phases", "examples,coverage,fuzzing", "--max-examples", str(CASES_EACH),
        "--seed", str(SEED), "--generation-database", "none", "--continue-on-failure", "--request-timeout", "10",
        "--output-sanitize", "false", "--no-color",
    ]
    for path in EXCLUDED:
        command += ["--exclude-path", path]
    for name, value in headers.items():
        command += ["--header", f"{name}: {value}"]

    ended = subprocess.run(command, cwd=tmp_path, env=clean_environment(), capture_output=True, text=True,
                           timeout=LONGEST_RUN_SECONDS, check=False)

    assert ended.returncode == 0, ended.stdout + ended.stderr
    assert "No tests were run" not in ended.stdout
    [selected, total] = re.search(r"(\d+) selected / (\d+) total", ended.stdout).groups()
    assert int(selected) == int(total) - len(EXCLUDED), "an operation is left out"
    assert int(re.search(r"(\d+) generated", ended.stdout)[1]) > 500
    # It went on working.
    assert running.status_of("/readyz") == 200
    assert not [line for line in running.current_log if line["level"] == "error"]
    assert admin.get("/v1/stats")["subscribers"][0]["name"] == "audit"


def test_every_list_and_every_entry_of_it_is_what_the_document_says(lived_in, validates):
    _, admin, _ = lived_in
    lists = {"Stats": "/v1/stats", "Subscribers": "/v1/subscribers", "Events": "/v1/events",
             "DeadLetters": "/v1/dead-letters", "Replays": "/v1/replays"}
    answers = {name: admin.get(path) for name, path in lists.items()}
    for name, answer in answers.items():
        validates(answer, name)
        validates(admin.get(lists[name] + "?limit=1") if name != "Stats" else answer, name)
    assert answers["Subscribers"]["removed"] and len(answers["Events"]["events"]) == 18
    assert {one["state"] for one in answers["Replays"]["replays"]} == {"running", "cancelled"}
    told = set()
    for event in answers["Events"]["events"][:3]:
        story = admin.get(f"/v1/events/{event['id']}")
        validates(story, "EventStory")
        told |= {entry["state"] for entry in story["subscribers"]}
    assert told >= {"delivered", "dead", "retrying"}
    for letter in answers["DeadLetters"]["deadLetters"]:
        validates(admin.get(f"/v1/dead-letters/{letter['id']}"), "DeadLetterStory")
    validates(admin.post("/v1/reload?dry_run=1"), "RoutesChange")
    validates(admin.post("/v1/replays?dry_run=1", {"subscriber": "audit", "from": "2020-01-01T00:00:00Z"}),
              "ReplayPlan")
    some = [one["id"] for one in answers["DeadLetters"]["deadLetters"]]
    for path, ids in (("replay", some[:2]), ("discard", some[2:])):
        action = admin.post(f"/v1/dead-letters/{path}", {"ids": ids})
        validates(action, "DeadLetterAction")
        assert action["deadLetters"] == len(ids)


def test_the_tail_sends_attempts_as_the_document_says_and_refuses_what_it_does_not(lived_in, validates):
    running, _, headers = lived_in
    tail = Tail(running, "/v1/tail?subscriber=audit&events=blocklist.*", headers)
    time.sleep(0.2)
    for name in ("fine", "dead", "late"):
        post(running, Callback(BLOCK, pairs_body(BLOCK, [("b", name)])))
    eventually(lambda: len(tail.attempts) >= 3, "three attempts are told")
    for attempt in tail.attempts:
        validates(attempt, "Attempt")
    assert {attempt["outcome"] for attempt in tail.attempts} == {"success", "http_4xx", "http_5xx"}
    for query in ("subscriber=A", "subscriber=", "events=", "events=frend.*", "limit=1", "events=*&events=*"):
        status, answered, body = running.admin("GET", f"/v1/tail?{query}", headers)
        assert status == 400 and answered["content-type"] == "application/problem+json", query
        validates(json.loads(body), "Problem")


def test_a_backup_is_answered_as_the_document_says(lived_in, validates, document):
    running, admin, _ = lived_in
    asked = document["paths"]["/v1/backup"]["post"]["requestBody"]["content"]["application/json"]["schema"]
    body = {"path": str(running.directory / "copy.db")}
    assert Draft202012Validator(asked).is_valid(body)
    validates(admin.post("/v1/backup", body), "Backup")
    for refused_body, status in ((body, 409), ({"path": "/not-there/copy.db"}, 409), ({"path": ""}, 400),
                                 ({"path": "/" + "x" * 4096}, 400), ({**body, "force": True}, 400), ({}, 400)):
        assert Draft202012Validator(asked).is_valid(refused_body) == (status != 400)
        with pytest.raises(AdminError) as refused:
            admin.post("/v1/backup", refused_body)
        assert refused.value.status == status
        validates(refused.value.document, "Problem")


# The document itself.

def test_the_document_is_valid_openapi(document):
    assert document["openapi"].startswith("3.1.")
    assert not [error.message for error in OpenAPIV31SpecValidator(document).iter_errors()]


def test_the_served_document_is_the_file(lived_in, path_of_document):
    running, _, headers = lived_in
    status, answered, body = running.admin("GET", "/openapi.yaml", headers)
    assert (status, answered["content-type"]) == (200, "application/yaml")
    assert body == path_of_document.read_bytes()


def test_every_component_is_used(path_of_document, document):
    text = path_of_document.read_text()
    for kind, entries in document["components"].items():
        for name in entries if kind != "securitySchemes" else ():
            assert f"#/components/{kind}/{name}\"" in text, f"{kind}/{name}"


def test_every_path_takes_the_methods_of_the_document_and_no_other(lived_in, document):
    running, _, headers = lived_in
    for path, entry in document["paths"].items():
        taken = {method.upper() for method in entry if method.upper() in METHODS}
        taken |= {"HEAD"} if "GET" in taken else set()
        for method in set(METHODS) - taken:
            status, answered, _ = running.admin(method, concrete(path), headers)
            assert status == 405, f"{method} {path} is {status}"
            assert set(answered["allow"].split(", ")) == taken, path
        # What it takes it does not refuse for its method, nor for its path.
        for method in taken - ({"GET", "HEAD"} if path == "/v1/tail" else set()):
            status, _, body = running.admin(method, concrete(path), headers)
            assert status != 405 and b"nothing at this path" not in body, f"{method} {path} is {status}"


def test_every_route_of_the_source_is_in_the_document_and_the_other_way_round(document, root):
    source = "".join(path.read_text() for path in (root / "Sources/AdminServer").rglob("*.swift"))
    added = set()
    for path, methods in re.findall(r'\.add\(\s*"(/[^"]*)", (\.\w+|\[.*?\])(?:, |\))', source, re.DOTALL):
        shown = re.sub(r":(\w+)", r"{\1}", path)
        added |= {(shown, method.upper()) for method in re.findall(r"(?:^|\()\.(\w+)", methods)}

    assert len(added) > 20
    told = set(operations(document))
    assert {one for one in added if one[0].startswith("/v1/")} == {one for one in told if one[0].startswith("/v1/")}
    assert {one for one in told if not one[0].startswith("/v1/")} <= added


def test_every_parameter_is_taken_and_no_other(lived_in, document):
    """A query is refused that has another one, with the list of those that may stand in it."""
    running, _, headers = lived_in
    for path, method in operations(document):
        parameters = query_parameters(document, path, method)
        if not parameters:
            continue
        status, _, body = running.admin(method, concrete(path) + "?neither=1", headers)
        assert status == 400, f"{method} {path} is {status}"
        told = re.search(r"this path takes (.*)\.$", json.loads(body)["detail"])[1]
        assert sorted(told.split(", ")) == sorted(parameters), path


# docs/admin-api.md.

@pytest.fixture(scope="module")
def page(root):
    return (root / "docs/admin-api.md").read_text()


def test_the_examples_of_the_page_are_what_the_document_says(page, validates):
    examples = re.findall(r"^```json (\w+)\n(.*?)^```$", page, re.MULTILINE | re.DOTALL)

    assert len(examples) > 10
    for name, text in examples:
        validates(json.loads(text), name)
    # What is under a heading that is a request is held by Tests/AdminServerTests against what the door answers.
    unmarked = page.count("\n```json\n")
    assert unmarked == len(re.findall(r"^### `(?:GET|POST) .*`\n(?:(?!^#|^```).*\n)*```json\n", page, re.MULTILINE))


def test_the_examples_are_of_everything_that_is_asked_and_answered(page, document):
    shown = set(re.findall(r"^```json (\w+)$", page, re.MULTILINE))
    text = json.dumps({"paths": document["paths"], **{key: document["components"][key]
                                                      for key in ("responses", "requestBodies")}})
    bodies = set(re.findall(r"#/components/schemas/(\w+)", text))
    # Not bodies but parameters; and those whose examples are held against the door itself.
    bodies -= {"Time", "EventPattern", "SdkAppID", "SubscriberName", "ErrorText", "EventID", "DeadLetterReference",
               "ReplayID", "Stats", "Subscribers", "Subscriber", "RoutesChange", "Problem"}
    assert bodies and bodies <= shown


def test_the_page_has_every_path_and_every_parameter(page, document):
    for path, method in operations(document):
        assert re.search(rf"`(GET|POST|DELETE|{method})?[^`\n]*{re.escape(path)}[^`\n]*`", page), path
        row = re.search(rf"^\| `{method} {re.escape(path)}` \|(.*)$", page, re.MULTILINE)
        assert row, f"{method} {path} is in no table"
        for name in query_parameters(document, path, method):
            assert f"`{name}`" in row[1], f"{name} of {method} {path}"


def test_the_page_has_no_path_that_is_not_there(page, document):
    listed = re.findall(r"^\| `([A-Z]+) (/\S*)` \|", page, re.MULTILINE)

    assert sorted((path, method) for method, path in listed) == sorted(operations(document))
