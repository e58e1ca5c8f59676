"""docs/command-line.md shows what the commands print: each of its samples is run against a scripted admin door."""

import datetime
import re
import shlex

import pytest

from harness import admin_samples as samples
from harness import routes
from harness.admin_door import event, say, stream
from harness.commands import run as run_once
from test_documents import COLUMNS, FENCE, flags_in, names, table
from test_help import WITHOUT_DATA

SHOWN_URL = "http://127.0.0.1:8090"
AGO = re.compile(r"(\d+ [smhd] ago|in \d+ [smhd]|now)\b")


@pytest.fixture(scope="module")
def document(root):
    return (root / "docs/command-line.md").read_text()


def soon(**away):
    moment = datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(seconds=30, **away)
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ")


@pytest.fixture
def door(admin_door):
    """A gateway as the document has it."""
    audit = samples.subscriber(
        "audit", backlogEvents=0, retriesWaiting=0, deadLetters=0, state="paused",
        reason="paused over the admin API; resume it there", url="https://audit.example/")
    del audit["oldestUndelivered"]
    moderation = samples.subscriber(url="https://mod.example/")
    retrying = samples.delivery(state="retrying", dueAt=soon(minutes=5), reason="the answer was 503",
                                attempts=[samples.attempt(response={"body": "overloaded", "isCut": False})])
    change = samples.change(dryRun=True, added=["archive"], changed=["moderation"])
    expired = samples.dead_letter(7, state="expired", events=5000, attempts=0, error="the journal was full")
    del expired["eventId"], expired["type"]
    post = samples.action
    return admin_door({
        ("GET", "/v1/stats"): say(samples.stats(audit, moderation)),
        ("GET", "/v1/subscribers"): say(samples.subscribers(
            audit, moderation, removed=[samples.removed(forgetAt=soon(days=5, minutes=1))])),
        ("POST", "/v1/subscribers/moderation/pause"): say(samples.subscriber(state="paused")),
        ("POST", "/v1/subscribers/moderation/resume"): say(samples.subscriber()),
        ("GET", f"/v1/events/{samples.EVENT}"): say(samples.story(
            samples.delivery("audit"), retrying,
            samples.delivery("archive", "not_wanted", reason="none of its patterns matches blocklist.added"))),
        ("GET", "/v1/tail"): stream(
            event("attempt", **samples.attempt()),
            event("attempt", **samples.attempt(2, outcome="success", status=200, error="")), 600),
        ("GET", "/v1/dead-letters"): say({"deadLetters": [samples.dead_letter(), expired]}),
        ("GET", "/v1/dead-letters/3-1041"): say(samples.dead_letter_story()),
        ("POST", "/v1/dead-letters/replay"): say({**post(2, replay=samples.REPLAY), "events": 2}),
        ("POST", "/v1/dead-letters/discard"): say({**post(1), "events": 1}),
        ("POST", "/v1/replays"): say(samples.plan()),
        ("GET", "/v1/replays"): say({"replays": [samples.replay(done=5000)]}),
        ("POST", "/v1/reload"): say(change),
        ("POST", "/v1/backup"): lambda ask: say(samples.backup(ask.body["path"])),
    })


def shown(text):
    """Without what differs from run to run: how long ago, and how wide the columns are for it."""
    return [" ".join(AGO.sub("some time", line).split()) for line in text.splitlines()]


def cli_samples(document):
    """The command lines and, behind each, what they are shown to print."""
    found = FENCE.findall(document)
    return {mark.removeprefix("cli "): (body.strip(), found[index + 1][2])
            for index, (kind, mark, body) in enumerate(found) if kind == "sh" and mark.startswith("cli ")}


def printed(door, commands, directory, line):
    (directory / "routes.yaml").write_text(routes(
        {"name": "audit", "url": "https://audit.example/", "unsigned": True, "events": ["*"]},
        apps=[{"sdkappid": 1400000000, "tokens": ["t"]}]))
    run = commands(door.url)
    arguments = [word.replace(SHOWN_URL, door.url) for word in shlex.split(line)[1:]]
    if arguments[0] == "tail":
        process = run.start(*arguments)
        lines = [process.stdout.readline().decode() for _ in range(2)]
        run.interrupt(process)
        return "".join(lines)
    finished = run(*arguments)
    assert finished.returncode == 0, finished.stderr
    return finished.stdout.replace(door.url, SHOWN_URL)


def test_what_is_shown_is_what_is_printed(document, door, commands, tmp_path):
    samples_ = cli_samples(document)
    assert len(samples_) >= 16
    for line, text in samples_.values():
        assert shown(printed(door, commands, tmp_path, line)) == shown(text), line


def test_no_line_is_longer_than_the_page(document):
    assert not [line for line in document.splitlines() if len(line) > COLUMNS]


def test_every_command_line_has_only_flags_that_exist(document, binary):
    lines = [line for kind, _, body in FENCE.findall(document) if kind == "sh" for line in body.splitlines()]
    assert len(lines) >= 30
    for line in lines:
        words = shlex.split(line.split(" > ")[0])
        words = words[words.index("switchyard") + 1:]
        nested = words[0] in ("secret", "dead-letters", "replays", "journal")
        told = run_once(binary, "help", *words[:2 if nested else 1])
        assert told.returncode == 0, line
        assert {word for word in words if word.startswith("--")} <= flags_in(told.stdout), line


def test_every_command_is_in_the_table(document, binary):
    told = run_once(binary, "--help").stdout.partition("SUBCOMMANDS:")[2]
    commands = set(re.findall(r"^  ([a-z-]+)", told, re.MULTILINE)) - {"help"}
    listed = {name.split()[0] for row in table(document, "command") for name in names(row[0])}
    inside = {"show", "replay", "discard", "watch", "pause", "resume", "cancel"}

    assert listed - inside <= commands and commands <= listed
    assert WITHOUT_DATA - {"help"} <= listed
