"""The commands that show and change a gateway's state, against a scripted admin door."""

import json
import pathlib

import pytest

from harness import admin_samples as samples
from harness import eventually
from harness.admin_door import problem, say

HELD = samples.subscriber("archive", state="paused", reason="paused over the admin API; resume it", fingerprint="ab")


def test_subscribers_are_a_table_and_why_one_is_held_stands_below(admin_door, commands):
    door = admin_door({("GET", "/v1/subscribers"): say(samples.subscribers(samples.subscriber(), HELD))})

    lines = commands(door.url).text("subscribers").splitlines()

    assert lines[0].split() == ["SUBSCRIBER", "STATE", "BACKLOG", "OLDEST", "RETRIES", "DEAD", "IN", "FLIGHT",
                                "DELIVERED", "SUCCESS", "P99", "URL"]
    assert lines[1].split()[:3] == ["moderation", "closed", "1,234,567"]
    assert "12.3/s" in lines[1] and "99.8 %" in lines[1] and "1.2 s" in lines[1]
    assert lines[1].endswith("https://moderation.example/hooks")
    assert lines[3:] == ["", "archive: paused over the admin API; resume it"]
    # Columns are as wide as what stands in them.
    assert lines[1].index("closed") == lines[2].index("paused") == lines[0].index("STATE")


def test_subscribers_come_from_all_pieces_and_as_json_keep_what_is_not_known_here(admin_door, commands):
    pieces = [samples.subscribers(samples.subscriber("a", novelty=[1]), removed=[samples.removed()], cursor="next"),
              {"subscribers": [samples.subscriber("b")]}]
    door = admin_door({("GET", "/v1/subscribers"): [say(piece) for piece in pieces]})

    document = commands(door.url).json("subscribers")

    assert [one["name"] for one in document["subscribers"]] == ["a", "b"]
    assert document["subscribers"][0]["novelty"] == [1]
    assert document["removed"] == [samples.removed()]
    assert [ask.query.get("cursor") for ask in door.asks] == [None, "next"]


def test_removed_subscribers_are_listed_with_when_they_are_forgotten(admin_door, commands):
    door = admin_door({("GET", "/v1/subscribers"): say(samples.subscribers(removed=[samples.removed()]))})
    run = commands(door.url)

    lines = run.text("subscribers", "--removed").splitlines()
    assert lines[0].split() == ["SUBSCRIBER", "BEHIND", "DEAD", "FORGOTTEN"]
    assert lines[1].split()[:3] == ["archive", "4,321", "3"]
    assert lines[1].endswith(" ago") or " in " in lines[1]

    door.script[("GET", "/v1/subscribers")] = say(samples.subscribers())
    assert "No subscriber has been removed" in run.text("subscribers", "--removed")
    assert run.text("subscribers") == "The routes file names no subscriber.\n"


def test_a_list_that_goes_round_is_not_followed_for_ever(admin_door, commands):
    door = admin_door({("GET", "/v1/subscribers"): say(samples.subscribers(cursor="round"))})

    assert "does not understand" in commands(door.url).fails("subscribers")
    assert len(door.asks) == 2


def test_pause_and_resume_say_what_has_become_of_the_subscriber(admin_door, commands):
    door = admin_door({
        ("POST", "/v1/subscribers/moderation/pause"): say(samples.subscriber(state="paused")),
        ("POST", "/v1/subscribers/moderation/resume"): say(samples.subscriber(state="half_open")),
    })
    run = commands(door.url)

    assert run.text("pause", "moderation") == (
        "moderation is paused, and 1,234,567 events wait for it; 'switchyard resume moderation' goes on.\n")
    assert "its state is half_open" in run.text("resume", "moderation")
    assert run.json("pause", "moderation")["state"] == "paused"
    assert run.json("resume", "moderation")["state"] == "half_open"
    assert all(ask.headers["x-switchyard-admin"] == "1" for ask in door.asks)
    assert not any("authorization" in ask.headers for ask in door.asks)


def test_a_name_that_cannot_be_one_is_bad_usage_and_asks_nobody(admin_door, commands):
    door = admin_door()
    for command in ("pause", "resume", "forget"):
        assert "no name of a subscriber" in commands(door.url).fails(command, "Moderation Team", code=64)
    assert not door.asks


@pytest.fixture
def forgetting(admin_door):
    return admin_door({
        ("GET", "/v1/subscribers"): say(samples.subscribers(removed=[samples.removed()])),
        ("DELETE", "/v1/subscribers/archive"): say(None, 204),
    })


def test_forget_deletes_only_when_it_is_meant(forgetting, commands):
    run = commands(forgetting.url)

    assert "say --yes" in run.fails("forget", "archive", code=64)
    code, shown = run.on_terminal("forget", "archive", answers=[("Type archive to go on: ", "yes\n")])
    assert code == 1 and "nothing was done" in shown
    assert not forgetting.asked("DELETE", "/v1/subscribers/archive")

    code, shown = run.on_terminal("forget", "archive", answers=[("Type archive to go on: ", "archive\n")])
    assert code == 0 and "archive is forgotten." in shown
    assert "4,321 events behind, and 3 dead events" in shown
    assert len(forgetting.asked("DELETE", "/v1/subscribers/archive")) == 1

    assert run.text("forget", "archive", "--yes") == "archive is forgotten.\n"
    assert run.json("forget", "archive", "--yes") == {"forgotten": "archive"}


def test_forgetting_one_that_the_routes_file_names_says_so(admin_door, commands):
    door = admin_door({("DELETE", "/v1/subscribers/audit"): problem(
        409, "The routes file still names audit; remove it there first.")})

    told = commands(door.url).fails("forget", "audit", "--yes")

    assert told == f"Error: {door.url} answered 409: The routes file still names audit; remove it there first\n"


BAD = {"severity": "error", "file": "routes.yaml", "line": 12, "column": 5, "message": "unknown key \"evnts\""}


def test_stats_are_a_screen(admin_door, commands):
    door = admin_door({("GET", "/v1/stats"): say(samples.stats(samples.subscriber(), problems=[BAD]))})
    run = commands(door.url)

    text = run.text("stats")

    assert text.startswith(f"Switchyard 0.1.0 at {door.url}\n")
    assert "  callbacks  340 accepted, 2 duplicate, 5 rejected\n" in text
    assert "1.0 MiB, 9.0 GiB free of 10.0 GiB; the next event is 1,042" in text
    assert "callbacks 3.4/s, events 10.4/s, delivered 9.9/s, over 5 m; answered in p50 2 ms, p99 20 ms" in text
    assert '  routes.yaml:12:5: error: unknown key "evnts"\n' in text
    assert text.splitlines()[-1].startswith("moderation  closed")
    assert run.json("stats")["events"] == {"accepted": 1041}


def test_stats_of_a_gateway_without_recent_figures_are_shown(admin_door, commands):
    old = samples.stats(samples.subscriber())
    del old["recent"], old["subscribers"][0]["recent"]
    door = admin_door({("GET", "/v1/stats"): say(old)})

    assert "lately" not in commands(door.url).text("stats")


def test_stats_watch_prints_again_and_again_and_ends_with_ctrl_c(admin_door, commands):
    door = admin_door({("GET", "/v1/stats"): say(samples.stats(samples.subscriber()))})
    run = commands(door.url)

    process = run.start("stats", "--watch", "--json")
    eventually(lambda: len(door.asks) >= 3, "three looks")
    code, out, err = run.interrupt(process)

    assert (code, err) == (0, "")
    lines = out.splitlines()
    assert len(lines) >= 2 and all(json.loads(line)["version"] == "0.1.0" for line in lines)


def test_stats_watch_has_a_screen_of_its_own_on_a_terminal_and_leaves_it(admin_door, commands):
    door = admin_door({("GET", "/v1/stats"): [
        say(samples.stats(samples.subscriber())), problem(503, "The journal cannot be read."),
        say(samples.stats(samples.subscriber("late")))]})

    code, shown = commands(door.url).on_terminal("stats", "--watch", interrupt_at="late  ")

    assert code == 0
    assert shown.startswith("\x1b[?1049h") and "The journal cannot be read" in shown
    assert "\x1b[1;1HSwitchyard 0.1.0" in shown and "\x1b[2;1H  started" in shown
    assert shown.rstrip().endswith("\x1b[?7h\x1b[?25h\x1b[?1049l")


def test_colours_are_for_terminals_that_have_them(admin_door, commands):
    door = admin_door({("GET", "/v1/subscribers"): say(samples.subscribers(HELD))})
    run = commands(door.url)

    assert "\x1b" not in run.text("subscribers")
    assert "\x1b[33marchive" in run.on_terminal("subscribers")[1]
    assert "\x1b" not in run.on_terminal("subscribers", environment={"NO_COLOR": "1"})[1]
    assert "\x1b" not in run.on_terminal("subscribers", environment={"TERM": "dumb"})[1]


def test_reload_lists_what_changes(admin_door, commands):
    warning = {"severity": "warning", "file": "routes.yaml", "message": "plain http"}
    door = admin_door({("POST", "/v1/reload"): lambda ask: say(samples.change(
        dryRun=ask.query.get("dry_run") == "1", added=["archive"], removed=["old"], changed=["moderation"],
        apps={"added": [20], "removed": [], "changed": [1400000000]}, decisionsChanged=True, warnings=[warning]))})
    run = commands(door.url)

    finished = run("reload", "--dry-run")
    assert finished.stdout.splitlines() == [
        "The routes file is good; nothing was changed.", "  + subscriber archive", "  - subscriber old",
        "  ~ subscriber moderation", "  + app 20", "  ~ app 1400000000", "  ~ decisions"]
    assert finished.stderr == "routes.yaml: warning: plain http\n"
    assert run("reload").stdout.startswith("The routes file is in force.\n")
    assert run.json("reload")["added"] == ["archive"]
    assert [ask.query for ask in door.asks] == [{"dry_run": "1"}, {}, {}]


def test_reload_that_changes_nothing_says_so(admin_door, commands):
    door = admin_door({("POST", "/v1/reload"): say(samples.change())})

    assert "what was in force already" in commands(door.url).text("reload")


def test_reload_of_a_bad_file_lists_its_problems_and_is_78(admin_door, commands):
    door = admin_door({("POST", "/v1/reload"): problem(422, "The routes file is bad.", problems=[BAD])})
    run = commands(door.url)

    finished = run("reload")
    assert finished.returncode == 78 and finished.stdout == ""
    assert finished.stderr.splitlines() == [
        'routes.yaml:12:5: error: unknown key "evnts"', f"Error: {door.url} answered 422: The routes file is bad"]
    finished = run("reload", "--json")
    assert finished.returncode == 78
    assert json.loads(finished.stdout)["problems"] == [BAD]


def test_backup_sends_an_absolute_path_and_says_where_the_file_is(admin_door, commands, tmp_path):
    door = admin_door({("POST", "/v1/backup"): lambda ask: say(samples.backup(ask.body["path"]))})
    run = commands(door.url)

    told = run.text("backup", "copies/../copy of it.db")

    path = pathlib.Path(tmp_path, "copy of it.db")
    assert [ask.body for ask in door.asks] == [{"path": str(path)}]
    assert told == (f"{path} is complete and verified: 1,041 events, 5.0 MiB, in 1.5 s.\n"
                    f"It is on the machine of the gateway at {door.url}.\n")
    assert run.json("backup", "/var/backups/a.db")["path"] == "/var/backups/a.db"


def test_backup_to_a_file_that_is_there_is_refused_with_the_gateways_words(admin_door, commands):
    door = admin_door({("POST", "/v1/backup"): problem(409, "/a.db is there already; name another file.")})

    assert "/a.db is there already" in commands(door.url).fails("backup", "/a.db")
