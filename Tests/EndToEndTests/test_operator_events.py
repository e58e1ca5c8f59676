"""`switchyard why` and `switchyard tail`, against a scripted admin door."""

import json
import time

import pytest

from harness import admin_samples as samples
from harness import eventually, free_port
from harness.admin_door import FakeAdminDoor, Say, event, garbage, problem, say, stream

TAIL = ("GET", "/v1/tail")
FOREVER = 600


def test_why_tells_an_events_story(admin_door, commands):
    failed = samples.attempt(2, response={"body": "try \x1b[31mlater", "isCut": False})
    story = samples.story(
        samples.delivery(attempts=[failed, samples.attempt(3, outcome="success", status=200)]),
        samples.delivery("audit", "retrying", dueAt="2100-01-01T00:00:00Z", reason="the answer was 503"),
        samples.delivery("archive", "not_wanted", reason="no pattern of its events matches"),
        samples.delivery("slow", "dead", deadLetter="3-1041", replay=samples.REPLAY))
    door = admin_door({("GET", f"/v1/events/{samples.EVENT}"): say(story)})
    run = commands(door.url)

    text = run.text("why", samples.EVENT)

    assert text.startswith(f"Event {samples.EVENT}\n  type      com.tencent.chat.blocklist.added\n")
    assert "  from      alice\n  to        bob\n" in text and "  sequence  1,041\n" in text
    assert f"Callback {samples.BATCH}\n  command     Sns.CallbackBlackListAdd, of app 1400000000\n" in text
    assert f"{samples.TIME} from 203.0.113.7\n" in text and "  sign        right\n" in text
    assert "\n  moderation" in text and "  delivered\n" in text
    assert "retrying, in " in text and ": the answer was 503\n" in text
    assert "not for it: no pattern of its events matches\n" in text
    assert f"slow, {samples.REPLAY}  dead, dead letter 3-1041\n" in text
    assert "Attempts at moderation, those kept:\n" in text and r"try \u001b[31mlater" in text


def test_why_as_json_is_the_answer_to_the_digit(admin_door, commands):
    raw = json.dumps(samples.story(), indent=1).replace('"callback": {}', '"callback": {"n": 12345678901234567890.10}')
    raw = raw.replace('"alice"', '"ali\\\\\\"ce \x9b"')
    door = admin_door({("GET", f"/v1/events/{samples.EVENT}"): Say(body=raw.encode())})

    line = commands(door.url).text("why", samples.EVENT, "--json")

    assert line.count("\n") == 1 and "12345678901234567890.10" in line and "\x9b" not in line
    assert json.loads(line) == json.loads(raw)


def test_tail_prints_a_line_an_attempt(admin_door, commands):
    door = admin_door({TAIL: stream(
        ": hello\n\n", event("attempt", **samples.attempt(2)),
        event("attempt", **samples.attempt(outcome="success", status=200, error="", events=3)),
        event("attempt", **samples.attempt(3, outcome="timeout", error="no complete answer within 10s")),
        event("novelty", a=1), event("dropped", attempts=1500), FOREVER)})
    run = commands(door.url)

    process = run.start("tail", "--subscriber", "moderation", "--events", "blocklist.*")
    lines = [process.stdout.readline().decode() for _ in range(3)]
    dropped = process.stderr.readline().decode()
    code, out, err = run.interrupt(process)

    assert (code, out, err) == (0, "", "")
    assert lines[0] == (f"20:36:00.123 moderation  http_5xx 503  12 ms  blocklist.added {samples.EVENT}  attempt 2\n")
    assert "success 200" in lines[1] and "and 2 more" in lines[1]
    assert lines[2].endswith("attempt 3  no complete answer within 10s\n")
    assert dropped == "1,500 attempts left out: they come faster than they are read here\n"
    assert door.asks[0].query == {"subscriber": "moderation", "events": "blocklist.*"}
    assert door.asks[0].headers["accept"].startswith("text/event-stream")


def test_tail_as_json_is_an_object_a_line_whatever_its_pieces(admin_door, commands):
    text = event("attempt", **samples.attempt(error="bad \x9b[31m"))
    door = admin_door({TAIL: stream(*text, text.replace("\n", "\r\n"), FOREVER)})
    run = commands(door.url)

    process = run.start("tail", "--json")
    lines = [process.stdout.readline().decode() for _ in range(2)]
    run.interrupt(process)

    for line in lines:
        assert json.loads(line) == samples.attempt(error="bad \x9b[31m") and "\x9b" not in line


def test_tail_is_coloured_on_a_terminal(admin_door, commands):
    door = admin_door({TAIL: stream(event("attempt", **samples.attempt()), FOREVER)})

    code, shown = commands(door.url).on_terminal("tail", interrupt_at="attempt 1")

    assert code == 0 and "\x1b[31mhttp_5xx 503\x1b[0m" in shown


def test_tail_connects_again_and_says_so(binary, commands):
    port = free_port()
    first = FakeAdminDoor({TAIL: stream(event("attempt", **samples.attempt(1)), 0.2)}, port=port).start()
    run = commands(first.url)
    process = run.start("tail")
    try:
        assert "attempt 1" in process.stdout.readline().decode()
        first.stop()
        assert "connecting again" in process.stderr.readline().decode()
        time.sleep(1.2)  # It finds nobody there at least once.
        second = FakeAdminDoor({TAIL: stream(event("attempt", **samples.attempt(2)), FOREVER)}, port=port).start()
        assert "attempt 2" in process.stdout.readline().decode()
        assert process.stderr.readline().decode() == f"{first.url} is back\n"
        assert run.interrupt(process)[0] == 0
        second.stop()
    finally:
        process.kill()
        process.wait()


def test_tail_goes_on_after_a_stream_that_is_cut_in_the_middle(admin_door, commands):
    cut = Say(content_type="text/event-stream", pieces=[event("attempt", **samples.attempt(1)), "event: att"])
    door = admin_door({TAIL: [cut, problem(503, "Starting."), stream(event("attempt", **samples.attempt(2)), FOREVER)]})
    run = commands(door.url)

    process = run.start("tail")
    lines = [process.stdout.readline().decode() for _ in range(2)]
    code, _, err = run.interrupt(process)

    assert "attempt 1" in lines[0] and "attempt 2" in lines[1]
    assert code == 0 and err.splitlines() == [f"{door.url} ended the stream; connecting again", f"{door.url} is back"]


@pytest.mark.parametrize("then, told", [
    (problem(403, "Not any more."), "Not any more"),
    (garbage(), "say with --admin where"),
    (stream("event: attempt\ndata: {\n\n"), "does not understand"),
    (stream("event: attempt\ndata: " + "x" * 2_000_000), "does not understand"),
], ids=["refused", "garbage", "broken", "endless"])
def test_tail_ends_where_connecting_again_is_of_no_use(admin_door, commands, then, told):
    then.is_api = False
    door = admin_door({TAIL: [stream(event("attempt", **samples.attempt(1))), then]})

    finished = commands(door.url)("tail")

    assert finished.returncode == 1 and told in finished.stderr.splitlines()[-1]


def test_tail_ends_when_nobody_reads_it(admin_door, commands):
    door = admin_door({TAIL: stream(*[event("attempt", **samples.attempt()), 0.05] * 200)})
    process = commands(door.url).start("tail")

    process.stdout.readline()
    process.stdout.close()

    assert process.wait(timeout=20) == 0


def test_ctrl_c_ends_tail_while_nothing_comes(admin_door, commands):
    door = admin_door({TAIL: stream(": hello\n\n", FOREVER)})
    run = commands(door.url)
    process = run.start("tail")
    eventually(lambda: door.asks, "it listens")

    assert run.interrupt(process) == (0, "", "")
