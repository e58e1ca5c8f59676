"""The JSON Schema of routes files gives the verdict of `switchyard check`, where a schema can tell."""

import json
import re

import jsonschema
import pytest
import yaml

from harness import APP
from harness.commands import run
from harness.signatures import new_secret
from test_documents import blocks

DOCUMENTS = ["tencent.md", "deciding.md", "subscribing.md"]
SECRET = new_secret()


class Loader(yaml.SafeLoader):
    """YAML 1.2's core schema, as editors and the gateway read it: no dates, and no truth values but true and false."""


Loader.yaml_implicit_resolvers = {
    first: [(tag, form) for tag, form in forms if tag not in ("tag:yaml.org,2002:timestamp", "tag:yaml.org,2002:bool",
                                                              "tag:yaml.org,2002:int")]
    for first, forms in yaml.SafeLoader.yaml_implicit_resolvers.items()}
Loader.add_implicit_resolver("tag:yaml.org,2002:bool", re.compile("^(true|false)$"), list("tf"))
Loader.add_implicit_resolver("tag:yaml.org,2002:int", re.compile("^[-+]?[0-9]+$"), list("-+0123456789"))


@pytest.fixture(scope="module")
def schema(binary):
    finished = run(binary, "check", "--json-schema")
    assert finished.returncode == 0, finished.stderr
    document = json.loads(finished.stdout)
    jsonschema.Draft202012Validator.check_schema(document)
    return document


@pytest.fixture
def faults(schema):
    """What the schema has against a routes file."""
    validator = jsonschema.Draft202012Validator(schema)
    return lambda text: [f"{error.json_path}: {error.message}" for error in
                         validator.iter_errors(yaml.load(text, Loader))]


@pytest.fixture
def verdict(binary, tmp_path):
    """Whether `switchyard check` takes a routes file."""
    def check(text):
        (tmp_path / "routes.yaml").write_text(text)
        finished = run(binary, "check", "routes.yaml", cwd=tmp_path)
        assert finished.returncode in (0, 78), finished.stderr
        return finished.returncode == 0

    return check


def uncommented(text):
    """With every setting that is commented out."""
    return re.sub(r"^( *)#(?=\S)", r"\1", text, flags=re.MULTILINE)


def test_the_example_is_good(root, faults):
    example = (root / "routes.yaml.example").read_text()

    assert faults(example) == []
    assert faults(uncommented(example)) == []


@pytest.mark.parametrize("name", DOCUMENTS)
def test_the_documents_samples_are_good(root, faults, name):
    samples = blocks((root / "docs" / name).read_text(), "yaml", "routes")

    assert samples
    for sample in samples:
        assert faults(sample) == [], sample


def test_the_defaults_are_those_of_the_example(root, schema):
    settings = yaml.load(uncommented((root / "routes.yaml.example").read_text()), Loader)
    compared = 0

    def compare(properties, values, path):
        nonlocal compared
        for name, entry in properties.items():
            if "properties" in entry:
                compare(entry["properties"], values[name], f"{path}.{name}")
            elif "default" in entry:
                assert values[name] == entry["default"], f"{path}.{name}"
                compared += 1

    compare(schema["properties"]["defaults"]["properties"], settings["defaults"], "defaults")
    compare({key: value for key, value in schema["$defs"]["app"]["properties"].items()}, settings["apps"][0], "apps")
    assert compared >= 23
    # Those that need a sentence have none: an absent default is said in words, or there is none.
    assert schema["$defs"]["decision"]["properties"]["timeout"]["default"] == "1200ms"
    assert schema["$defs"]["decision"]["properties"]["on_failure"]["default"] == "allow"


def file(app="", subscriber="", defaults="", decision="", top=""):
    """A routes file in which these stand among what has to."""
    return f"""version: 1
apps: [{{sdkappid: {APP}, tokens: [t]{app}}}]
defaults: {{{defaults}}}
subscribers: [{{name: audit, url: "https://a.example/", secrets: [{SECRET}], events: ["*"]{subscriber}}}]
decisions: [{decision}]
{top}
"""


DECISION = f'commands: [C2C.CallbackBeforeSendMsg], url: "https://d.example/", secrets: [{SECRET}]'
GOOD = {
    "the least": file(),
    "nothing at all": "version: 1\n",
    "lists without items": "version: 1\napps:\nsubscribers:\ndecisions:\ninclude:\n",
    "references anywhere": file(
        app=", clock_tolerance: '${T:-5s}', allow_ips_mode: '${M:-report}'",
        subscriber=", concurrency: '${N:-7}', paused: '${P:-true}', retry: {jitter: '${J:-0.5}', delays: ['${D:-1s}']}"
                   ", rate_limit: '${R:-5/s}', format: '${F:-batch}', start: '${S:-earliest}'"
                   ", headers: {A: '${H:-b}'}"),
    "an app id as text": file().replace(f"sdkappid: {APP}", f"sdkappid: '{APP}'"),
    "mappings without values": file(subscriber=", retry: ~, batch: ~, breaker: ~, tls: ~, match: ~, headers: ~"),
    "every choice": file(
        app=", duplicates: {by: body, within: 1h}",
        subscriber=", format: batch, ordering: key, private_addresses: deny, start: 2026-01-01T00:00:00+01:00",
        decision="{" + DECISION + ", on_failure: deny, timeout: 900ms, apps: [1400000000]}"),
    "unsigned in defaults": file(defaults="unsigned: true").replace(f"secrets: [{SECRET}], ", ""),
    "unsigned without secrets": file(subscriber=", unsigned: true").replace(f"secrets: [{SECRET}], ", ""),
    "a name of digits": file().replace("name: audit", "name: 7"),
    "a match": file(subscriber=", match: {from: ['admin-*'], to: [7]}"),
    "a rate": file(subscriber=", rate_limit: none"),
}
BAD = {
    "no version": "apps: []\n",
    "another version": file().replace("version: 1", "version: 2"),
    "an unknown key": file(top="novelty: 1"),
    "an unknown key of an app": file(app=", token: [a]"),
    "an unknown key of a subscriber": file(subscriber=", timeouts: 1s"),
    "an unknown key of a retry": file(subscriber=", retry: {delay: 1s}"),
    "an unknown key of defaults": file(defaults="timeouts: 1s"),
    "a name in defaults": file(defaults="name: a"),
    "secrets in defaults": file(defaults=f"secrets: [{SECRET}]"),
    "an unknown key of a decision": file(decision="{" + DECISION + ", retry: {}}"),
    "an app without an id": "version: 1\napps: [{tokens: [t]}]\n",
    "an app id of zero": file().replace(f"sdkappid: {APP}", "sdkappid: 0"),
    "an app id that is a word": file().replace(f"sdkappid: {APP}", "sdkappid: mine"),
    "a number for a duration": file(subscriber=", timeout: 10"),
    "a duration without a unit": file(subscriber=", timeout: '10'"),
    "a duration of two units": file(subscriber=", keep: 1d12h"),
    "a number in quotes": file(subscriber=", concurrency: '7'"),
    "a truth value in quotes": file(subscriber=", paused: 'true'"),
    "a yes": file(subscriber=", paused: yes"),
    "too many in flight": file(subscriber=", concurrency: 1025"),
    "none in flight": file(subscriber=", concurrency: 0"),
    "too much jitter": file(subscriber=", retry: {jitter: 1.5}"),
    "no delays": file(subscriber=", retry: {delays: []}"),
    "a status that is none": file(subscriber=", retry: {permanent_statuses: [200]}"),
    "an unknown format": file(subscriber=", format: events"),
    "an ordering of whole callbacks": file(subscriber=", format: original, ordering: key"),
    "an unknown start": file(subscriber=", start: yesterday"),
    "a rate without a time": file(subscriber=", rate_limit: '500'"),
    "a rate of nothing": file(subscriber=", rate_limit: 0/s"),
    "a name in capitals": file().replace("name: audit", "name: Audit"),
    "no name": file().replace("name: audit, ", ""),
    "no url": file().replace('url: "https://a.example/", ', ""),
    "a url of another kind": file().replace("https://a.example/", "ftp://a.example/"),
    "a url with a user": file().replace("https://a.example/", "https://u:p@a.example/"),
    "a url with a fragment": file().replace("https://a.example/", "https://a.example/#b"),
    "no events": file().replace('events: ["*"]', "events: []"),
    "a star in the middle": file().replace('events: ["*"]', 'events: ["a*b"]'),
    "no secrets": file().replace(f"secrets: [{SECRET}], ", ""),
    "secrets and unsigned": file(subscriber=", unsigned: true"),
    "what is no secret": file().replace(SECRET, "hush"),
    "a header of the gateway's own": file(subscriber=", headers: {webhook-id: a}"),
    "a header with a space": file(subscriber=", headers: {'a b': c}"),
    "a header without a value": file(subscriber=", headers: {a: ''}"),
    "a certificate without its key": file(subscriber=", tls: {certificate_file: a.pem}"),
    "a scalar for a list": file(subscriber=", apps: 1400000000"),
    "a list for a scalar": file(subscriber=", timeout: [1s]"),
    "nothing for a scalar": file(subscriber=", timeout: "),
    "an empty text": file(subscriber=", owner: ''"),
    "a decision without commands": file(decision='{url: "https://d.example/", unsigned: true}'),
    "a decision without secrets": file(decision='{commands: [C2C.CallbackBeforeSendMsg], url: "https://d.example/"}'),
    "a decision that waits": file(decision="{" + DECISION + ", on_failure: wait}"),
    "a list at the top": "- version: 1\n",
}


@pytest.mark.parametrize("text", GOOD.values(), ids=GOOD.keys())
def test_what_check_takes_the_schema_takes(faults, verdict, text):
    assert verdict(text)
    assert faults(text) == []


@pytest.mark.parametrize("text", BAD.values(), ids=BAD.keys())
def test_what_check_refuses_the_schema_refuses(faults, verdict, text):
    assert not verdict(text)
    assert faults(text)


def test_it_is_printed_without_any_routes_file(binary, tmp_path):
    finished = run(binary, "check", "--json-schema", cwd=tmp_path)

    assert finished.stdout.startswith("{\n") and finished.stdout.endswith("\n}\n")
