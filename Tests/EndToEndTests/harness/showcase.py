"""A gateway as one finds it on an ordinary day: several subscribers, one that fails, one that is paused."""

import math
import random
import threading
import time

from harness.receiver import Answer, Receiver
from harness.routes import app, routes, subscriber
from harness.tencent import APP, Callback, Tencent, pairs_body

ACCOUNTS = ["alice", "bob", "carol", "dave", "林晓雯", "佐藤健", "김서연", "user-48213", "user-90177", "Zoë",
            "ops-bot", "<script>alert(1)</script>"]
COMMANDS = ["Sns.CallbackFriendAdd", "Sns.CallbackFriendDelete", "Sns.CallbackBlackListAdd",
            "Sns.CallbackBlackListDelete"]


def quick(delivery):
    return Answer(delay=random.uniform(0.002, 0.02))


def slow(delivery):
    return Answer(delay=random.choice((0.03, 0.06, 0.09, 0.4)))


def picky(delivery):
    return Answer(422 if delivery.number % 90 == 0 else 200, delay=0.012)


def shaky(delivery):
    return Answer(503 if random.random() < 0.03 else 200, delay=random.uniform(0.005, 0.05))


class Showcase:
    """Receivers, the routes for them, and traffic that rises and falls."""

    def __init__(self):
        self.receivers = {name: Receiver(name, answer=answer) for name, answer in [
            ("moderation", quick), ("audit-trail", shaky), ("search-indexer", slow), ("crm-sync", quick),
            ("growth-funnel", picky), ("risk-engine", quick), ("push-notifier", quick)]}
        self.stopping = threading.Event()
        self.threads = []
        self.failure = None

    def routes(self):
        made = self.receivers
        owners = {"moderation": "trust-and-safety", "audit-trail": "compliance", "search-indexer": "search",
                  "crm-sync": "sales-systems", "growth-funnel": "growth", "risk-engine": "trust-and-safety",
                  "push-notifier": "mobile"}
        wants = {"moderation": ["blocklist.*"], "growth-funnel": ["friend.*"]}
        entries = [
            subscriber(receiver, owner=owners[name], events=wants.get(name, ["*"]),
                       retry={"delays": ["20s", "60s"], "jitter": 0.2}, breaker={"open_after": 5, "probe_every": "10s"},
                       **({"paused": True} if name == "risk-engine" else {}))
            for name, receiver in made.items()]
        return routes(*entries, apps=[app()])

    def start(self, gateway, per_second=12):
        """Opens the receivers, but for the one that is down, and posts until `stop`."""
        for name, receiver in self.receivers.items():
            if name != "crm-sync":
                receiver.start()
        for _ in range(2):
            thread = threading.Thread(target=self._post, args=(gateway, per_second / 2), daemon=True)
            thread.start()
            self.threads.append(thread)
        return self

    def stop(self):
        self.stopping.set()
        for thread in self.threads:
            thread.join(timeout=20)
        for receiver in self.receivers.values():
            receiver.stop()
        assert self.failure is None, self.failure

    def _post(self, gateway, per_second):
        tencent = Tencent(gateway)
        chance = random.Random(7)
        begun = time.monotonic()
        try:
            while not self.stopping.is_set():
                passed = time.monotonic() - begun
                wave = 1 + 0.55 * math.sin(passed / 140) + 0.25 * math.sin(passed / 37)
                command = chance.choice(COMMANDS)
                pairs = [tuple(chance.sample(ACCOUNTS, 2)) for _ in range(chance.choice((1, 1, 2, 3, 5)))]
                reply = tencent.post(Callback(command, pairs_body(command, pairs), app=APP))
                assert reply.ok, reply
                self.stopping.wait(chance.expovariate(per_second * max(0.15, wave)))
        except Exception as error:  # Told by whoever stops it.
            self.failure = error
        finally:
            tencent.close()
