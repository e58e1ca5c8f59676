"""What stood behind Tencent's callback URL before there was a gateway, and a wire to post to one byte for byte."""

import hashlib
import http.client
import http.server
import re
import socket
import threading
import time
import urllib.parse
from dataclasses import dataclass

from harness.tencent import TIMEOUT_SECONDS
from harness.waiting import eventually

OK = b'{"ActionStatus":"OK","ErrorCode":0,"ErrorInfo":""}'
CLOCK_TOLERANCE_SECONDS = 60


@dataclass(frozen=True)
class Received:
    """One request as it came: the query as bytes, the names of `headers` in lower case."""

    query: bytes
    headers: dict
    body: bytes

    def parameter(self, name):
        """The first value of a parameter; None if there is none."""
        return urllib.parse.parse_qs(self.query.decode("latin-1")).get(name, [None])[0]


class LegacyReceiver:
    """A loopback server that takes callbacks as Tencent sends them, and knows nothing of the gateway.

    With a `token` it answers 401 to what is not signed by it. `answers` are given in turn, as (status, body); the last
    one again and again.
    """

    secret = None

    def __init__(self, name="legacy", *, token=None, answers=((200, OK),)):
        self.name = name
        self.token = token
        self.answers = list(answers)
        self.received = []
        self._lock = threading.Lock()
        self._server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self._server.daemon_threads = True
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True)

    @property
    def url(self):
        return f"http://127.0.0.1:{self._server.server_address[1]}/callback.php"

    def start(self):
        self._thread.start()
        return self

    def stop(self):
        self._server.shutdown()
        self._server.server_close()
        self._thread.join(timeout=10)

    def wait_for(self, count, timeout=30.0):
        """Waits until that many requests have come; returns all."""
        eventually(lambda: len(self.received) >= count, f"{count} requests at {self.name}", timeout)
        return list(self.received)

    def _answer(self, received):
        with self._lock:
            self.received.append(received)
            if self.token is not None and not self._is_signed(received):
                return 401, b'{"ActionStatus":"FAIL","ErrorCode":1,"ErrorInfo":"Sign"}'
            return self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]

    def _is_signed(self, received):
        sign, moment = received.parameter("Sign"), received.parameter("RequestTime")
        return bool(sign and moment) and abs(time.time() - int(moment)) <= CLOCK_TOLERANCE_SECONDS \
            and sign == hashlib.sha256((self.token + moment).encode()).hexdigest()

    def _handler(receiver):
        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"
            disable_nagle_algorithm = True

            def do_POST(self):
                body = self.rfile.read(int(self.headers["Content-Length"]))
                query = self.path.partition("?")[2].encode("latin-1")
                headers = {key.lower(): value for key, value in self.headers.items()}
                status, answer = receiver._answer(Received(query, headers, body))
                self.send_response(status)
                if status != 204:
                    self.send_header("Content-Length", str(len(answer)))
                self.end_headers()
                self.wfile.write(answer if status != 204 else b"")

            def log_message(self, *_):
                pass

        return Handler


def without_credentials(query):
    """A query as bytes, without `Sign` and `RequestTime`."""
    return b"&".join(part for part in query.split(b"&") if not re.match(rb"(Sign|RequestTime)=", part))


def post_bytes(gateway, query, body, headers=()):
    """Posts with exactly these bytes as the query; returns (status, body)."""
    lines = [b"POST /callback?" + query + b" HTTP/1.1", b"Host: gateway", b"Content-Length: %d" % len(body), *headers]
    with socket.create_connection(("127.0.0.1", gateway.callback_port), timeout=TIMEOUT_SECONDS) as connection:
        connection.sendall(b"\r\n".join(lines) + b"\r\n\r\n" + body)
        response = http.client.HTTPResponse(connection)
        response.begin()
        return response.status, response.read()


class Relay:
    """A loopback port that passes every connection on to another: a way to a gateway that the gateway does not know."""

    def __init__(self, port):
        self.port = port
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._listener.settimeout(0.1)
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._serve, daemon=True)

    @property
    def url(self):
        return f"http://127.0.0.1:{self._listener.getsockname()[1]}/callback"

    def start(self):
        self._thread.start()
        return self

    def stop(self):
        self._stopping.set()
        self._thread.join(timeout=10)
        self._listener.close()

    def _serve(self):
        while not self._stopping.is_set():
            try:
                client, _ = self._listener.accept()
            except TimeoutError:
                continue
            try:
                server = socket.create_connection(("127.0.0.1", self.port))
            except OSError:
                client.close()
                continue
            for source, target in ((client, server), (server, client)):
                source.settimeout(None)
                threading.Thread(target=_pump, args=(source, target), daemon=True).start()


def _pump(source, target):
    try:
        while data := source.recv(65_536):
            target.sendall(data)
    except OSError:
        pass
    finally:
        for one in (source, target):
            try:
                one.shutdown(socket.SHUT_RDWR)
            except OSError:
                pass
