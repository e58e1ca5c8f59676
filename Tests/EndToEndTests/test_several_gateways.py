"""Several gateways of one journal: each works some of the lanes, and the others take over when it is gone."""

import time

import pytest

from harness import Admin, Answer, Callback, eventually, free_port, pairs_body, post, routes, subscriber
from harness.cluster import HANDED_OVER_SECONDS, LANES_OWNED, Cluster
from harness.load import Arrivals, Load
from harness.receiver import accept, failing
from harness.traffic import COMMAND

NAMES = ("audit", "mail", "ordered", "search")
EVENTS_BETWEEN = 300
LONG_AGO = "2020-01-01T00:00:00Z"
# What a gateway had sent before it was disturbed may be unsettled for so long, on a busy machine.
UNSETTLED_SECONDS = 3


def one(name):
    return Callback(COMMAND, pairs_body(COMMAND, [("a", name)]))


@pytest.fixture
def receivers(receiver):
    return [receiver(name) for name in NAMES]


@pytest.fixture
def make(database, gateway):
    """Makes gateways, not yet started, that share a journal and keep their ports; each with its own routes file."""
    def make(*documents):
        return Cluster(*(gateway(document, journal=database.url, callback_port=free_port(), admin_port=free_port())
                         for document in documents))

    return make


@pytest.fixture
def pair(make, receivers):
    """Two that have the same routes, with four lanes between them."""
    document = routes(*(subscriber(each, concurrency=4, breaker={"probe_every": "200ms"},
                                   **({"ordering": "key"} if each.name == "ordered" else {}))
                        for each in receivers))
    cluster = make(document, document).start()
    cluster.wait_until_spread(len(NAMES))
    return cluster


def more_accepted(load, count=EVENTS_BETWEEN):
    goal = len(load.accepted) + count
    eventually(lambda: len(load.accepted) >= goal, "callbacks are accepted")


def check_arrived(load, receivers):
    """All is everywhere, under one id and, where there is an order, in it."""
    for each in receivers:
        arrivals = Arrivals(each)
        eventually(lambda: not arrivals.missing(load.accepted),  # noqa: B023
                   f"all of {len(load.accepted)} events have arrived at {each.name}", 60)
        assert not arrivals.several_ids()
        if each.name == "ordered":
            assert not arrivals.overtaken(load.accepted)


def check_came_again(receivers, windows):
    for each in receivers:
        unexplained = Arrivals(each).unexplained(windows)
        assert not unexplained, f"{each.name} had {len(unexplained)} events again: {unexplained[:3]}"


# Who works which lane.


def test_a_clean_stop_hands_the_lanes_over_at_once_and_nothing_comes_twice(pair, receivers):
    first, second = pair.gateways

    with Load(first, second) as load:
        more_accepted(load)
        assert first.terminate() == 0
        pair.wait_until_spread(len(NAMES), [second], HANDED_OVER_SECONDS)
        more_accepted(load)
        first.start()
        pair.wait_until_spread(len(NAMES))
        more_accepted(load)

    check_arrived(load, receivers)
    check_came_again(receivers, [])
    pair.wait_until_settled(*NAMES)


def test_the_lanes_of_a_killed_gateway_move_when_its_lease_has_run_out(pair, receivers):
    first, second = pair.gateways

    with Load(first, second) as load:
        more_accepted(load)
        killed = time.monotonic()
        first.kill()
        pair.wait_until_spread(len(NAMES), [second])
        more_accepted(load)
        first.start()
        pair.wait_until_spread(len(NAMES))

    check_arrived(load, receivers)
    check_came_again(receivers, [(killed - UNSETTLED_SECONDS, killed + UNSETTLED_SECONDS)])
    pair.wait_until_settled(*NAMES)


def test_a_gateway_that_is_started_again_at_once_takes_its_lanes_up(pair, receivers):
    first, second = pair.gateways

    with Load(first, second) as load:
        for _ in range(3):
            more_accepted(load, 60)
            first.kill()
            first.start()
    pair.wait_until_spread(len(NAMES))

    check_arrived(load, receivers)
    pair.wait_until_settled(*NAMES)


def test_a_frozen_gateway_loses_its_lanes_and_settles_nothing_when_it_wakes(pair, receivers):
    first, second = pair.gateways

    with Load(first, second, pace=0.03) as load:
        more_accepted(load)
        frozen = time.monotonic()
        first.freeze()
        pair.wait_until_spread(len(NAMES), [second])
        more_accepted(load)
        thawed = time.monotonic()
        first.thaw()
        pair.wait_until_spread(len(NAMES))
        more_accepted(load)

    check_arrived(load, receivers)
    # What was in flight then: its answer had not been seen, or its request had not left.
    check_came_again(receivers, [(at - UNSETTLED_SECONDS, at + UNSETTLED_SECONDS) for at in (frozen, thawed)])
    pair.wait_until_settled(*NAMES)


def test_what_one_gateway_accepted_another_delivers(pair, receivers):
    first, second = pair.gateways
    post(first, *(one(f"b{number}") for number in range(20)))
    post(second, *(one(f"c{number}") for number in range(20)))

    for each in receivers:
        each.wait_for(40)
    for name in NAMES:
        owners = [attempts for attempts in pair.attempts(name) if attempts]
        assert len(owners) == 1, f"{name} was sent to by {owners}"
    assert all(sum(gateway.metrics().sum("switchyard_delivery_attempts_total", subscriber=name) for name in NAMES)
               for gateway in pair.gateways)


def test_a_callback_that_both_are_sent_is_one(pair, receivers):
    callback = one("b")
    for gateway in pair.gateways:
        post(gateway, callback)
    post(pair.gateways[0], one("c"))

    for each in receivers:
        each.wait_for(2)
    pair.wait_until_settled(*NAMES)
    assert [len(each.acknowledged) for each in receivers] == [2] * len(NAMES)
    assert sum(pair.figures("switchyard_callbacks_duplicate_total")) == 1


# What is told of a lane, and what is asked of its owner.


def test_a_subscribers_figures_are_told_by_its_owner_alone(pair, receivers):
    for each in receivers:
        each.answer = failing(500)
    post(pair.gateways[0], *(one(f"b{number}") for number in range(5)))

    for name in NAMES:
        def is_told_by_one():
            backlogs = pair.figures("switchyard_backlog_events", subscriber=name)  # noqa: B023
            waiting = pair.figures("switchyard_retries_waiting", subscriber=name)  # noqa: B023
            oldest = pair.figures("switchyard_oldest_undelivered_timestamp_seconds", subscriber=name)  # noqa: B023
            assert sorted(backlogs) == [0, 5], backlogs
            assert [bool(figure) for figure in oldest] == [bool(figure) for figure in backlogs], oldest
            assert all(figure == 0 for figure, backlog in zip(waiting, backlogs) if not backlog), waiting
            return True

        eventually(is_told_by_one, f"one gateway tells the backlog of {name}")


def test_an_operator_may_ask_either_gateway_to_pause_and_to_resume(pair, receivers):
    audit, mail, *_ = receivers
    admins = [Admin(gateway) for gateway in pair.gateways]

    for number, (asked, other) in enumerate([admins, admins[::-1]], 1):
        assert asked.post("/v1/subscribers/audit/pause")["state"] == "paused"
        eventually(lambda: [admin.subscriber()["state"] for admin in admins] == ["paused"] * 2, "both say so")
        post(pair.gateways[0], one(f"b{number}"))
        mail.wait_for(number)
        assert len(audit.deliveries) == number - 1
        other.post("/v1/subscribers/audit/resume")
        audit.wait_for(number)
        eventually(lambda: "paused" not in [admin.subscriber()["state"] for admin in admins], "neither says so now")


def test_an_operator_may_ask_either_gateway_about_dead_letters(pair, receivers):
    audit = receivers[0]
    admins = [Admin(gateway) for gateway in pair.gateways]

    for number, admin in enumerate(admins, 1):
        audit.answer = lambda _: Answer(400)
        post(pair.gateways[0], one(f"b{number}"), one(f"c{number}"))
        for asked in admins:
            eventually(lambda: len(asked.get("/v1/dead-letters?subscriber=audit")["deadLetters"]) == 2,  # noqa: B023
                       "both list two")
        audit.answer = accept
        letters = admin.get("/v1/dead-letters?subscriber=audit")["deadLetters"]
        admin.post("/v1/dead-letters/replay", {"ids": [letters[0]["id"]]})
        audit.wait_for(number)
        admin.post("/v1/dead-letters/discard", {"ids": [letters[1]["id"]]})
        for asked in admins:
            eventually(lambda: asked.get("/v1/dead-letters?subscriber=audit")["deadLetters"] == [],  # noqa: B023
                       "neither lists any")


def test_an_operator_may_ask_either_gateway_for_a_replay(pair, receivers):
    audit = receivers[0]
    admins = [Admin(gateway) for gateway in pair.gateways]
    post(pair.gateways[0], *(one(f"b{number}") for number in range(5)))
    audit.wait_for(5)
    pair.wait_until_settled("audit")

    for number, (asked, other) in enumerate([admins, admins[::-1]], 1):
        replay = asked.post("/v1/replays", {"subscriber": "audit", "from": LONG_AGO})
        audit.wait_for_requests(5 + 5 * number)
        for admin in (other, asked):
            eventually(lambda: admin.get(f"/v1/replays/{replay['id']}")["state"] == "done",  # noqa: B023
                       "both say that it is done")
    assert len(audit.ids) == 5


def test_a_replay_goes_on_when_its_gateway_is_killed(pair, receivers):
    audit = receivers[0]
    post(pair.gateways[0], *(one(f"b{number}") for number in range(20)))
    audit.wait_for(20)
    pair.wait_until_settled("audit")
    owner = next(gateway for gateway, attempts in zip(pair.gateways, pair.attempts("audit")) if attempts)
    [other] = [gateway for gateway in pair.gateways if gateway is not owner]

    audit.answer = lambda delivery: Answer(500 if "switchyard-replay" in delivery.headers else 200)
    Admin(other).post("/v1/replays", {"subscriber": "audit", "from": LONG_AGO})
    eventually(lambda: any("switchyard-replay" in each.headers for each in list(audit.deliveries)), "it has begun")
    owner.kill()
    audit.answer = accept

    eventually(lambda: len({each.id for each in audit.acknowledged if "switchyard-replay" in each.headers}) == 20,
               "everything has come again", 60)


# Their routes.


def test_different_routes_are_seen_and_a_lane_is_worked_by_who_knows_it(make, receiver):
    audit, extra = receiver("audit"), receiver("extra")
    short, long = routes(subscriber(audit)), routes(subscriber(audit), subscriber(extra))
    pair = make(short, short).start()
    eventually(lambda: pair.figures("switchyard_routes_fingerprints") == [1, 1], "both have the same routes")

    pair.gateways[1].apply(long)

    eventually(lambda: pair.figures("switchyard_routes_fingerprints") == [2, 2], "both see that they differ")
    post(pair.gateways[0], one("b"))
    extra.wait_for(1)
    audit.wait_for(1)

    pair.gateways[0].apply(long)
    eventually(lambda: pair.figures("switchyard_routes_fingerprints") == [1, 1], "both have the same routes again")
    eventually(lambda: sum(pair.figures(LANES_OWNED)) == 2, "each lane has an owner")
