"""The commands over the admin door, against a running gateway."""

import json
import os
import select
import signal

import pytest

from harness import Answer, Callback, Tencent, app, eventually, free_port, pairs_body, post, routes, subscriber
from harness.admin_door import ADMIN_TOKEN, READ_TOKEN

TWO_PAIRS = pairs_body("Sns.CallbackFriendAdd", [("alice", "bob"), ("alice", "carol")])


@pytest.fixture
def served(gateway, receiver, commands):
    """A gateway with one subscriber, and its commands."""
    audit = receiver("audit")
    running = gateway(routes(subscriber(audit))).start()
    return running, audit, commands(running.admin_url, cwd=running.directory)


def test_stats_and_subscribers_show_what_has_happened(served):
    running, audit, run = served
    post(running, Callback("Sns.CallbackFriendAdd", TWO_PAIRS))
    audit.wait_for(2)
    running.wait_until_settled("audit")

    text = run.text("stats")
    assert f"at {running.admin_url}\n" in text
    assert "  callbacks  1 accepted, 0 duplicate, 0 rejected\n" in text and "  events     2 accepted\n" in text
    assert run.json("stats") == json.loads(running.admin("GET", "/v1/stats")[2])
    row = run.text("subscribers").splitlines()[1].split()
    assert row[:3] == ["audit", "closed", "0"] and row[-1] == audit.url
    assert run.json("subscribers")["subscribers"][0]["delivered"] == 2
    assert "No subscriber has been removed" in run.text("subscribers", "--removed")


def test_a_subscriber_that_fails_is_shown_with_what_waits(served):
    running, audit, run = served
    audit.stop()
    post(running, Callback("Sns.CallbackFriendAdd", TWO_PAIRS))

    def waits():
        row = run.text("subscribers").splitlines()[1].split()
        return row[2] == "2" and row[3] != "-"

    eventually(waits, "two events wait")


def test_reload_lists_what_changes(served, receiver):
    running, audit, run = served
    running.write_routes(routes(subscriber(audit, owner="team"), subscriber(receiver("archive"))))

    told = run("reload", "--dry-run").stdout
    assert "nothing was changed" in told and "  + subscriber archive\n" in told and "  ~ subscriber audit\n" in told
    assert run("reload").returncode == 0
    assert [one["name"] for one in run.json("subscribers")["subscribers"]] == ["audit", "archive"]
    assert run.json("reload")["changed"] == []


def test_reload_of_a_bad_file_lists_its_problems(served):
    running, _, run = served
    running.write_routes("version: 1\napps:\n  - sdkappid: 1400000000\n    token: [a]\n")

    finished = run("reload")

    assert finished.returncode == 78 and finished.stdout == ""
    assert 'routes.yaml:4:5: error: unknown key "token"; did you mean "tokens"?' in finished.stderr
    eventually(lambda: "was refused when it was last read" in run.text("stats"), "the stats tell of it")


def test_tokens_open_what_they_are_for(gateway, receiver, commands):
    tokens = {"SWITCHYARD_ADMIN_TOKEN": ADMIN_TOKEN, "SWITCHYARD_ADMIN_READ_TOKEN": READ_TOKEN}
    running = gateway(routes(subscriber(receiver())), environment=tokens).start()
    nobody, reader, owner = (commands(running.admin_url, environment=given) for given in (
        {}, {"SWITCHYARD_ADMIN_READ_TOKEN": READ_TOKEN}, {"SWITCHYARD_ADMIN_TOKEN": ADMIN_TOKEN}))

    assert " answered 401: " in nobody.fails("stats")
    assert reader("stats").returncode == 0
    assert " answered 403: " in reader.fails("reload")
    assert owner("reload").returncode == 0
    for one in (nobody, reader, owner):
        assert ADMIN_TOKEN not in (shown := one("reload")).stdout + shown.stderr


def test_stats_watch_outlives_a_restart(gateway, receiver, commands):
    running = gateway(routes(subscriber(receiver())), admin_port=free_port()).start()
    run = commands(running.admin_url)

    process = run.start("stats", "--watch", "--json")
    first = json.loads(process.stdout.readline())
    running.terminate()
    assert "no gateway answers" in process.stderr.readline().decode()
    running.start()
    eventually(lambda: json.loads(process.stdout.readline())["startedAt"] != first["startedAt"], "the new figures")
    assert run.interrupt(process)[0] == 0


def test_an_app_is_shown_to_be_refused(gateway, receiver, commands):
    running = gateway(routes(subscriber(receiver()), apps=[app(20)])).start()
    assert Tencent(running).post(Callback("Sns.CallbackFriendAdd", b"{}", app="21")).status == 403

    assert "0 accepted, 0 duplicate, 1 rejected" in commands(running.admin_url).text("stats")


def posted(running):
    post(running, Callback("Sns.CallbackFriendAdd", TWO_PAIRS))


def ids_of(run, subscriber_name):
    letters = run.json("dead-letters", "list", "--subscriber", subscriber_name)["deadLetters"]
    return [one["id"] for one in letters]


@pytest.fixture
def failing(gateway, receiver, commands):
    """A gateway whose one subscriber refuses for good until it is told otherwise, with two dead letters."""
    status = [422]
    audit = receiver("audit", answer=lambda _: Answer(status=status[0]))
    running = gateway(routes(subscriber(audit))).start()
    run = commands(running.admin_url, cwd=running.directory)
    posted(running)
    eventually(lambda: len(ids_of(run, "audit")) == 2, "two are dead")
    return running, run, status


def test_a_pause_holds_until_it_is_resumed(served):
    running, audit, run = served

    assert "audit is paused" in run.text("pause", "audit")
    posted(running)
    eventually(lambda: run.json("subscribers")["subscribers"][0]["backlogEvents"] == 2, "both wait")
    assert run.text("subscribers").splitlines()[-1].startswith("audit: paused by an operator")
    assert "audit is resumed" in run.text("resume", "audit")
    audit.wait_for(2)


def test_a_removed_subscriber_is_listed_and_forgotten(served, receiver):
    running, audit, run = served
    assert " answered 409: " in run.fails("forget", "audit", "--yes")
    running.apply(routes(subscriber(receiver("archive"))))

    assert run.text("subscribers", "--removed").splitlines()[1].startswith("audit ")
    assert run.text("forget", "audit", "--yes") == "audit is forgotten.\n"
    assert "No subscriber has been removed" in run.text("subscribers", "--removed")


def test_dead_letters_are_listed_shown_and_discarded(failing):
    _, run, _ = failing
    first, second = ids_of(run, "audit")

    assert run.text("dead-letters", "list").splitlines()[1].endswith("the answer was 422")
    text = run.text("dead-letters", "show", first)
    assert text.startswith(f"Dead letter {first}, dead\n") and "\n  webhook-signature: •••\n" in text
    assert run.text("dead-letters", "discard", first, "--yes") == "Discarded: 1 dead letter.\n"
    assert ids_of(run, "audit") == [second]
    assert run.text("dead-letters", "discard", "--error", "WAS 422", "--yes") == "Discarded: 1 dead letter.\n"
    assert ids_of(run, "audit") == []


def test_replayed_dead_letters_that_die_again_are_not_replayed_for_ever(failing):
    _, run, status = failing

    told = run.text("dead-letters", "replay", "--subscriber", "audit")
    assert told.startswith("Sent again: 2 dead letters, as replay-")
    eventually(lambda: len(ids_of(run, "audit")) == 2, "they are dead again")
    status[0] = 200
    run("dead-letters", "replay", *ids_of(run, "audit"))
    eventually(lambda: ids_of(run, "audit") == [], "they are delivered")


def test_why_tells_who_got_an_event_and_why_it_is_dead(failing):
    _, run, _ = failing
    letter = run.json("dead-letters", "list")["deadLetters"][0]

    text = run.text("why", letter["eventId"])

    assert text.startswith(f"Event {letter['eventId']}\n")
    assert f"  audit  dead, dead letter {letter['id']}: the answer was 422\n" in text
    assert "Attempts at audit, those kept:\n" in text
    assert run.json("why", letter["eventId"])["event"]["id"] == letter["eventId"]
    assert " answered 404: " in run.fails("why", "00000000-0000-4000-8000-000000000000-0")


def test_a_replay_sends_what_is_retained_again(served):
    running, audit, run = served
    posted(running)
    audit.wait_for(2)
    running.wait_until_settled("audit")

    assert "sends 2 events to audit." in run.text("replay", "--subscriber", "audit", "--from", "1h", "--dry-run")
    finished = run("replay", "--subscriber", "audit", "--from", "1h", "--rate", "50/s", "--yes")
    assert finished.returncode == 0 and finished.stdout.endswith(" is done: 2 events.\n")
    audit.wait_for_requests(4)
    assert run.text("replays", "list").splitlines()[1].split()[1:5] == ["audit", "done", "2", "2"]


def test_a_replay_is_paused_resumed_and_cancelled(served):
    running, audit, run = served
    posted(running)
    audit.wait_for(2)
    running.wait_until_settled("audit")
    run("pause", "audit")

    finished = run("replay", "--subscriber", "audit", "--from", "1h", "--yes", "--no-wait", "--json")
    made = json.loads(finished.stdout)["id"]
    assert f"{made}, paused\n" in run.text("replays", "pause", made)
    assert f"{made}, running\n" in run.text("replays", "resume", made)
    assert f"{made}, cancelled\n" in run.text("replays", "cancel", made)
    assert run("replays", "watch", made).returncode == 1
    assert " answered 409: " in run.fails("replays", "cancel", made)


def test_tail_prints_attempts_as_they_happen_and_outlives_a_restart(gateway, receiver, commands):
    audit = receiver("audit")
    running = gateway(routes(subscriber(audit)), admin_port=free_port()).start()
    process = commands(running.admin_url).start("tail", "--subscriber", "audit", "--events", "friend.*")
    lines = []

    def attempts():
        # Until it listens, what happens is not seen.
        posted(running)
        return select.select([process.stdout], [], [], 0.5)[0]

    for told in ("the first", "after a restart"):
        eventually(attempts, told)
        lines.append(process.stdout.readline().decode())
        if told == "the first":
            running.terminate()
            assert "connecting again" in process.stderr.readline().decode()
            while select.select([process.stdout], [], [], 0.2)[0]:
                os.read(process.stdout.fileno(), 65536)
            running.start()
    process.send_signal(signal.SIGINT)
    process.communicate(timeout=30)

    assert process.returncode == 0
    assert all(" audit  success 200  " in line and "  friend.added " in line for line in lines)


def test_a_backup_is_made_where_it_is_asked_for(served):
    running, _, run = served

    told = run.text("backup", "copy.db")

    path = running.directory / "copy.db"
    assert told.startswith(f"{path} is complete and verified: 0 events, ") and path.stat().st_size > 0
    assert " answered 409: " in run.fails("backup", "copy.db")


def test_check_against_it_says_nothing_of_its_own_file_and_everything_of_another(served, receiver):
    running, audit, run = served

    assert run("check", "routes.yaml", "--against", running.admin_url).stdout.endswith(
        f"It would change nothing at {running.admin_url}.\n")
    other = routes(subscriber(audit, owner="team"), subscriber(receiver("archive")), apps=[app(), app(20)])
    (running.directory / "other.yaml").write_text(other)
    assert run("check", "other.yaml", "--against", running.admin_url).stdout.splitlines()[2:] == [
        "  + subscriber archive", "  ~ subscriber audit", "  + app 20"]
