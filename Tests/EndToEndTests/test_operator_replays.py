"""`switchyard replay` and `switchyard replays`, against a scripted admin door."""

import datetime
import json

import pytest

from harness import admin_samples as samples
from harness import eventually
from harness.admin_door import garbage, problem, say

CREATE = ("POST", "/v1/replays")
ONE = ("GET", f"/v1/replays/{samples.REPLAY}")
ARGUMENTS = ("replay", "--subscriber", "moderation", "--from", "2h")


def creating(total=12345, **members):
    return lambda ask: (say(samples.plan(total, **members)) if ask.query.get("dry_run") == "1"
                        else say(samples.replay(), 201))


def made(door):
    return [ask for ask in door.asked(*CREATE) if not ask.query]


def ago(text):
    moment = datetime.datetime.fromisoformat(text)
    return (datetime.datetime.now(datetime.timezone.utc) - moment).total_seconds()


def test_a_dry_run_says_how_many_and_makes_nothing(admin_door, commands):
    door = admin_door({CREATE: creating()})
    run = commands(door.url)

    assert run.text(*ARGUMENTS, "--dry-run") == (
        "A replay of 2026-11-20T20:36:00.123Z to 2026-11-20T21:36:00.123Z sends 12,345 events to moderation.\n")
    assert run.json(*ARGUMENTS, "--dry-run")["totalEvents"] == 12345
    assert not made(door)
    body = door.asks[0].body
    assert 7200 <= ago(body["from"]) < 7260 and 0 <= ago(body["to"]) < 60


def test_what_is_not_exact_is_an_upper_bound(admin_door, commands):
    door = admin_door({CREATE: creating(isExact=False)})

    assert "sends up to 12,345 events" in commands(door.url).text(*ARGUMENTS, "--dry-run")


def test_it_is_made_as_it_was_asked_for_and_followed_until_it_is_done(admin_door, commands):
    door = admin_door({CREATE: creating(), ONE: [
        say(samples.replay(done=5000)), problem(503, "The journal cannot be read."), the_end()]})

    finished = commands(door.url)(
        "replay", "--subscriber", "moderation", "--from", "2026-11-20T20:00:00Z", "--to", "2026-11-20T21:00:00+00:00",
        "--events", "blocklist.*", "Sns.CallbackFriendAdd", "--rate", "50/s", "--yes")

    assert finished.returncode == 0
    assert finished.stdout == f"{samples.REPLAY} is done: 12,345 events, 5 of them dead letters now.\n"
    assert finished.stderr.splitlines()[0].endswith("sends 12,345 events to moderation.")
    assert "The journal cannot be read; trying on" in finished.stderr
    assert [ask.body for ask in made(door)] == [{
        "subscriber": "moderation", "from": "2026-11-20T20:00:00.000Z", "to": "2026-11-20T21:00:00.000Z",
        "events": ["blocklist.*", "Sns.CallbackFriendAdd"], "rateLimit": "50/s"}]


def the_end():
    return say(samples.replay("done", 12345, deadLetters=5))


def test_it_asks_before_and_draws_a_bar_on_a_terminal(admin_door, commands):
    looks = [say(samples.replay(done=6000, waitingEvents=7)), say(samples.replay(done=6000, waitingEvents=7)),
             the_end()]
    door = admin_door({CREATE: creating(), ONE: looks})
    run = commands(door.url)

    assert "say --yes" in run.fails(*ARGUMENTS, code=64)
    code, shown = run.on_terminal(*ARGUMENTS, answers=[("Type yes to go on: ", "no\n")])
    assert code == 1 and "nothing was done" in shown
    assert not made(door)

    code, shown = run.on_terminal(*ARGUMENTS, answers=[("Type yes to go on: ", "yes\n")])
    assert code == 0 and "is done: 12,345 events" in shown
    assert "[##############----------------] 6000/12345" in shown and "7 to be retried" in shown
    # What was counted is what is sent.
    assert door.asks[-5].body == made(door)[0].body


def test_nothing_to_send_makes_nothing(admin_door, commands):
    door = admin_door({CREATE: creating(0)})

    assert "sends 0 events to moderation. Nothing was done." in commands(door.url).text(*ARGUMENTS)
    assert not made(door)


def test_ctrl_c_leaves_it_running_and_says_how_to_go_on(admin_door, commands):
    door = admin_door({CREATE: creating(), ONE: say(samples.replay(done=1))})
    run = commands(door.url)

    process = run.start(*ARGUMENTS, "--yes")
    eventually(lambda: len(door.asked(*ONE)) >= 2, "it is followed")
    code, out, err = run.interrupt(process)

    assert (code, out) == (0, "")
    assert f"{samples.REPLAY} goes on without being watched." in err
    assert f"switchyard replays watch {samples.REPLAY}" in err and f"switchyard replays cancel {samples.REPLAY}" in err
    assert not [ask for ask in door.asks if ask.method == "DELETE"]


def test_it_need_not_be_waited_for(admin_door, commands):
    door = admin_door({CREATE: creating()})
    run = commands(door.url)

    finished = run(*ARGUMENTS, "--yes", "--no-wait")
    assert finished.returncode == 0 and finished.stdout.startswith(f"{samples.REPLAY} runs. ")
    assert json.loads(run(*ARGUMENTS, "--yes", "--no-wait", "--json").stdout) == samples.replay()


def test_one_that_is_cancelled_meanwhile_is_a_failure(admin_door, commands):
    door = admin_door({ONE: [say(samples.replay()), say(samples.replay("cancelled", 100))]})
    run = commands(door.url)

    finished = run("replays", "watch", samples.REPLAY)
    assert finished.returncode == 1 and "is cancelled: 100 events." in finished.stdout


def test_a_watch_ends_with_the_last_state_as_json(admin_door, commands):
    door = admin_door({ONE: [say(samples.replay()), the_end()]})

    assert commands(door.url).json("replays", "watch", samples.REPLAY)["state"] == "done"


def test_a_watch_gives_up_on_what_is_no_gateway(admin_door, commands):
    door = admin_door({ONE: [say(samples.replay()), garbage()]})

    assert "does not understand" in commands(door.url).fails("replays", "watch", samples.REPLAY)


def test_the_list_is_a_table(admin_door, commands):
    held = samples.replay("paused", 7, isExact=False, reason="paused over the admin API")
    door = admin_door({("GET", "/v1/replays"): say({"replays": [samples.replay(done=5000), held], "cursor": "more"})})
    run = commands(door.url)

    lines = run.text("replays", "list", "--subscriber", "moderation", "--limit", "2").splitlines()

    assert lines[0].split() == ["ID", "SUBSCRIBER", "STATE", "DONE", "OF", "WAITING", "DEAD", "CREATED", "REASON"]
    assert lines[1].split()[:5] == [samples.REPLAY, "moderation", "running", "5,000", "12,345"]
    assert "≤ 12,345" in lines[2] and lines[2].endswith("paused over the admin API")
    assert lines[3] == "There are more; --all lists them."
    assert door.asks[0].query == {"subscriber": "moderation", "limit": "2"}
    assert len(run.json("replays", "list", "--limit", "2")["replays"]) == 2
    door.script[("GET", "/v1/replays")] = say({"replays": []})
    assert run.text("replays", "list") == "There are no replays.\n"


@pytest.mark.parametrize("command, method, path, state", [
    ("show", "GET", "", "running"),
    ("pause", "POST", "/pause", "paused"),
    ("resume", "POST", "/resume", "running"),
    ("cancel", "DELETE", "", "cancelled"),
])
def test_one_is_shown_and_changed(admin_door, commands, command, method, path, state):
    answer = samples.replay(state, 5000, reason="the breaker is open", events=["blocklist.*"], rateLimit="50/s")
    door = admin_door({(method, f"/v1/replays/{samples.REPLAY}{path}"): say(answer)})
    run = commands(door.url)

    text = run.text("replays", command, samples.REPLAY)

    assert text.startswith(f"{samples.REPLAY}, {state}\n  subscriber     moderation\n")
    for told in ("the breaker is open", "blocklist.*", "50/s", "5,000 of 12,345"):
        assert told in text
    assert run.json("replays", command, samples.REPLAY) == answer
