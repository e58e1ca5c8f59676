"""A gateway with traffic, as the dashboard works it."""

from harness.receiver import Answer
from harness.tencent import Callback, pairs_body, post
from harness.waiting import eventually

COMMAND = "Sns.CallbackBlackListAdd"


class Operated:
    """A running gateway and a receiver that gets its events."""

    def __init__(self, gateway, receiver):
        self.gateway = gateway
        self.receiver = receiver

    @property
    def url(self):
        return self.gateway.admin_url

    def deliver(self, *pairs):
        """Posts these pairs and waits until they have arrived; returns their deliveries."""
        known = len(self.receiver.acknowledged)
        post(self.gateway, Callback(COMMAND, pairs_body(COMMAND, list(pairs))))
        eventually(lambda: len(self.receiver.acknowledged) >= known + len(pairs), "the events arrive")
        return self.receiver.acknowledged[known:]

    def bury(self, number):
        """Makes that many dead letters: the receiver refuses what it is sent for good."""
        self.receiver.answer = lambda _: Answer(422)
        for start in range(0, number, 40):
            pairs = [("a", f"dead-{index}") for index in range(start, min(number, start + 40))]
            post(self.gateway, Callback(COMMAND, pairs_body(COMMAND, pairs)))
        self.gateway.wait_for_metric("switchyard_dead_letters", number, subscriber=self.receiver.name)

    @property
    def dead_letters(self):
        return self.gateway.document(f"/v1/subscribers/{self.receiver.name}")["deadLetters"]

    @property
    def is_paused(self):
        return self.gateway.document(f"/v1/subscribers/{self.receiver.name}")["state"] == "paused"

    @property
    def replays(self):
        return self.gateway.document("/v1/replays")["replays"]
