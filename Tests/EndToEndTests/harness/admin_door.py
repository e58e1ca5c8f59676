"""A stand-in for a gateway's admin door: it answers by a script, and holds both sides to the OpenAPI document."""

import dataclasses
import http.server
import json
import pathlib
import re
import threading
import time
import urllib.parse

import jsonschema
import referencing
import yaml

OPENAPI = pathlib.Path(__file__).parents[3] / "Sources/AdminAssets/Resources/openapi.yaml"
_DOCUMENT = yaml.safe_load(OPENAPI.read_text())
_REGISTRY = referencing.Registry().with_resource(
    "urn:openapi", referencing.Resource(_DOCUMENT, referencing.jsonschema.DRAFT202012))
ADMIN_TOKEN = "example-admin-token"
READ_TOKEN = "example-read-token"


@dataclasses.dataclass
class Ask:
    """A request as it came."""

    method: str
    path: str
    query: dict
    headers: dict
    body: object


@dataclasses.dataclass
class Say:
    """An answer. Only what `is_api` is held to the document; after `pieces`, written one by one, the connection ends."""

    status: int = 200
    document: object = None
    content_type: str = "application/json"
    body: bytes = None
    pieces: list = None
    is_api: bool = True
    headers: dict = dataclasses.field(default_factory=dict)


def say(document, status=200):
    return Say(status, document)


def problem(status, detail, **members):
    return Say(status, {"type": "about:blank", "title": "A problem", "status": status, "detail": detail, **members},
               "application/problem+json")


def garbage(body=b"<html>hello</html>", status=200, content_type="text/html", **options):
    """What no gateway would say."""
    return Say(status, body=body, content_type=content_type, is_api=False, **options)


def stream(*pieces):
    """Server-sent events: texts are written, numbers are seconds to wait."""
    return Say(content_type="text/event-stream", pieces=list(pieces))


def event(name, **data):
    return f"event: {name}\ndata: {json.dumps(data)}\n\n"


class FakeAdminDoor:
    """Answers with what `script` has: by method and path a `Say`, a list of them in turn, or a function of the `Ask`.

    The last one of a list stays. Whatever the document does not allow, in an answer or in a request, is a violation.
    """

    name = "the admin door"

    def __init__(self, script=None, *, needs_token=False, port=0):
        self.script = dict(script or {})
        self.needs_token = needs_token
        self.asks = []
        self.violations = []
        self._turns = {}
        self._lock = threading.Lock()
        door = self

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def log_message(self, *_):
                pass

            def do_GET(self):
                door._take(self)

            do_POST = do_DELETE = do_GET

        class Server(http.server.ThreadingHTTPServer):
            daemon_threads = True
            allow_reuse_address = True

            def handle_error(self, *_):
                """A command that is gone is no error here."""

        self._server = Server(("127.0.0.1", port), Handler)
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True)

    @property
    def port(self):
        return self._server.server_address[1]

    @property
    def url(self):
        return f"http://127.0.0.1:{self.port}"

    def start(self):
        self._thread.start()
        return self

    def stop(self):
        self._server.shutdown()
        self._server.server_close()

    def encrypt(self, context):
        """From here on it speaks TLS alone."""
        self._server.socket = context.wrap_socket(self._server.socket, server_side=True)

    def asked(self, method, path):
        """The requests for this, in order."""
        return [ask for ask in self.asks if (ask.method, ask.path) == (method, path)]

    def _take(self, handler):
        length = int(handler.headers.get("Content-Length") or 0)
        raw = handler.rfile.read(length)
        url = urllib.parse.urlsplit(handler.path)
        path = urllib.parse.unquote(url.path)
        query = dict(urllib.parse.parse_qsl(url.query, keep_blank_values=True))
        ask = Ask(handler.command, path, query, {key.lower(): value for key, value in handler.headers.items()},
                  json.loads(raw) if raw else None)
        with self._lock:
            self.asks.append(ask)
            say = self._refusal(ask) or self._answer(ask)
        self.violations += violations(ask, say)
        self._send(handler, say)

    def _refusal(self, ask):
        """As the door itself guards changes."""
        if not self.needs_token:
            if ask.method != "GET" and ask.headers.get("x-switchyard-admin") != "1":
                return problem(403, "A change needs the header X-Switchyard-Admin: 1.")
            return None
        given = ask.headers.get("authorization")
        if given == f"Bearer {ADMIN_TOKEN}" or (given == f"Bearer {READ_TOKEN}" and ask.method == "GET"):
            return None
        if given == f"Bearer {READ_TOKEN}":
            return problem(403, "The read token may not change anything; use the admin token.")
        return problem(401, "This needs a bearer token.")

    def _answer(self, ask):
        key = (ask.method, ask.path)
        found = self.script.get(key)
        if found is None:
            return problem(404, f"There is nothing at {ask.path}.")
        if isinstance(found, list):
            turn = self._turns.get(key, 0)
            self._turns[key] = turn + 1
            found = found[min(turn, len(found) - 1)]
        return found(ask) if callable(found) else found

    def _send(self, handler, say):
        if say.pieces is not None:
            return self._send_pieces(handler, say)
        body = say.body if say.body is not None else json.dumps(say.document).encode() if say.status != 204 else b""
        handler.send_response(say.status)
        for name, value in say.headers.items():
            handler.send_header(name, value)
        if say.status != 204:
            handler.send_header("Content-Type", say.content_type)
            if "Content-Length" not in say.headers:
                handler.send_header("Content-Length", str(len(body)))
        handler.end_headers()
        handler.wfile.write(body)
        handler.close_connection = True

    def _send_pieces(self, handler, say):
        handler.close_connection = True
        handler.send_response(200)
        handler.send_header("Content-Type", say.content_type)
        handler.send_header("Connection", "close")
        handler.end_headers()
        for piece in say.pieces:
            if isinstance(piece, (int, float)):
                time.sleep(piece)
            else:
                handler.wfile.write(piece.encode())
                handler.wfile.flush()


def violations(ask, say):
    """What the document does not allow."""
    operation, parameters = _operation(ask)
    if operation is None:
        return [] if say.status == 404 else [f"{ask.method} {ask.path} is not in the document"]
    found = _query_violations(ask, parameters)
    found += _faults(ask.body, operation.get("requestBody"), f"the body of {ask.method} {ask.path}")
    if say.is_api and say.document is not None:
        answers = operation["responses"]
        answer = answers.get(str(say.status), answers["default"])
        found += _faults(say.document, answer, f"the answer {say.status} to {ask.method} {ask.path}")
    for name, data in re.findall(r"event: (\w+)\ndata: (.*)\n", "".join(
            piece for piece in say.pieces or [] if isinstance(piece, str))) if say.is_api else []:
        if name == "attempt":
            found += _errors(json.loads(data), {"$ref": "urn:openapi#/components/schemas/Attempt"}, "an attempt")
    return found


def _operation(ask):
    for template, item in _DOCUMENT["paths"].items():
        if re.fullmatch(re.sub(r"\{\w+\}", "[^/]+", template), ask.path) and ask.method.lower() in item:
            # A plain segment wins over a parameter.
            if "{" in template and ask.path in _DOCUMENT["paths"]:
                continue
            operation = item[ask.method.lower()]
            return operation, item.get("parameters", []) + operation.get("parameters", [])
    return None, []


def _query_violations(ask, parameters):
    known = {}
    for parameter in map(_resolved, parameters):
        if parameter["in"] == "query":
            known[parameter["name"]] = parameter["schema"]
    found = [f"{ask.path} takes no parameter {name}" for name in ask.query.keys() - known.keys()]
    for name in ask.query.keys() & known.keys():
        value = ask.query[name]
        schema = _absolute(known[name])
        is_number = (schema.get("type") or _resolved(schema).get("type")) == "integer"
        found += _errors(int(value) if is_number and value.isdigit() else value, schema, f"{name} of {ask.path}")
    return found


def _faults(document, holder, what):
    if holder is None:
        return [] if document is None else [f"{what} has something where nothing belongs"]
    content = _resolved(holder).get("content", {})
    schema = next((media["schema"] for kind, media in content.items() if "json" in kind), None)
    if schema is None:
        return [] if document is None else [f"{what} is not in the document"]
    return _errors(document, _absolute(schema), what)


def _errors(document, schema, what):
    validator = jsonschema.Draft202012Validator(
        schema, registry=_REGISTRY, format_checker=jsonschema.Draft202012Validator.FORMAT_CHECKER)
    return [f"{what}: {error.json_path}: {error.message}" for error in validator.iter_errors(document)]


def _absolute(schema):
    """The same with references that lead into the document from anywhere."""
    if isinstance(schema, dict):
        return {key: "urn:openapi" + value if key == "$ref" and value.startswith("#") else _absolute(value)
                for key, value in schema.items()}
    return [_absolute(one) for one in schema] if isinstance(schema, list) else schema


def _resolved(holder):
    """What a reference leads to."""
    while "$ref" in holder:
        node = _DOCUMENT
        for part in holder["$ref"].partition("#/")[2].split("/"):
            node = node[part]
        holder = node
    return holder
