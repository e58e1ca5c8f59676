"""The admin door with a scripted API: its page, style, scripts and stream are the gateway's, `/v1/…` is answered here.

What the dashboard asks of the API is so tested by the shapes of openapi.yaml alone. Everything that is not scripted is
passed on to the gateway.
"""

import datetime
import http.client
import json
import queue
import re
import threading
import time
import urllib.parse
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

PIECE_BYTES = 65536
BEAT_SECONDS = 1
HOP_BY_HOP = {"connection", "transfer-encoding", "keep-alive", "host", "content-length", "origin", "accept-encoding"}


def moment(seconds_ago=0.0):
    """RFC 3339, as the API writes it."""
    at = datetime.datetime.now(datetime.timezone.utc) - datetime.timedelta(seconds=seconds_ago)
    return at.strftime("%Y-%m-%dT%H:%M:%S.") + f"{at.microsecond // 1000:03}Z"


def problem(status, detail):
    return status, {"type": "about:blank", "title": "Problem", "status": status, "detail": detail}


class AdminStandIn:
    """A server on a port of its own. What it is to answer is set in its fields, what it was asked to do is in `calls`."""

    def __init__(self, gateway, assets=None):
        self.gateway = gateway
        # A folder whose files stand in for those compiled in; for who works on them.
        self.assets = assets
        self.calls = []
        self.dead_letters = []
        self.stories = {}
        self.events = []
        self.replays = []
        self.planned_events = 1200
        self.removed = []
        self.paused = set()
        self.listeners = []
        self.lock = threading.Lock()
        stand_in = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def serve(self):
                stand_in.serve(self)

            do_GET = do_POST = do_DELETE = do_HEAD = serve

            def log_message(self, *_):
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True

    @property
    def url(self):
        return f"http://127.0.0.1:{self.server.server_port}"

    def start(self):
        threading.Thread(target=self.server.serve_forever, daemon=True).start()
        return self

    def stop(self):
        self.server.shutdown()
        self.server.server_close()

    # What a test says.

    def attempt(self, **fields):
        """An attempt that all who listen are told of."""
        attempt = {"at": moment(), "attempt": 1, "durationSeconds": 0.012, "events": 1, "outcome": "success",
                   "status": 200, **fields}
        with self.lock:
            for listener in self.listeners:
                listener.put(("attempt", attempt))

    def add_dead_letters(self, subscriber, number, **fields):
        for index in range(number):
            self.dead_letters.append({
                "id": f"3-{len(self.dead_letters) + 1}", "subscriber": subscriber, "state": "dead", "events": 1,
                "eventId": f"4edc5f8c-8e34-86a1-be3e-09d43f0c033c-{index}", "type": "blocklist.added",
                "acceptedAt": moment(4000 - index), "endedAt": moment(300 - index / 10), "attempts": 1,
                "error": "answered 422", **fields})

    def asked(self, method, path):
        """The bodies of the calls there were of a kind."""
        return [body for called, at, body in self.calls if (called, at) == (method, path)]

    # How it answers.

    def serve(self, request):
        parts = urllib.parse.urlsplit(request.path)
        body = request.rfile.read(int(request.headers.get("Content-Length") or 0))
        if parts.path == "/v1/tail":
            return self.tail(request)
        if self.assets and parts.path.startswith("/dashboard/") and (file := self.assets / parts.path[11:]).is_file():
            kind = {".css": "text/css", ".js": "text/javascript", ".svg": "image/svg+xml"}[file.suffix]
            return self.answer(request, 200, file.read_bytes(), kind)
        query = {key: values[0] for key, values in urllib.parse.parse_qs(parts.query).items()}
        if request.command != "GET" and parts.path.startswith("/v1/") and request.headers.get("X-Switchyard-Admin") != "1":
            answer = problem(403, "The header X-Switchyard-Admin is missing.")
        else:
            answer = self.api(request.command, parts.path, query, json.loads(body) if body else None)
        if answer is None:
            return self.forward(request, body)
        status, document = answer
        kind = "application/json" if status < 400 else "application/problem+json"
        return self.answer(request, status, json.dumps(document).encode() if document is not None else b"", kind)

    def answer(self, request, status, body, kind):
        request.send_response(status)
        request.send_header("Content-Type", kind)
        request.send_header("Content-Length", str(len(body)))
        request.end_headers()
        request.wfile.write(body)

    def api(self, method, path, query, body):
        """(status, document), or None for what the gateway answers itself."""
        if method != "GET" and path.startswith("/v1/") and path != "/v1/reload":
            self.calls.append((method, path, body))
        if method == "GET" and path == "/v1/subscribers":
            return 200, {"subscribers": [], "removed": self.removed}
        if matched := re.fullmatch(r"/v1/subscribers/([^/]+)/(pause|resume)", path):
            return self.change_subscriber(*matched.groups())
        if method == "DELETE" and path.startswith("/v1/subscribers/"):
            self.removed = [one for one in self.removed if one["name"] != path.rpartition("/")[2]]
            return 204, None
        if path.startswith("/v1/dead-letters"):
            return self.answer_dead_letters(method, path, query, body)
        if path == "/v1/events":
            return self.search(query)
        if path.startswith("/v1/events/"):
            story = self.stories.get(path.rpartition("/")[2])
            return (200, story) if story else problem(404, "No event with this id is kept.")
        if path.startswith("/v1/replays"):
            return self.answer_replays(method, path, query, body)
        return None

    def change_subscriber(self, name, verb):
        if name in self.paused and verb == "resume" and "routes" in self.paused:
            return problem(409, "The routes file pauses it.")
        (self.paused.add if verb == "pause" else self.paused.discard)(name)
        return 200, {"name": name}

    def answer_dead_letters(self, method, path, query, body):
        if method == "GET":
            found = [one for one in self.dead_letters if one["subscriber"] == query["subscriber"]
                     and query.get("error", "").lower() in one["error"].lower()]
            start, limit = int(query.get("cursor", 0)), int(query["limit"])
            more = {"cursor": str(start + limit)} if start + limit < len(found) else {}
            return 200, {"deadLetters": found[start:start + limit], **more}
        chosen = [one for one in self.dead_letters if one["id"] in body.get("ids", [one["id"]])
                  and one["subscriber"] == body.get("subscriber", one["subscriber"])
                  and body.get("error", "").lower() in one["error"].lower()]
        # As the gateway does, a bounded number a call.
        now, rest = chosen[:100], chosen[100:]
        self.dead_letters = [one for one in self.dead_letters if one not in now]
        events = sum(one["events"] for one in now)
        return 200, {"deadLetters": len(now), "events": events, "more": bool(rest),
                     **({"replay": "dead-letters-1"} if path.endswith("replay") else {})}

    def search(self, query):
        start, account = int(query.get("cursor", 0)), query.get("account")
        found = [one for one in self.events if account in (one.get("from"), one.get("to"))]
        # The first piece is empty, as one is where nothing was found in what a call looks at.
        if start == 0 and found:
            return 200, {"events": [], "cursor": "1"}
        size = int(query["limit"])
        piece = found[max(0, start - 1):][:size]
        more = {"cursor": str(start + size)} if start - 1 + size < len(found) else {}
        return 200, {"events": piece, **more}

    def answer_replays(self, method, path, query, body):
        if method == "GET":
            return 200, {"replays": self.replays}
        if method == "POST" and path == "/v1/replays":
            plan = {"subscriber": body["subscriber"], "from": body["from"], "to": body.get("to", moment()),
                    "totalEvents": self.planned_events, "isExact": True}
            if query.get("dry_run") == "1":
                return 200, plan
            self.replays.insert(0, {**plan, "id": f"replay-{len(self.replays):016x}", "state": "running",
                                    "createdAt": moment(), "doneEvents": 0, "waitingEvents": 0, "deadLetters": 0})
            return 201, self.replays[0]
        _, _, _, identity, *verb = path.split("/")
        [one] = [one for one in self.replays if one["id"] == identity]
        one["state"] = {"pause": "paused", "resume": "running"}[verb[0]] if verb else "cancelled"
        return 200, one

    def tail(self, request):
        listener = queue.Queue()
        with self.lock:
            self.listeners.append(listener)
        request.send_response(200)
        request.send_header("Content-Type", "text/event-stream")
        request.send_header("Connection", "close")
        request.end_headers()
        try:
            while True:
                try:
                    name, data = listener.get(timeout=BEAT_SECONDS)
                    request.wfile.write(f"event: {name}\ndata: {json.dumps(data)}\n\n".encode())
                except queue.Empty:
                    request.wfile.write(b":\n\n")
        except OSError:
            with self.lock:
                self.listeners.remove(listener)

    def forward(self, request, body):
        connection = http.client.HTTPConnection("127.0.0.1", self.gateway.admin_port, timeout=30)
        headers = {key: value for key, value in request.headers.items() if key.lower() not in HOP_BY_HOP}
        try:
            connection.request(request.command, request.path, body or None, headers)
            response = connection.getresponse()
            request.send_response(response.status)
            for key, value in response.getheaders():
                if key.lower() not in HOP_BY_HOP:
                    request.send_header(key, value)
            request.send_header("Connection", "close")
            request.end_headers()
            while piece := response.read1(PIECE_BYTES):
                request.wfile.write(piece)
        except (OSError, http.client.HTTPException):
            pass  # Either side is gone: the other sees its connection end.
        finally:
            request.close_connection = True
            connection.close()


def story(event, deliveries, command="Sns.CallbackBlackListAdd", **callback):
    """An event's story in the API's shape; `event` is the event as it was delivered."""
    return {
        "event": event,
        "callback": {"id": event["id"].rpartition("-")[0], "command": command, "sdkAppId": 1400000000,
                     "receivedAt": moment(60), "peer": "203.0.113.7:40122", "events": 2, "sequence": 4711,
                     "requestId": "b1946ac9", "checks": [{"name": "sign", "result": "not configured"}], **callback},
        "subscribers": deliveries,
    }


def keep_telling(stand_in, receivers, stopping):
    """Tells those who listen of each delivery that receivers record, until `stopping` is set."""
    seen = {receiver.name: len(receiver.deliveries) for receiver in receivers}
    while not stopping.is_set():
        for receiver in receivers:
            known = list(receiver.deliveries)
            for delivery in known[seen[receiver.name]:]:
                if delivery.status is None:
                    break
                seen[receiver.name] += 1
                if delivery.id not in stand_in.stories:
                    remember(stand_in, delivery)
                good = delivery.status < 300
                stand_in.attempt(
                    subscriber=receiver.name, attempt=delivery.attempt, status=delivery.status,
                    outcome="success" if good else f"http_{delivery.status // 100}xx",
                    durationSeconds=receiver.answer(delivery).delay + 0.0021,
                    eventId=delivery.id, type=delivery.event["type"],
                    **({} if good else {"error": f"answered {delivery.status}"}))
        time.sleep(0.05)


def remember(stand_in, delivery):
    """Makes an event that a receiver has got one that is found."""
    event = delivery.event
    item = event["data"]["item"]
    stand_in.stories[delivery.id] = story(event, [])
    stand_in.events.append({"id": delivery.id, "type": event["type"], "command": "Sns.CallbackFriendAdd",
                            "sdkAppId": 1400000000, "receivedAt": moment(), "time": moment(),
                            "from": item["From_Account"], "to": item["To_Account"]})
