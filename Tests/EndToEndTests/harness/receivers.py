"""The receivers under Samples/receivers: each a program of its own, with its inbox in a directory of the test's."""

import contextlib
import json
import socket
import socketserver
import sqlite3
import subprocess
import sys
import threading

from harness.gateway import clean_environment
from harness.ports import free_port
from harness.signatures import new_secret
from harness.waiting import eventually

STOP_SECONDS = 10


class SampleReceiver:
    """What the kinds have in common. `keys` are what it verifies with; `secret` is the first of them, for its entry in
    a routes file."""

    def __init__(self, directory, name="sample", keys=None):
        self.name = name
        self.keys = [new_secret()] if keys is None else keys
        self.secret = self.keys[0]
        self.port = free_port()
        self.inbox = directory / f"{name}.db"
        self.output = directory / f"{name}.out"
        self.errors = directory / f"{name}.err"

    @property
    def url(self):
        return f"http://127.0.0.1:{self.port}/hooks"

    def rows(self):
        """What is in the inbox: the event of each id, and whether it is done."""
        with contextlib.closing(sqlite3.connect(self.inbox, timeout=30)) as database:
            if not database.execute("SELECT 1 FROM sqlite_master WHERE name = 'inbox'").fetchone():
                return {}
            found = database.execute("SELECT id, event, done FROM inbox").fetchall()
        return {key: (json.loads(event), done == 1) for key, event, done in found}

    def worked_on(self):
        """The ids of the events that were worked on, in that order, as often as they were."""
        raise NotImplementedError


class ServingReceiver(SampleReceiver):
    """One that listens by itself, and prints the id of each event first when it works on it."""

    def __init__(self, command, directory, name="sample", keys=None):
        super().__init__(directory, name, keys)
        self._command = [str(word) for word in command]
        self._process = None

    def start(self):
        environment = {"WEBHOOK_SECRETS": " ".join(self.keys), "PORT": str(self.port), "INBOX": str(self.inbox)}
        with open(self.output, "ab") as output, open(self.errors, "ab") as errors:
            self._process = subprocess.Popen(self._command, stdin=subprocess.DEVNULL, stdout=output, stderr=errors,
                                             env=clean_environment(environment))
        eventually(self._listens, f"{self._command} listens on {self.port}")
        return self

    def stop(self):
        if self._process is not None:
            self._process.kill()
            self._process.wait(timeout=STOP_SECONDS)
            self._process = None

    def worked_on(self):
        return [line.split(" ")[0] for line in self.output.read_text().splitlines(keepends=True) if line.endswith("\n")]

    def _listens(self):
        assert self._process.poll() is None, f"it ended: {self.errors.read_text()[-2000:]}"
        with socket.create_connection(("127.0.0.1", self.port), timeout=1):
            return True


class PythonReceiver(ServingReceiver):
    """Samples/receivers/python, by the Python that runs the tests."""

    def __init__(self, root, directory, name="sample", keys=None):
        super().__init__([sys.executable, root / "Samples/receivers/python/receiver.py"], directory, name, keys)


class SwiftReceiver(SampleReceiver):
    """Samples/receivers/swift, which takes one request from its standard input: it is started for each connection, as
    systemd does it for a socket with `Accept=yes`."""

    def __init__(self, program, directory, name="sample", keys=None):
        super().__init__(directory, name, keys)
        self.program = program
        self.codes = []
        self._server = None

    @property
    def environment(self):
        return clean_environment({"WEBHOOK_KEYS": " ".join(self.keys), "INBOX": str(self.inbox)})

    def start(self):
        receiver = self

        class Connection(socketserver.BaseRequestHandler):
            def handle(self):
                with open(receiver.errors, "ab") as errors:
                    ended = subprocess.run([receiver.program], stdin=self.request, stdout=self.request, stderr=errors,
                                           env=receiver.environment, timeout=30, check=False)
                receiver.codes.append(ended.returncode)

        class Server(socketserver.ThreadingTCPServer):
            allow_reuse_address = True
            daemon_threads = True
            request_queue_size = 64

        self._server = Server(("127.0.0.1", self.port), Connection)
        threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()
        return self

    def stop(self):
        if self._server is not None:
            self._server.shutdown()
            self._server.server_close()
            self._server = None

    def worked_on(self):
        """It works when it is told to: everything that waits is worked on before."""
        with open(self.output, "ab") as output:
            ended = subprocess.run([self.program, "work"], stdout=output, stderr=subprocess.PIPE, env=self.environment,
                                   timeout=30, check=False)
        assert ended.returncode == 0, ended.stderr
        return [json.loads(line)["id"] for line in self.output.read_text().splitlines()]


def build_swift_receiver(root):
    """Builds Samples/receivers/swift under .build/, where the next run finds it; returns the program's path."""
    scratch = root / ".build/samples/swift-receiver"
    command = ["swift", "build", "--package-path", str(root / "Samples/receivers/swift"), "--scratch-path",
               str(scratch), "-j", "2"]
    built = subprocess.run(command, capture_output=True, text=True, timeout=900, check=False)
    assert built.returncode == 0, (built.stdout + built.stderr)[-4000:]
    return str(scratch / "debug/receiver")
