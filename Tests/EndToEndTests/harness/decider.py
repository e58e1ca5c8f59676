"""A service that decides what Tencent asks about, and checks how it is asked."""

import json
import re

from harness.receiver import Answer, Receiver
from harness.signatures import verifies

_BATCH_ID = re.compile(r"^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$")


def allow(_):
    return decision(0)


def decision(code, **fields):
    """An answer as Tencent takes it."""
    body = {"ActionStatus": "OK", "ErrorCode": code, "ErrorInfo": "", **fields}
    return Answer(body=json.dumps(body).encode())


class Decider(Receiver):
    """Answers each question with what `answer` makes of it; every question is held against the contract as it comes."""

    def __init__(self, name="decider", *, answer=allow, **options):
        super().__init__(name, answer=answer, **options)

    def entry(self, *commands, **keys):
        """The item of `decisions`; keys overwrite what follows from it."""
        return {"commands": list(commands), "url": self.url, "secrets": [self.secret], **keys}

    def _violation(self, delivery):
        headers = delivery.headers
        if headers["content-type"] != "application/json":
            return f"content type {headers['content-type']}"
        if not _BATCH_ID.match(delivery.id):
            return f"not a batch id: {delivery.id}"
        if not headers["user-agent"].startswith("Switchyard/"):
            return f"user agent {headers['user-agent']}"
        if not verifies(self.secret, headers, delivery.body):
            return f"the signature of {delivery.id} does not verify"
        return None
