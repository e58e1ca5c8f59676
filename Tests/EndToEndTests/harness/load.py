"""Numbered callbacks without pause at several gateways of one journal, and what became of each."""

import http.client
import itertools
import random
import threading
from dataclasses import dataclass

from harness.tencent import Callback, Tencent, pairs_body

COMMANDS = ("Sns.CallbackBlackListAdd", "Sns.CallbackBlackListDelete")
# As long as Tencent waits.
ANSWER_SECONDS = 2


@dataclass(frozen=True)
class Numbered:
    """One event of the load: of its sender and account the one with this number. Both name its ordering key."""

    sender: str
    account: str
    number: int

    @property
    def key(self):
        return self.sender, self.account

    @classmethod
    def of(cls, event):
        item = event["data"]["item"]
        return cls(item["From_Account"], item["To_Account"], event["data"]["callback"]["Number"])


class Load:
    """Posts from several threads, each its own senders' callbacks one after the other, at whichever gateway comes.

    Only what was answered OK counts as accepted. What was refused or not answered is, by turns, sent again with its
    request id to the next gateway, as a proxy may do, or dropped, as Tencent does by default. Each callback has a
    number higher than all of the same sender that were posted before it, and is posted when those have been answered
    or given up.
    """

    def __init__(self, *gateways, posters=6, accounts=3, pace=0.01, seed=1):
        self.gateways = gateways
        self.accounts = [f"user{number}" for number in range(accounts)]
        self.pace = pace
        self.seed = seed
        self.accepted = []
        self.refused = []
        self.unanswered = 0
        self.dropped = 0
        self._stopping = threading.Event()
        self._threads = [threading.Thread(target=self._post, args=(number,), daemon=True) for number in range(posters)]

    def __enter__(self):
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *_):
        self._stopping.set()
        for thread in self._threads:
            thread.join(timeout=60)
            assert not thread.is_alive(), "a poster did not stop"

    def _post(self, poster):
        chance = random.Random(self.seed * 1000 + poster)
        tencents = [Tencent(one, timeout=ANSWER_SECONDS) for one in self.gateways]
        number = 0
        while not self._stopping.wait(self.pace):
            number += 1
            command = COMMANDS[number % 2]
            pairs = [(f"poster{poster}", account) for account in self.accounts]
            callback = Callback(command, pairs_body(command, pairs, Number=number))
            chance.shuffle(tencents)
            if self._is_taken(tencents, callback, tries=3 * len(tencents) if number % 2 else 1):
                self.accepted.extend(Numbered(*pair, number) for pair in pairs)
            else:
                self.dropped += 1
        for one in tencents:
            one.close()

    def _is_taken(self, tencents, callback, tries):
        for index in range(tries):
            try:
                reply = tencents[index % len(tencents)].post(callback)
            except (OSError, http.client.HTTPException):
                self.unanswered += 1
                continue
            if reply.ok:
                return True
            self.refused.append(reply)
        return False


class Arrivals:
    """What a receiver has seen of a load."""

    def __init__(self, receiver):
        self.receiver = receiver

    def acknowledged(self):
        """The deliveries of each event that were answered with a 2xx, in the order in which they came."""
        found = {}
        for delivery in self.receiver.acknowledged:
            for event in delivery.events:
                found.setdefault(Numbered.of(event), []).append(delivery)
        return found

    def missing(self, accepted):
        return set(accepted) - self.acknowledged().keys()

    def again(self):
        """What was acknowledged more than once: (event, delivery, the next delivery) for each that came again."""
        return [(event, *pair) for event, deliveries in self.acknowledged().items()
                for pair in itertools.pairwise(deliveries)]

    def unexplained(self, windows):
        """What of that has neither delivery in one of these spans of the monotonic clock, (begin, end) each."""
        return [(event, first.at, second.at) for event, first, second in self.again()
                if not any(begin <= one.at <= end for begin, end in windows for one in (first, second))]

    def overtaken(self, accepted):
        """The events that first came after a later one of their key, though both were accepted in this order.

        What was not answered OK may have become durable at any later time, so nothing is known of its place.
        """
        accepted = set(accepted)
        seen, highest, found = set(), {}, []
        for delivery in list(self.receiver.deliveries):
            for event in map(Numbered.of, delivery.events):
                if event in accepted and event not in seen:
                    seen.add(event)
                    if event.number < highest.get(event.key, 0):
                        found.append(event)
                    highest[event.key] = max(event.number, highest.get(event.key, 0))
        return found

    def several_ids(self):
        """The events that came under more than one id, with these. (A batch may be put together anew, under another.)"""
        ids = {}
        for delivery in self.receiver.acknowledged:
            for event in delivery.events:
                ids.setdefault(Numbered.of(event), set()).add(event["id"])
        return {event: found for event, found in ids.items() if len(found) > 1}
