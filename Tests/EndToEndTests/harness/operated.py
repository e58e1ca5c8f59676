"""A gateway with traffic, and the API that the dashboard works it by: its own, or the stand-in for it.

The same tests run against either. `SWITCHYARD_DASHBOARD_API=gateway` chooses the gateway's own.
"""

import os

from harness.admin_stand_in import AdminStandIn, moment, story
from harness.receiver import Answer
from harness.tencent import Callback, pairs_body, post
from harness.waiting import eventually

COMMAND = "Sns.CallbackBlackListAdd"
MARK = {"X-Switchyard-Admin": "1"}
IS_GATEWAYS = os.environ.get("SWITCHYARD_DASHBOARD_API") == "gateway"


class Operated:
    """What both have: a running gateway and a receiver that gets its events."""

    def __init__(self, gateway, receiver):
        self.gateway = gateway
        self.receiver = receiver

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


class OperatedByGateway(Operated):
    @property
    def url(self):
        return self.gateway.admin_url

    @property
    def dead_letters(self):
        return self.gateway.document(f"/v1/subscribers/{self.receiver.name}")["deadLetters"]

    @property
    def is_paused(self):
        return self.gateway.document(f"/v1/subscribers/{self.receiver.name}")["state"] == "paused"

    @property
    def replays(self):
        return self.gateway.document("/v1/replays")["replays"]

    def stop(self):
        pass


class OperatedByStandIn(Operated):
    def __init__(self, gateway, receiver):
        super().__init__(gateway, receiver)
        self.api = AdminStandIn(gateway).start()

    @property
    def url(self):
        return self.api.url

    def deliver(self, *pairs):
        deliveries = super().deliver(*pairs)
        for delivery in deliveries:
            sender, to = delivery.pair
            attempt = {"at": moment(), "subscriber": self.receiver.name, "attempt": delivery.attempt, "status": 200,
                       "outcome": "success", "durationSeconds": 0.004, "events": 1, "eventId": delivery.id,
                       "type": delivery.event["type"]}
            self.api.attempt(**attempt)
            self.api.stories[delivery.id] = story(delivery.event, [
                {"subscriber": self.receiver.name, "state": "delivered", "attempts": [attempt]}], command=COMMAND)
            self.api.events.append({
                "id": delivery.id, "type": delivery.event["type"], "command": COMMAND, "sdkAppId": 1400000000,
                "receivedAt": moment(), "time": moment(), "from": sender, "to": to})
        return deliveries

    def bury(self, number):
        super().bury(number)
        self.api.add_dead_letters(self.receiver.name, number)

    @property
    def dead_letters(self):
        return len(self.api.dead_letters)

    @property
    def is_paused(self):
        return self.receiver.name in self.api.paused

    @property
    def replays(self):
        return self.api.replays

    def stop(self):
        self.api.stop()


def operated(gateway, receiver):
    return (OperatedByGateway if IS_GATEWAYS else OperatedByStandIn)(gateway, receiver)
