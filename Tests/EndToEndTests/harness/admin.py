"""The admin API as a client of it sees it."""

import http.client
import json
import threading

MARK = {"X-Switchyard-Admin": "1"}
SECONDS = 30


class AdminError(AssertionError):
    """A problem document."""

    def __init__(self, status, document):
        super().__init__(f"{status}: {document}")
        self.status = status
        self.document = document


class Admin:
    """Calls to a running gateway's admin door; what is not a 2xx raises `AdminError`."""

    def __init__(self, gateway, token=None):
        self.gateway = gateway
        self.headers = {"Authorization": f"Bearer {token}"} if token else {}

    def get(self, path):
        return self._call("GET", path)

    def post(self, path, document=None):
        return self._call("POST", path, document)

    def delete(self, path):
        return self._call("DELETE", path)

    def pieces(self, path, key):
        """Everything of a list, piece by piece."""
        found, cursor = [], None
        while True:
            separator = "&" if "?" in path else "?"
            piece = self.get(path + (f"{separator}cursor={cursor}" if cursor else ""))
            found += piece[key]
            cursor = piece.get("cursor")
            if cursor is None:
                return found

    def subscriber(self, name="audit"):
        return self.get(f"/v1/subscribers/{name}")

    def _call(self, method, path, document=None):
        connection = http.client.HTTPConnection(self.gateway.address, self.gateway.admin_port, timeout=SECONDS)
        try:
            body = None if document is None else json.dumps(document)
            headers = {**self.headers, **(MARK if method != "GET" else {})}
            if body:
                headers["Content-Type"] = "application/json"
            connection.request(method, path, body, headers)
            answer = connection.getresponse()
            content = answer.read()
            parsed = json.loads(content) if content else None
            if answer.status >= 300:
                assert answer.headers["Content-Type"] == "application/problem+json", content
                raise AdminError(answer.status, parsed)
            return parsed
        finally:
            connection.close()


class Tail:
    """Server-sent events as they come: `events` has (name, document) pairs."""

    def __init__(self, gateway, path="/v1/tail", headers=None):
        self.events = []
        self._connection = http.client.HTTPConnection(gateway.address, gateway.admin_port, timeout=SECONDS)
        self._connection.request("GET", path, headers=headers or {})
        self._answer = self._connection.getresponse()
        assert self._answer.status == 200, self._answer.read()
        assert self._answer.headers["Content-Type"] == "text/event-stream"
        self.has_ended = threading.Event()
        threading.Thread(target=self._read, daemon=True).start()

    def _read(self):
        name, data = None, []
        try:
            for raw in self._answer:
                line = raw.decode().rstrip("\n")
                if line.startswith("event: "):
                    name = line[len("event: "):]
                elif line.startswith("data: "):
                    data.append(line[len("data: "):])
                elif not line and name:
                    self.events.append((name, json.loads("\n".join(data))))
                    name, data = None, []
        except (OSError, ValueError, http.client.HTTPException, AttributeError):
            pass
        self.has_ended.set()

    @property
    def attempts(self):
        return [document for name, document in list(self.events) if name == "attempt"]

    def close(self):
        self._connection.close()
