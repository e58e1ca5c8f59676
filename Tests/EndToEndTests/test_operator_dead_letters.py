"""`switchyard dead-letters`, against a scripted admin door."""

import json

import pytest

from harness import admin_samples as samples
from harness.admin_door import say

LIST = ("GET", "/v1/dead-letters")
REPLAY = ("POST", "/v1/dead-letters/replay")
DISCARD = ("POST", "/v1/dead-letters/discard")
LATE = "2026-11-20T22:00:00.500Z"
JUST_AFTER = "2026-11-20T22:00:00.501Z"


def listing(*letters, **members):
    return say({"deadLetters": list(letters), **members})


def test_the_list_is_a_table(admin_door, commands):
    expired = samples.dead_letter(7, state="expired", events=5000, attempts=0, error="no\nroom")
    del expired["eventId"], expired["type"]
    door = admin_door({LIST: listing(samples.dead_letter(), expired)})

    lines = commands(door.url).text("dead-letters", "list").splitlines()

    assert lines[0].split() == ["ID", "SUBSCRIBER", "STATE", "EVENTS", "TYPE", "GIVEN", "UP", "ATTEMPTS", "ERROR"]
    assert lines[1].split()[:5] == ["3-1041", "moderation", "dead", "1", "blocklist.added"]
    assert lines[1].endswith("the answer was 422")
    assert lines[2].split()[:5] == ["3-7", "moderation", "expired", "5,000", "-"]
    assert lines[2].endswith(r"no\u000aroom")


def test_the_list_is_asked_for_what_is_wanted_and_says_where_it_ends(admin_door, commands):
    door = admin_door({LIST: listing(samples.dead_letter(), cursor="more")})
    run = commands(door.url)

    told = run.text("dead-letters", "list", "--subscriber", "moderation", "--from", "2026-11-20T20:00:00+01:00",
                    "--to", "2026-11-20T21:00:00Z", "--error", "Was 422", "--limit", "1")

    assert door.asks[0].query == {"subscriber": "moderation", "from": "2026-11-20T19:00:00.000Z",
                                  "to": "2026-11-20T21:00:00.000Z", "error": "Was 422", "limit": "1"}
    assert told.endswith("There are more; --all lists them.\n")
    assert run.json("dead-letters", "list", "--limit", "1")["cursor"] == "more"


def test_all_of_the_list_comes_in_pieces(admin_door, commands):
    def piece(ask):
        number = int(ask.query.get("cursor", "1"))
        return listing(*[samples.dead_letter(number * 10 + index) for index in range(1, 4)],
                       **({"cursor": str(number + 1)} if number < 4 else {}))

    door = admin_door({LIST: piece})
    document = commands(door.url).json("dead-letters", "list", "--all")

    assert [one["id"] for one in document["deadLetters"]] == [f"3-{n}{i}" for n in range(1, 5) for i in range(1, 4)]
    assert "cursor" not in document
    assert {ask.query["limit"] for ask in door.asks} == {"1000"}


def test_an_empty_list_says_so(admin_door, commands):
    door = admin_door({LIST: listing()})
    assert commands(door.url).text("dead-letters", "list") == "There are no such dead letters.\n"
    assert commands(door.url).json("dead-letters", "list") == {"deadLetters": []}


def test_one_is_shown_with_its_request_and_the_last_response(admin_door, commands):
    document = samples.dead_letter_story()
    document["attempts"][0]["response"] = {"body": "no \x1b[31msuch user\nat all", "isCut": True}
    door = admin_door({("GET", "/v1/dead-letters/3-1041"): say(document),
                       ("GET", f"/v1/dead-letters/{samples.EVENT}"): say(document)})
    run = commands(door.url)

    text = run.text("dead-letters", "show", "3-1041")

    assert text == run.text("dead-letters", "show", samples.EVENT)
    assert text.startswith("Dead letter 3-1041, dead\n  subscriber  moderation\n")
    assert f"Events:\n  {samples.EVENT}\n" in text
    assert f"Request:\n  POST https://moderation.example/hooks\n  webhook-id: {samples.EVENT}\n" in text
    assert '\n\n  {"specversion":"1.0"}\n' in text
    assert f"Response of {samples.TIME}:\n  no \\u001b[31msuch user\n  at all…\n" in text
    assert "\x1b" not in run("dead-letters", "show", "3-1041", "--json").stdout
    assert run.json("dead-letters", "show", "3-1041") == document


def test_one_whose_callback_is_gone_says_so(admin_door, commands):
    document = {"deadLetter": samples.dead_letter(state="expired", events=2000), "attempts": []}
    del document["deadLetter"]["eventId"]
    door = admin_door({("GET", "/v1/dead-letters/3-1041"): say(document)})

    assert "can no longer be made" in commands(door.url).text("dead-letters", "show", "3-1041")


def test_replay_goes_on_while_there_is_more_and_means_only_what_was_there(admin_door, commands):
    letters = [samples.dead_letter(1), samples.dead_letter(2, endedAt=LATE), samples.dead_letter(3, events=3)]
    door = admin_door({
        LIST: listing(*letters),
        REPLAY: [say(samples.action(2, True, replay="replay-aa")), say(samples.action(1, replay="replay-aa"))],
    })

    finished = commands(door.url)("dead-letters", "replay", "--subscriber", "moderation", "--error", "was 422")

    assert finished.returncode == 0
    assert finished.stderr == "2 of 3 done\n"
    assert finished.stdout == "Sent again: 3 dead letters with 6 events, as replay-aa.\n"
    # One that dies again meanwhile is given up later than the last that was counted, and is not replayed for ever.
    assert [ask.body for ask in door.asked(*REPLAY)] == [
        {"subscriber": "moderation", "error": "was 422", "to": JUST_AFTER}] * 2


def test_an_end_of_ones_own_counts_where_it_is_earlier(admin_door, commands):
    door = admin_door({LIST: listing(samples.dead_letter(1, endedAt=LATE)), REPLAY: say(samples.action(1))})

    commands(door.url).text("dead-letters", "replay", "--to", "2026-11-20T22:00:00.500Z")

    assert door.asked(*REPLAY)[0].body == {"to": "2026-11-20T22:00:00.500Z"}


def test_expired_ranges_become_replays_that_are_named(admin_door, commands):
    door = admin_door({REPLAY: say(samples.action(1, replays=[samples.replay()]))})
    run = commands(door.url)

    assert samples.REPLAY in run.text("dead-letters", "replay", "3-7")
    assert door.asks[0].body == {"ids": ["3-7"]}
    assert json.loads(run.text("dead-letters", "replay", samples.EVENT, "--json"))["deadLetters"] == 1


def test_more_than_a_thousand_ids_are_asked_for_in_several_calls(admin_door, commands):
    door = admin_door({REPLAY: lambda ask: say(samples.action(len(ask.body["ids"])))})
    ids = [f"3-{number}" for number in range(1, 1002)]

    told = commands(door.url)("dead-letters", "replay", *ids)

    assert [len(ask.body["ids"]) for ask in door.asks] == [1000, 1]
    assert told.stdout.startswith("Sent again: 1,001 dead letters with 2,002 events")


def test_a_door_that_has_more_and_takes_none_is_not_asked_for_ever(admin_door, commands):
    door = admin_door({DISCARD: [say(samples.action(1, True)), say(samples.action(0, True))]})

    finished = commands(door.url)("dead-letters", "discard", "3-1", "3-2", "--yes")

    assert finished.returncode == 1 and "takes none of them; 1 are done" in finished.stderr
    assert len(door.asks) == 2


@pytest.mark.parametrize("command", ["replay", "discard"])
def test_nothing_is_done_where_nothing_is_meant(admin_door, commands, command):
    door = admin_door({LIST: listing()})
    run = commands(door.url)

    assert run.text("dead-letters", command, "--error", "x") == "There are no such dead letters; nothing was done.\n"
    assert run.json("dead-letters", command, "--error", "x") == {"deadLetters": 0, "events": 0, "more": False}
    assert all(ask.method == "GET" for ask in door.asks)


def test_discard_says_how_many_and_has_the_number_typed(admin_door, commands):
    letters = [samples.dead_letter(number, events=2) for number in range(1, 13)]
    door = admin_door({LIST: listing(*letters), DISCARD: say(samples.action(12))})
    run = commands(door.url)
    arguments = ("dead-letters", "discard", "--subscriber", "moderation")

    assert "12 dead letters with 24 events for good" in run.fails(*arguments, code=64)
    for wrong in ("yes", "", "11"):
        code, shown = run.on_terminal(*arguments, answers=[("Type 12 to go on: ", wrong + "\n")])
        assert code == 1 and "nothing was done" in shown
    assert not door.asked(*DISCARD)

    code, shown = run.on_terminal(*arguments, answers=[("Type 12 to go on: ", "12\n")])
    assert code == 0 and "Discarded: 12 dead letters with 24 events." in shown
    assert len(door.asked(*DISCARD)) == 1
    assert run.json(*arguments, "--yes")["deadLetters"] == 12
