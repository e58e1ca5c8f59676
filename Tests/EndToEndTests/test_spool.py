"""`--spool`: callbacks are taken while PostgreSQL is away, and go there in their order when it is back."""

import pytest

from harness import Callback, eventually, free_port, pairs_body, post, routes, subscriber
from harness.load import Arrivals, Load
from harness.traffic import COMMAND

SPOOLED = "switchyard_spool_callbacks"
ACCEPTED_MEANWHILE = 300


@pytest.fixture
def server(postgres_server):
    return postgres_server()


@pytest.fixture
def audit(receiver):
    return receiver("audit")


@pytest.fixture
def running(server, gateway, audit, tmp_path):
    made = gateway(routes(subscriber(audit, ordering="key")), journal=server.database().url,
                   flags=["--spool", str(tmp_path / "spool.db")], callback_port=free_port(), admin_port=free_port())
    return made.start()


def more_accepted(load, count=ACCEPTED_MEANWHILE):
    goal = len(load.accepted) + count
    eventually(lambda: len(load.accepted) >= goal, "callbacks are accepted")


def check_arrived(running, load, audit):
    """Everything, once, in its order; and nothing is left in the spool."""
    arrivals = Arrivals(audit)
    eventually(lambda: not arrivals.missing(load.accepted), f"all of {len(load.accepted)} events have arrived", 60)
    running.wait_for_metric(SPOOLED, 0)
    running.wait_until_settled("audit")
    assert not arrivals.several_ids()
    assert not arrivals.overtaken(load.accepted)
    return arrivals


@pytest.mark.parametrize("break_it, mend_it", [("kill", "start"), ("freeze", "thaw")])
def test_no_callback_is_refused_while_the_server_is_away(running, server, audit, break_it, mend_it):
    assert running.metrics().value(SPOOLED) == 0

    with Load(running, pace=0.05) as load:
        more_accepted(load)
        for _ in range(2):
            getattr(server, break_it)()
            more_accepted(load)
            eventually(lambda: running.metrics().value(SPOOLED) > 0, "the spool fills")
            assert running.status_of("/livez") == 200
            getattr(server, mend_it)()
            running.wait_for_metric(SPOOLED, 0)
            more_accepted(load)

    assert not load.refused and not load.unanswered
    check_arrived(running, load, audit)


def test_what_is_spooled_is_there_after_kill_9(running, server, audit):
    with Load(running, pace=0.05) as load:
        more_accepted(load)
        server.kill()
        more_accepted(load)
        running.kill()
    assert not load.refused

    server.start()
    running.start()

    arrivals = check_arrived(running, load, audit)
    # What was in flight when the server went down may come again, and nothing else.
    again = {event for event, *_ in arrivals.again()}
    assert len(again) <= len(load.accepted) / 10, f"{len(again)} of {len(load.accepted)} events came again"


def test_kill_9_while_the_spool_is_drained_loses_nothing_and_repeats_no_id(running, server, audit):
    with Load(running, pace=0.002) as load:
        server.kill()
        more_accepted(load, ACCEPTED_MEANWHILE * 3)
    server.start()

    for _ in range(3):
        eventually(lambda: len(audit.ids) > 0 or running.metrics().value(SPOOLED) == 0, "draining has begun")
        running.kill()
        running.start()

    check_arrived(running, load, audit)


def test_a_repeat_of_what_is_spooled_is_known_in_the_journal_and_the_other_way_round(running, server, audit):
    early, late = (Callback(COMMAND, pairs_body(COMMAND, [("a", name)])) for name in ("early", "late"))
    post(running, early)
    server.kill()
    post(running, late, late, early)
    server.start()
    running.wait_for_metric(SPOOLED, 0)
    post(running, late, early)

    running.wait_until_settled("audit")
    # What was not settled when the server crashed may come again, under its id.
    assert len(audit.ids) == 2
