"""Three machines with a gateway each, and what becomes of the one that is cut off."""

import time

import pytest

from harness import eventually, routes, subscriber
from harness.cluster import LEASE_SECONDS, TAKEN_OVER_SECONDS, Cluster
from harness.load import Arrivals, Load

NAMES = ("audit", "mail", "ordered", "alerts", "search", "archive")
EVENTS_BETWEEN = 200
# Between what a gateway does and when a receiver, on a busy machine, says that it came.
SLACK_SECONDS = 1


@pytest.fixture
def server(network, postgres_server):
    return postgres_server(addresses=[network.address("data"), "127.0.0.1"])


@pytest.fixture
def receivers(network, receiver):
    return [receiver(name, address=network.address("world")) for name in NAMES]


@pytest.fixture
def cluster(network, server, receivers, gateway):
    document = routes(*(subscriber(each, breaker={"open_after": 8, "probe_every": "200ms"},
                                   **({"ordering": "key"} if each.name == "ordered" else {})) for each in receivers))
    journal = server.database().url
    made = Cluster(*(gateway(document, journal=journal, host=host, callback_port=8080, admin_port=8090)
                     for host in network.hosts)).start()
    made.wait_until_spread(len(NAMES))
    return made


def more_accepted(load, count=EVENTS_BETWEEN):
    goal = len(load.accepted) + count
    eventually(lambda: len(load.accepted) >= goal, "callbacks are accepted")


def from_host(receiver, host, after, before):
    return [one for one in list(receiver.deliveries) if one.peer == host.address and after < one.at < before]


def check_arrived(load, receivers):
    for each in receivers:
        arrivals = Arrivals(each)
        eventually(lambda: not arrivals.missing(load.accepted),  # noqa: B023
                   f"all of {len(load.accepted)} events have arrived at {each.name}", 60)
        assert not arrivals.several_ids()
        if each.name == "ordered":
            assert not arrivals.overtaken(load.accepted)


@pytest.mark.timeout(240)
def test_gateways_that_are_cut_off_stop_before_another_takes_over(network, cluster, receivers):
    without_database, there, nowhere = network.hosts
    cut_off, taking_over, _ = cluster.gateways

    with Load(*cluster.gateways, pace=0.02) as load:
        more_accepted(load)
        cut = time.monotonic()
        without_database.cut("data")
        nowhere.cut()
        cluster.wait_until_spread(len(NAMES), [taking_over])
        eventually(lambda: time.monotonic() > cut + LEASE_SECONDS + 3 * SLACK_SECONDS, "their leases are long over",
                   TAKEN_OVER_SECONDS)
        assert cut_off.status_of("/readyz") == 503 and cut_off.status_of("/livez") == 200
        more_accepted(load)
        mended = time.monotonic()
        without_database.mend("data")
        nowhere.mend()
        cluster.wait_until_spread(len(NAMES))
        more_accepted(load)

    check_arrived(load, receivers)
    cluster.wait_until_settled(*NAMES)
    assert any(from_host(each, without_database, 0, cut) for each in receivers), "it had nothing to stop"
    for each in receivers:
        late = from_host(each, without_database, cut + LEASE_SECONDS + SLACK_SECONDS, mended)
        assert not late, f"{len(late)} attempts at {each.name} came after its lease"
        if from_host(each, without_database, 0, cut):
            taken_over = min((one.at for one in from_host(each, there, cut, mended)), default=mended)
            both = from_host(each, without_database, taken_over, mended)
            assert not both, f"{len(both)} attempts at {each.name} came after those of the next owner"
