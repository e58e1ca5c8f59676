"""Nothing that was answered OK is lost, whatever is killed when."""

import http.client
import itertools
import random
import threading
import time

from harness import Callback, Tally, Tencent, eventually, free_port, pairs_body, routes, subscriber
from harness.receiver import failing

KILLS = 22
POSTERS = 6
PAIRS_EACH = 3
CALLBACKS_BETWEEN_KILLS = 40
PACE_SECONDS = 0.01
LONGEST_GRACE_SECONDS = 0.3


class Load:
    """Posts callbacks without pause from several threads. Only what was answered OK counts as accepted.

    Of the callbacks that got no answer, every second is sent again with its request id until it is answered, as
    Tencent may do; the others are dropped, as Tencent does by default.
    """

    def __init__(self, gateway):
        self.gateway = gateway
        self.accepted = []
        self.resent = 0
        self.dropped = 0
        self.unexpected = []
        self._stopping = threading.Event()
        self._threads = [threading.Thread(target=self._post, args=(number,), daemon=True) for number in range(POSTERS)]

    def __enter__(self):
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *_):
        self._stopping.set()
        for thread in self._threads:
            thread.join(timeout=30)

    def _post(self, poster):
        tencent = Tencent(self.gateway)
        for number in itertools.count():
            if self._stopping.wait(PACE_SECONDS):
                break
            pairs = [(f"poster{poster}", f"user{number}-{row}") for row in range(PAIRS_EACH)]
            command = "Sns.CallbackBlackListAdd" if number % 2 else "Sns.CallbackFriendDelete"
            callback = Callback(command, pairs_body(command, pairs))
            if self._until_answered(tencent, callback, again=number % 4 < 2):
                self.accepted.extend(pairs)
        tencent.close()

    def _until_answered(self, tencent, callback, again):
        while True:
            try:
                reply = tencent.post(callback)
            except (OSError, http.client.HTTPException):
                if not again or self._stopping.wait(PACE_SECONDS):
                    self.dropped += 1
                    return False
                self.resent += 1
                continue
            if not reply.ok:
                self.unexpected.append((reply.status, reply.body))
            return reply.ok


def test_kill_9_under_load_loses_no_accepted_pair(gateway, receiver, capsys):
    receivers = [receiver("audit"), receiver("flaky", answer=failing(500, every=7))]
    running = gateway(routes(*(subscriber(one) for one in receivers)),
                      callback_port=free_port(), admin_port=free_port()).start()
    chance = random.Random(7)
    started = time.monotonic()

    with Load(running) as load:
        for _ in range(KILLS):
            goal = len(load.accepted) + CALLBACKS_BETWEEN_KILLS * PAIRS_EACH
            eventually(lambda: len(load.accepted) >= goal, "callbacks are accepted again")  # noqa: B023
            time.sleep(chance.random() * LONGEST_GRACE_SECONDS)  # Not to wait: to die at any moment.
            running.kill()
            running.start()

    accepted = set(load.accepted)
    tally = Tally(receivers)

    def nothing_is_lost():
        lost = {name: len(pairs) for name, pairs in tally.lost(accepted).items()}
        assert not lost, f"of {len(accepted)} accepted pairs are missing: {lost}"
        return True

    eventually(nothing_is_lost, "every accepted pair has arrived everywhere", timeout=60)

    with capsys.disabled():
        print(f"\n{KILLS} times kill -9 in {time.monotonic() - started:.0f} s: {len(accepted)} pairs accepted, 0 lost; "
              f"{load.resent} callbacks re-sent, {load.dropped} dropped by the sender")
        for one in receivers:
            acknowledged = one.acknowledged
            print(f"  {one.name}: {len(one.deliveries)} requests, {len(acknowledged)} acknowledged, "
                  f"{len(acknowledged) - len({delivery.id for delivery in acknowledged})} of them again by the same id")
    assert not load.unexpected, load.unexpected[:3]
    ids = {}
    for one in receivers:
        for pair, arrived in Tally.arrived(one).items():
            ids.setdefault(pair, set()).update(arrived)
    several = {pair: found for pair, found in ids.items() if len(found) != 1}
    assert not several, f"pairs with more than one id: {list(several.items())[:3]}"


def test_a_callback_that_was_accepted_while_no_subscriber_answers_survives_kill_9(gateway, receiver):
    audit = receiver()
    audit.stop()
    running = gateway(routes(subscriber(audit))).start()
    pairs = [("a", f"b{index}") for index in range(50)]
    tencent = Tencent(running)
    for pair in pairs:
        command = "Sns.CallbackBlackListAdd"
        assert tencent.post(Callback(command, pairs_body(command, [pair]))).ok
    tencent.close()

    running.kill()
    audit.start()
    running.start()

    audit.wait_for_pairs(pairs)
    assert len(audit.ids) == len(pairs)
