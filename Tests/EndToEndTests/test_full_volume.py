"""A volume much smaller than the traffic, and subscribers that are gone: nothing is refused, and nobody else pays."""

import contextlib
import http.client
import itertools
import json
import sqlite3
import threading
import time

import pytest

from harness import Answer, Callback, Gateway, Receiver, Tencent, eventually, free_port, pairs_body, routes, subscriber
from harness.signatures import verifies
from harness.volume import Volume

COMMAND = "Sns.CallbackBlackListAdd"
VOLUME_MIB = 16
# Four hours of a callback in ten seconds, posted as fast as they are taken: some four times the volume.
CALLBACKS = 1500
PAIRS = 2
PADDING = "x" * 40_000
POSTERS = 3
# At least one volume more than fits.
BEFORE_KILL = 800
# How many callbacks the healthy subscribers may be behind: what is tested is the room, not how fast Python receives.
AHEAD = 50
# Every so many callbacks one is of the key that the ordered subscriber fails.
FAILING_EVERY = 25
FAILING = ("failing", "failing-too")


def pairs_of(number):
    first = FAILING if number % FAILING_EVERY == 0 else (f"a{number}", f"b{number}")
    return [first, (f"c{number}", f"d{number}")]


def padding_of(number):
    return f"{number} {PADDING}"


class Hooks(Receiver):
    """Keeps which events it has acknowledged and no bodies. It holds each to what was posted."""

    def __init__(self, name, status=lambda pair: 200):
        super().__init__(name, answer=self._look)
        self.status = status
        # (number of the callback, index in it), in the order of arrival.
        self.events = []

    def _look(self, delivery):
        content = json.loads(delivery.body)
        events = content if isinstance(content, list) else [content]
        seen = []
        for event in events:
            data = event["data"]
            number, index = int(data["callback"]["Padding"].partition(" ")[0]), data["batch"]["index"]
            pair = pairs_of(number)[index]
            if data["item"] != {"From_Account": pair[0], "To_Account": pair[1]} \
                    or data["callback"] != {"Padding": padding_of(number)}:
                self.violations.append(f"event {index} of callback {number} is not what was posted")
            seen.append((number, index))
        delivery.body = b""
        status = max(self.status(pairs_of(number)[index]) for number, index in seen)
        if status == 200:
            self.events += seen
        return Answer(status)

    def _violation(self, delivery):
        if "batch" not in delivery.headers["content-type"]:
            return super()._violation(delivery)
        return None if verifies(self.secret, delivery.headers, delivery.body) else "no key verifies a batch"


class Posters:
    """Posts all callbacks. One that gets no answer is posted again, with its request id; one that is refused is not."""

    def __init__(self, running, healthy):
        self.running = running
        self.healthy = healthy
        self.numbers = itertools.count()
        self.answered = []
        self.refused = []
        self.stopping = threading.Event()
        self.threads = [threading.Thread(target=self._post, daemon=True) for _ in range(POSTERS)]

    def __enter__(self):
        for thread in self.threads:
            thread.start()
        return self

    def __exit__(self, kind, *_):
        if kind is not None:
            self.stopping.set()
        for thread in self.threads:
            thread.join(timeout=40)
        assert not any(thread.is_alive() for thread in self.threads), f"{len(self.answered)} were answered"

    def _post(self):
        tencent = Tencent(self.running)
        while (number := next(self.numbers)) < CALLBACKS and not self.stopping.is_set():
            callback = Callback(COMMAND, pairs_body(COMMAND, pairs_of(number), Padding=padding_of(number)))
            while len(self.answered) * PAIRS > min(len(one.events) for one in self.healthy) + AHEAD * PAIRS:
                if self.stopping.wait(0.002):
                    return
            while not self.stopping.is_set():
                try:
                    reply = tencent.post(callback)
                except (OSError, http.client.HTTPException):
                    time.sleep(0.01)  # The gateway is being killed and started.
                    continue
                if reply.ok:
                    self.answered.append(number)
                else:
                    self.refused.append((number, reply.status, reply.body))
                break
        tencent.close()


class Readiness:
    """Asks for `/readyz` again and again."""

    def __init__(self, running):
        self.running = running
        self.answers = []
        self.stopping = threading.Event()
        self.thread = threading.Thread(target=self._ask, daemon=True)

    def __enter__(self):
        self.thread.start()
        return self

    def __exit__(self, *_):
        self.stopping.set()
        self.thread.join(timeout=20)

    def _ask(self):
        while not self.stopping.wait(0.05):
            self.answers.append(self.running.status_of("/readyz"))


class GatewayOnVolume(Gateway):
    def __init__(self, volume, *arguments, **options):
        super().__init__(*arguments, **options)
        self.volume = volume
        self.journal_path = volume.folder / "switchyard.db"

    def command(self):
        return self.volume.prefix + super().command()

    def ranges(self, name):
        """The expired ranges of a subscriber, as (first, last, events)."""
        # Not with `immutable`: what is in the write-ahead log counts.
        with contextlib.closing(sqlite3.connect(f"file:{self.volume.path}/switchyard.db?mode=ro", uri=True)) as journal:
            return journal.execute(
                "SELECT first_seq, last_seq, event_count FROM exceptions JOIN lanes USING (lane_id)"
                " WHERE state = 'expired' AND subscriber = ? ORDER BY first_seq", (name,)).fetchall()


@pytest.fixture
def volume(tmp_path):
    with Volume(tmp_path / "volume", VOLUME_MIB) as made:
        yield made


@pytest.fixture
def hooks():
    made = []

    def make(name, **options):
        made.append(Hooks(name, **options).start())
        return made[-1]

    yield make
    for one in made:
        one.stop()
    for one in made:
        assert not one.violations, f"{one.name} saw {len(one.violations)} violations: {one.violations[:3]}"


@pytest.fixture
def running(binary, tmp_path, volume, hooks):
    made = GatewayOnVolume(volume, binary, tmp_path, callback_port=free_port(), admin_port=free_port())
    yield made
    made.clean_up()
    assert not made.failure, made.failure


def expired(running, name):
    return running.metrics().value("switchyard_deliveries_total", subscriber=name, result="expired")


def backlog(running, name):
    return running.metrics().value("switchyard_backlog_events", subscriber=name)


def test_hours_of_traffic_on_a_small_volume_cost_nobody_but_those_who_are_gone(running, hooks):
    single, batched = hooks("single"), hooks("batched")
    ordered = hooks("ordered", status=lambda pair: 500 if pair == FAILING else 200)
    gone, dead = hooks("gone", status=lambda pair: 410), hooks("dead")
    dead.stop()
    running.write_routes(routes(
        subscriber(single), subscriber(batched, format="batch", batch={"max_events": 20, "max_wait": "20ms"}),
        subscriber(ordered, ordering="key", retry={"delays": ["1s"], "jitter": 0}), subscriber(gone),
        subscriber(dead, breaker={"probe_every": "1s"})))
    running.start()

    with Posters(running, [single, batched]) as posters:
        with Readiness(running) as readiness:
            eventually(lambda: len(posters.answered) > BEFORE_KILL, "more is accepted than the volume holds", 40)
            before = readiness.answers
        assert expired(running, "dead") > 0
        running.kill()
        given_before = {name: running.ranges(name) for name in ("dead", "gone")}
        running.start()
        with Readiness(running) as readiness:
            eventually(lambda: len(posters.answered) + len(posters.refused) == CALLBACKS, "all are answered", 40)
            after = readiness.answers

    assert not posters.refused, f"{len(posters.refused)} callbacks were refused: {posters.refused[:3]}"
    assert set(before + after) == {200}, "it was not always ready"
    posted = {(number, index) for number in range(CALLBACKS) for index in range(PAIRS)}
    for one in (single, batched):
        eventually(lambda: set(one.events) == posted, f"{one.name} has got everything")  # noqa: B023
    failing = {(number, 0) for number in range(0, CALLBACKS, FAILING_EVERY)}
    eventually(lambda: set(ordered.events) == posted - failing, "only the failing key waits")
    for name in ("single", "batched", "ordered"):
        assert expired(running, name) == 0

    assert given_before["dead"], "what was given up is in the journal"
    for name in ("dead", "gone"):
        before_kill = sum(events for _, _, events in given_before[name])

        def all_is_accounted_for():
            given = sum(events for _, _, events in running.ranges(name))  # noqa: B023
            assert given == before_kill + expired(running, name)  # noqa: B023
            return given + backlog(running, name) == len(posted)  # noqa: B023

        eventually(all_is_accounted_for, f"{name} was delivered nothing, and all of it is counted once")
        assert len(running.ranges(name)) <= 4, "a few ranges, not one for each piece that was given up"

    ordered.status = lambda pair: 200
    eventually(lambda: set(ordered.events) == posted, "what waited for its key comes when that is delivered")
    arrived = [number for number, index in ordered.events if (number, index) in failing]
    assert list(dict.fromkeys(arrived)) == sorted(set(arrived))
    dead.start()
    eventually(lambda: backlog(running, "dead") == 0, "what was not given up arrives")
    given = sum(events for _, _, events in running.ranges("dead"))
    assert len(set(dead.events)) == len(posted) - given
