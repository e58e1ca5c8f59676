"""A subscriber that records and checks everything it is sent, and that can misbehave."""

import asyncio
import hashlib
import json
import re
import socket
import ssl
import threading
import time
from dataclasses import dataclass, field
from functools import cached_property

from harness.ports import free_port
from harness.signatures import new_secret, verifies
from harness.waiting import eventually

HEAD_LIMIT_BYTES = 1 << 20
CONTENT_TYPE = "application/cloudevents+json; charset=utf-8"
BATCH_CONTENT_TYPE = "application/cloudevents-batch+json; charset=utf-8"
CLOCK_TOLERANCE_SECONDS = 60
_EVENT_ID = re.compile(r"^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}-(0|[1-9][0-9]*)$")


@dataclass(frozen=True)
class Answer:
    """How a receiver answers: after `delay` seconds, with this."""

    status: int = 200
    headers: dict = field(default_factory=dict)
    body: bytes = b""
    delay: float = 0


@dataclass
class Delivery:
    """One request as it came, and the status it is answered with, once that is decided."""

    number: int
    path: str
    headers: dict
    body: bytes
    at: float
    # The common name in the certificate that the client has shown.
    client: str | None = None
    status: int | None = None
    # The address that it came from.
    peer: str | None = None

    @property
    def id(self):
        return self.headers["webhook-id"]

    @property
    def attempt(self):
        return int(self.headers["switchyard-attempt"])

    @cached_property
    def event(self):
        return json.loads(self.body)

    @property
    def events(self):
        """All of a batch; of another delivery the one."""
        return self.event if isinstance(self.event, list) else [self.event]

    @property
    def pairs(self):
        items = [event["data"]["item"] for event in self.events]
        return [(item["From_Account"], item["To_Account"]) for item in items]

    @property
    def pair(self):
        [pair] = self.pairs
        return pair


def accept(_):
    return Answer()


def failing(status=500, every=1, **answer):
    """Fails each `every`-th request."""
    return lambda delivery: Answer(status, **answer) if delivery.number % every == 0 else Answer()


def delayed(seconds):
    return lambda _: Answer(delay=seconds)


class Receiver:
    """A subscriber on a port of its own, on loopback or at another address of this machine, served by one thread.

    Every request is held against the contract as it comes: its headers, its signature, and that an id never stands for
    other bytes. What is wrong is kept in `violations`, and fails the test that made it. `answer` and `keys` may be
    replaced at any time. `stop` refuses connections from then on, `start` takes the same port again. With `tls`, an
    `ssl.SSLContext` for servers, it speaks https.
    """

    def __init__(self, name="audit", *, signed=True, answer=accept, tls=None, address="127.0.0.1"):
        self.name = name
        self.secret = new_secret() if signed else None
        # What it verifies with instead of its secret: any number of `whsec_` secrets and `whpk_` keys.
        self.keys = []
        self.answer = answer
        self.tls = tls
        self.address = address
        self.port = free_port(address)
        self.deliveries = []
        self.violations = []
        self._digests = {}
        self._running = None

    @property
    def url(self):
        return f"http{'s' if self.tls else ''}://{self.address}:{self.port}/hooks/{self.name}"

    def start(self):
        assert self._running is None, "it is running"
        listener = socket.create_server((self.address, self.port), backlog=1024)
        loop = asyncio.new_event_loop()
        stopping = asyncio.Event()
        thread = threading.Thread(target=lambda: loop.run_until_complete(self._serve(listener, stopping)), daemon=True)
        self._running = (loop, stopping, thread)
        thread.start()
        return self

    def stop(self):
        if self._running is None:
            return
        loop, stopping, thread = self._running
        loop.call_soon_threadsafe(stopping.set)
        thread.join(timeout=10)
        assert not thread.is_alive(), f"the receiver {self.name} did not stop"
        loop.close()
        self._running = None

    @property
    def acknowledged(self):
        """The deliveries that were answered with a 2xx."""
        return [delivery for delivery in list(self.deliveries) if delivery.status and 200 <= delivery.status < 300]

    @property
    def ids(self):
        """The ids of the acknowledged deliveries."""
        return {delivery.id for delivery in self.acknowledged}

    @property
    def pairs(self):
        """The (from, to) of the acknowledged deliveries."""
        return {pair for delivery in self.acknowledged for pair in delivery.pairs}

    def attempts(self, event_id=None):
        """The attempt numbers in the order of arrival; of one event, or of all."""
        return [delivery.attempt for delivery in list(self.deliveries) if event_id in (None, delivery.id)]

    def wait_for(self, count, timeout=30.0):
        """Waits until that many different events have been acknowledged; returns the acknowledged deliveries."""
        eventually(lambda: len(self.ids) >= count, f"{count} events at {self.name}", timeout)
        return self.acknowledged

    def wait_for_pairs(self, pairs, timeout=30.0):
        pairs = list(pairs)
        eventually(lambda: not set(pairs) - self.pairs, f"{len(set(pairs))} pairs at {self.name}", timeout)

    def wait_for_requests(self, count, timeout=30.0):
        """Waits until that many requests have come, however they were answered."""
        eventually(lambda: len(self.deliveries) >= count, f"{count} requests at {self.name}", timeout)

    async def _serve(self, listener, stopping):
        connections = set()

        async def connected(reader, writer):
            task = asyncio.current_task()
            connections.add(task)
            try:
                await self._converse(reader, writer)
            except (asyncio.IncompleteReadError, ConnectionError, ssl.SSLError, asyncio.CancelledError):
                pass  # The connection is over, or the receiver stops.
            finally:
                connections.discard(task)
                writer.close()

        server = await asyncio.start_server(connected, sock=listener, limit=HEAD_LIMIT_BYTES, ssl=self.tls)
        await stopping.wait()
        server.close()
        for task in list(connections):
            task.cancel()
        await asyncio.gather(*connections, return_exceptions=True)
        await asyncio.sleep(0)  # Lets the transports close their sockets.

    async def _converse(self, reader, writer):
        client = _common_name(writer.get_extra_info("peercert"))
        peer, *_ = writer.get_extra_info("peername") or [None]
        while True:
            head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
            _, path, _ = head[0].split(" ")
            headers = {}
            for line in head[1:]:
                if line:
                    key, _, value = line.partition(":")
                    headers[key.lower()] = value.strip()
            body = await reader.readexactly(int(headers.get("content-length", 0)))
            delivery = Delivery(len(self.deliveries) + 1, path, headers, body, time.monotonic(), client, peer=peer)
            self.deliveries.append(delivery)
            if violation := self._violation(delivery):
                self.violations.append(violation)
            answer = self.answer(delivery)
            if answer.delay:
                await asyncio.sleep(answer.delay)
            delivery.status = answer.status
            rest = "".join(f"{key}: {value}\r\n" for key, value in answer.headers.items())
            writer.write(f"HTTP/1.1 {answer.status} Status\r\nContent-Length: {len(answer.body)}\r\n{rest}\r\n".encode()
                         + answer.body)
            await writer.drain()

    def _violation(self, delivery):
        """What section 5 of the contract does not allow about a delivery; None if nothing."""
        headers = delivery.headers
        missing = {"webhook-id", "webhook-timestamp", "switchyard-attempt", "traceparent"} - headers.keys()
        if missing:
            return f"headers are missing: {sorted(missing)}"
        if headers["content-type"] == BATCH_CONTENT_TYPE:
            members = [event["id"] for event in delivery.event]
            if not all(map(_EVENT_ID.match, members)):
                return f"not event ids: {members}"
            if delivery.id != "batch-" + hashlib.sha256("".join(members).encode()).hexdigest()[:32]:
                return f"{delivery.id} is not the id of a batch of {members}"
        elif headers["content-type"] != CONTENT_TYPE:
            return f"content type {headers['content-type']}"
        elif not _EVENT_ID.match(delivery.id):
            return f"not an event id: {delivery.id}"
        if not headers["user-agent"].startswith("Switchyard/"):
            return f"user agent {headers['user-agent']}"
        if delivery.attempt < 1:
            return f"attempt {delivery.attempt}"
        if abs(time.time() - int(headers["webhook-timestamp"])) > CLOCK_TOLERANCE_SECONDS:
            return f"the timestamp {headers['webhook-timestamp']} is not this attempt's"
        if self.secret is None and "webhook-signature" in headers:
            return "signed, though it is unsigned"
        if self.secret is not None:
            if "webhook-signature" not in headers:
                return f"{delivery.id} is not signed"
            if not any(verifies(key, headers, delivery.body) for key in self.keys or [self.secret]):
                return f"no key verifies the signature of {delivery.id}"
        digest = hashlib.sha256(delivery.body).digest()
        if self._digests.setdefault(delivery.id, digest) != digest:
            return f"{delivery.id} came with other bytes than before"
        return None


def _common_name(certificate):
    """Of the subject of a certificate as the ssl module gives it; None if there is none."""
    names = [value for part in (certificate or {}).get("subject", ()) for key, value in part if key == "commonName"]
    return names[0] if names else None
