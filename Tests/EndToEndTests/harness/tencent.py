"""Tencent's side of the wire: callbacks as the live service was seen to send them."""

import hashlib
import http.client
import json
import pathlib
import subprocess
import time
import urllib.parse
import uuid
from dataclasses import dataclass, field, replace

APP = 1400000000
SAMPLES = pathlib.Path(__file__).parent.parent / "samples"
TIMEOUT_SECONDS = 10


@dataclass(frozen=True)
class Callback:
    """One callback: its command, the exact bytes of its body, and what goes into the query."""

    command: str | None
    body: bytes
    app: int | str | None = APP
    request_id: str | None = field(default_factory=lambda: str(uuid.uuid4()))
    request_id_key: str = "RequestId"
    client_ip: str | None = "203.0.113.7"
    platform: str | None = "RESTAPI"
    token: str | None = None
    request_time: int | None = None

    def query(self):
        """Sorted by name, as every captured query is; signed anew each time it is asked for."""
        values = {
            "CallbackCommand": self.command,
            "ClientIP": self.client_ip,
            "OptPlatform": self.platform,
            self.request_id_key: self.request_id,
            "SdkAppid": self.app,
            "contenttype": "json",
        }
        if self.token is not None:
            moment = str(int(time.time()) if self.request_time is None else self.request_time)
            values["RequestTime"] = moment
            values["Sign"] = hashlib.sha256((self.token + moment).encode()).hexdigest()
        return urllib.parse.urlencode(sorted((key, value) for key, value in values.items() if value is not None))

    def again(self, **changes):
        """The same callback, with these fields changed."""
        return replace(self, **changes)


def pairs_body(command, pairs, **fields):
    """A compact body with a `PairList`; `pairs` are (from, to) or the exact text of an item."""
    items = [pair if isinstance(pair, str)
             else json.dumps({"From_Account": pair[0], "To_Account": pair[1]}, separators=(",", ":"))
             for pair in pairs]
    rest = "".join("," + json.dumps(key) + ":" + json.dumps(value, separators=(",", ":"))
                   for key, value in fields.items())
    return f'{{"CallbackCommand":{json.dumps(command)},"PairList":[{",".join(items)}]{rest}}}'.encode()


def sample(name, **fields):
    """A packet of `samples/` as a callback; one that was logged with its query keeps it."""
    raw = (SAMPLES / f"{name}.json").read_bytes()
    document = json.loads(raw)
    if "query" not in document:
        return Callback(document["CallbackCommand"], raw, **fields)
    query = document["query"]
    logged = {"app": int(query["SdkAppid"]), "request_id": query["RequestId"], "client_ip": query["ClientIP"],
              "platform": query["OptPlatform"]}
    return Callback(query["CallbackCommand"], json.dumps(document["body"]).encode(), **{**logged, **fields})


@dataclass(frozen=True)
class Reply:
    """What the gateway answered."""

    status: int
    headers: dict
    body: bytes

    @property
    def json(self):
        return json.loads(self.body)

    @property
    def ok(self):
        return self.status == 200 and self.json["ActionStatus"] == "OK" and self.json["ErrorCode"] == 0

    @property
    def refused(self):
        """In Tencent's shape: FAIL, 1 and a sentence."""
        answer = self.json
        return self.status != 200 and answer["ActionStatus"] == "FAIL" and answer["ErrorCode"] == 1 \
            and bool(answer["ErrorInfo"])


class Tencent:
    """One keep-alive connection; opened anew after it broke. It waits no longer than `timeout` seconds for anything."""

    def __init__(self, gateway, path="/", timeout=TIMEOUT_SECONDS):
        self.gateway = gateway
        self.path = path
        self.timeout = timeout
        self.connection = None

    def post(self, callback):
        """Posts once. Raises OSError or HTTPException when no answer came: it may or may not have been taken."""
        return self.request("POST", f"{self.path}?{callback.query()}", callback.body)

    def request(self, method, target, body=None, headers=None):
        if self.connection is None:
            self.connection = http.client.HTTPConnection(self.gateway.address, self.gateway.callback_port,
                                                         timeout=self.timeout)
        try:
            self.connection.request(method, target, body, {"Content-Type": "application/json", **(headers or {})})
            response = self.connection.getresponse()
            reply = Reply(response.status, {key.lower(): value for key, value in response.getheaders()},
                          response.read())
        except (OSError, http.client.HTTPException):
            self.close()
            raise
        if reply.headers.get("connection", "").lower() == "close":
            self.close()
        return reply

    def close(self):
        if self.connection is not None:
            self.connection.close()
            self.connection = None


def post(gateway, *callbacks):
    """Posts each over one connection; every one must be answered OK. Returns the last reply."""
    tencent = Tencent(gateway)
    reply = None
    try:
        for callback in callbacks:
            reply = tencent.post(callback)
            assert reply.ok, f"{callback.command} was answered {reply.status} {reply.body!r}"
    finally:
        tencent.close()
    return reply


def post_with_curl(gateway, callbacks, directory):
    """Posts all in one run of curl, so over one kept-alive connection. Returns [(status, body)] in order."""
    command = ["curl"]
    for index, callback in enumerate(callbacks):
        (directory / f"request-{index}").write_bytes(callback.body)
        if index:
            command.append("--next")
        command += [
            "--silent", "--show-error", "--max-time", str(TIMEOUT_SECONDS),
            "--header", "Content-Type: application/json", "--data-binary", f"@{directory}/request-{index}",
            "--output", f"{directory}/answer-{index}", "--write-out", "%{http_code} %{num_connects}\n",
            f"{gateway.callback_url}/?{callback.query()}",
        ]
    run = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    assert run.returncode == 0, f"curl failed: {run.stderr}"
    lines = [line.split() for line in run.stdout.splitlines()]
    connects = [int(opened) for _, opened in lines]
    assert connects == [1] + [0] * (len(callbacks) - 1), f"the connection was not kept alive: {connects}"
    return [(int(status), (directory / f"answer-{index}").read_bytes()) for index, (status, _) in enumerate(lines)]


class Tally:
    """Which pairs were accepted, and which arrived where."""

    def __init__(self, receivers):
        self.receivers = receivers

    @staticmethod
    def arrived(receiver):
        """The ids under which each pair was delivered and acknowledged."""
        ids = {}
        for delivery in receiver.acknowledged:
            ids.setdefault(delivery.pair, []).append(delivery.id)
        return ids

    def lost(self, accepted):
        """The accepted pairs that some receiver has not acknowledged, by receiver."""
        return {receiver.name: missing for receiver in self.receivers
                if (missing := set(accepted) - self.arrived(receiver).keys())}
