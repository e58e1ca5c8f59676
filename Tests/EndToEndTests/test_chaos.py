"""Three gateways on three machines, one database, and whatever may happen to any of them, under load.

`SWITCHYARD_CHAOS_SECONDS` says for how long, `SWITCHYARD_CHAOS_SEED` what happens when.
"""

import collections
import os
import random
import time

import pytest

from harness import routes, subscriber
from harness.cluster import LEASE_SECONDS, Cluster
from harness.load import Arrivals, Load
from harness.receiver import failing
from harness.waiting import eventually

SECONDS = float(os.environ.get("SWITCHYARD_CHAOS_SECONDS", 45))
SEED = int(os.environ.get("SWITCHYARD_CHAOS_SEED", 1))
NAMES = ("audit", "ordered", "flaky", "batches")
PACE_SECONDS = 0.03
# Between an answer to a gateway and its being settled, or between what a gateway does and when a receiver says that it
# came, on a busy machine.
SLACK_SECONDS = 1.5
CALM_SECONDS = (0.5, 1.5)
# Shorter than a lease, and longer.
SHORT_SECONDS, LONG_SECONDS = (0.5, 3), (LEASE_SECONDS + 3, LEASE_SECONDS + 6)


class Chaos:
    """One disturbance after the other, each recorded with when it began and ended, on the monotonic clock."""

    def __init__(self, cluster, server, network, seed):
        self.cluster = cluster
        self.server = server
        self.machines = list(zip(cluster.gateways, network.hosts))
        self.chance = random.Random(seed)
        self.windows = []
        self.cuts = []
        self.counts = collections.Counter()

    def run(self, seconds):
        """Until the time is up: all kinds in some order, and all again."""
        end = time.monotonic() + seconds
        deck = []
        while time.monotonic() < end:
            deck = deck or self.chance.sample(self.kinds, len(self.kinds))
            kind = deck.pop()
            begin = time.monotonic()
            kind(*self.chance.choice(self.machines))
            self.windows.append((begin - SLACK_SECONDS, time.monotonic() + SLACK_SECONDS))
            self.counts[kind.__name__] += 1
            self._last(CALM_SECONDS)

    def _last(self, span):
        time.sleep(self.chance.uniform(*span))  # Not to wait: so long it lasts.

    @property
    def kinds(self):
        return [self.kill, self.kill_two, self.freeze, self.freeze_past_the_lease, self.cut_off_the_database,
                self.cut_off_the_database_past_the_lease, self.cut_off_the_world, self.restart_the_database,
                self.crash_the_database, self.freeze_the_database, self.kill_both]

    def kill(self, gateway, _):
        gateway.kill()
        self._last(SHORT_SECONDS)
        gateway.start()

    def kill_two(self, gateway, _):
        other = next(one for one in self.cluster.gateways if one is not gateway)
        gateway.kill()
        other.kill()
        gateway.start()
        other.start()

    def freeze(self, gateway, _, span=SHORT_SECONDS):
        gateway.freeze()
        self._last(span)
        gateway.thaw()

    def freeze_past_the_lease(self, gateway, host):
        self.freeze(gateway, host, LONG_SECONDS)

    def cut_off_the_database(self, _, host, span=SHORT_SECONDS):
        cut = time.monotonic()
        host.cut("data")
        self._last(span)
        self.cuts.append((host, cut, time.monotonic()))
        host.mend("data")

    def cut_off_the_database_past_the_lease(self, gateway, host):
        self.cut_off_the_database(gateway, host, LONG_SECONDS)

    def cut_off_the_world(self, _, host):
        host.cut("world")
        self._last(SHORT_SECONDS)
        host.mend("world")

    def restart_the_database(self, *_):
        self.server.restart()

    def crash_the_database(self, *_):
        self.server.kill()
        self._last(SHORT_SECONDS)
        self.server.start()

    def freeze_the_database(self, *_):
        self.server.freeze()
        self._last(SHORT_SECONDS)
        self.server.thaw()

    def kill_both(self, gateway, _):
        self.server.kill()
        gateway.kill()
        self.server.start()
        gateway.start()


@pytest.fixture
def server(network, postgres_server):
    return postgres_server(addresses=[network.address("data"), "127.0.0.1"])


@pytest.fixture
def receivers(network, receiver):
    made = {name: receiver(name, address=network.address("world")) for name in NAMES}
    made["flaky"].answer = failing(503, every=9)
    made["ordered"].answer = failing(500, every=13)
    return made


@pytest.fixture
def cluster(network, server, receivers, gateway):
    keys = {"ordered": {"ordering": "key"}, "batches": {"format": "batch", "batch": {"max_wait": "50ms"}}}
    document = routes(*(subscriber(each, breaker={"open_after": 20, "probe_every": "200ms"}, **keys.get(name, {}))
                        for name, each in receivers.items()))
    journal = server.database().url
    made = Cluster(*(gateway(document, journal=journal, host=host, callback_port=8080, admin_port=8090)
                     for host in network.hosts)).start()
    made.wait_until_spread(len(NAMES))
    return made


@pytest.mark.timeout(SECONDS + 240)
def test_nothing_is_lost_overtaken_or_repeated_without_cause(network, server, cluster, receivers, capsys):
    chaos = Chaos(cluster, server, network, SEED)
    with Load(*cluster.gateways, pace=PACE_SECONDS, seed=SEED) as load:
        chaos.run(SECONDS)
    arrivals = {name: Arrivals(each) for name, each in receivers.items()}

    def nothing_is_lost():
        lost = {name: len(missing) for name, one in arrivals.items() if (missing := one.missing(load.accepted))}
        assert not lost, f"of {len(load.accepted)} accepted events are missing: {lost}"
        return True

    eventually(nothing_is_lost, "every accepted event has arrived everywhere", timeout=90)
    cluster.wait_until_settled(*NAMES)
    cluster.wait_until_spread(len(NAMES))

    with capsys.disabled():
        report(chaos, load, receivers)
    assert not arrivals["ordered"].overtaken(load.accepted)
    for name, one in arrivals.items():
        assert not one.several_ids(), f"{name} had events under several ids"
        unexplained = one.unexplained(chaos.windows)
        assert not unexplained, f"{name} had {len(unexplained)} events again without cause: {unexplained[:3]}"
        for host, cut, mended in chaos.cuts:
            late = [delivery for delivery in receivers[name].deliveries if delivery.peer == host.address
                    and cut + LEASE_SECONDS + SLACK_SECONDS < delivery.at < mended]
            assert not late, f"{len(late)} attempts at {name} came after the lease of a gateway that was cut off"
    assert {reply.status for reply in load.refused} <= {503}


def report(chaos, load, receivers):
    """One paragraph for people."""
    print(f"\nseed {SEED}, {SECONDS:g} s: {len(load.accepted)} events accepted, 0 lost; {len(load.refused)} callbacks "
          f"refused, {load.unanswered} unanswered, {load.dropped} dropped by the sender")
    print("  " + ", ".join(f"{count} × {name.replace('_', ' ')}" for name, count in chaos.counts.items()))
    for name, one in receivers.items():
        again = len(Arrivals(one).again())
        print(f"  {name}: {len(one.deliveries)} requests, {len(one.acknowledged)} acknowledged, {again} events again")
