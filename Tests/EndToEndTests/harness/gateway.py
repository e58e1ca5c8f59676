"""The built binary as a process: started on free ports, read through its log, and ended for certain."""

import http.client
import json
import os
import pathlib
import signal
import subprocess

from harness.metrics import Metrics
from harness.waiting import eventually

START_SECONDS = 30
STOP_SECONDS = 30
REQUEST_SECONDS = 10


def clean_environment(extra=None):
    """The least that a program needs, so that nothing of the caller's environment configures it."""
    keep = {key: os.environ[key] for key in ("PATH", "HOME", "LD_LIBRARY_PATH", "TMPDIR") if key in os.environ}
    return {**keep, "LANG": "C.UTF-8", **(extra or {})}


class Gateway:
    """`switchyard serve` in a directory of its own, with its routes file, its journal and its logs.

    `kill`, `terminate` and `start` may follow one another as often as a test likes; the directory stays. With the
    ports left at 0 each start takes fresh ones, which the log tells. `journal` is a URL; without one it is a file in
    the directory. With a `harness.hosts.Host` it runs there, with its doors at the host's address.
    """

    def __init__(self, binary, directory, routes=None, *, flags=(), environment=None, log_level="info",
                 callback_port=0, admin_port=0, journal=None, host=None):
        self.binary = str(binary)
        self.directory = pathlib.Path(directory)
        self.routes_path = self.directory / "routes.yaml"
        self.journal_path = self.directory / "switchyard.db"
        self.journal = journal
        self.address = host.address if host else "127.0.0.1"
        self.prefix = host.prefix if host else []
        self.flags = list(flags)
        self.environment = dict(environment or {})
        self.log_level = log_level
        self.wanted_ports = (callback_port, admin_port)
        self.callback_port = None
        self.admin_port = None
        self.process = None
        self.starts = 0
        self.failure = None
        if routes is not None:
            self.write_routes(routes)

    # The process.

    def command(self):
        callbacks, admin = self.wanted_ports
        return [
            *self.prefix, self.binary, "serve", "--routes", str(self.routes_path),
            "--listen", f"{self.address}:{callbacks}", "--admin", f"{self.address}:{admin}",
            "--journal", self.journal or f"sqlite:{self.journal_path}",
            "--log-level", self.log_level, "--log-format", "json", *self.flags,
        ]

    def launch(self):
        """Starts the process without waiting for its doors."""
        assert self.process is None, "it is running"
        self.starts += 1
        with open(self.log_path, "wb") as log:
            self.process = subprocess.Popen(
                self.command(), stdin=subprocess.DEVNULL, stdout=log, stderr=log, cwd=self.directory,
                env=clean_environment(self.environment))
        return self

    def start(self):
        """Starts it and waits until both doors are open and it is ready."""
        self.open_doors()
        eventually(lambda: self.status_of("/readyz") == 200, "ready after the start", START_SECONDS)
        return self

    def open_doors(self):
        """Starts it and waits until both doors are open, ready or not."""
        self.launch()
        self.callback_port = self._port_of("callbacks")
        self.admin_port = self._port_of("admin")
        return self

    def kill(self):
        """kill -9."""
        assert self.process is not None and self.process.poll() is None, "it is not running"
        self.process.kill()
        self.process.wait(timeout=STOP_SECONDS)
        self.process = None

    def send_signal(self, number):
        self.process.send_signal(number)

    def freeze(self):
        """Stops it in the middle of whatever it does, until `thaw`."""
        self.send_signal(signal.SIGSTOP)

    def thaw(self):
        self.send_signal(signal.SIGCONT)

    def terminate(self, number=signal.SIGTERM):
        """Asks it to stop; returns the exit code."""
        self.send_signal(number)
        return self.wait()

    def wait(self, timeout=STOP_SECONDS):
        """Waits for its end; returns the exit code."""
        code = self.process.wait(timeout=timeout)
        self.process = None
        return code

    def clean_up(self):
        """Ends whatever still runs. A process that ended by itself without being asked is a failure."""
        if self.process is None:
            return
        code = self.process.poll()
        if code is None:
            self.process.kill()
            self.process.wait(timeout=STOP_SECONDS)
        else:
            self.failure = f"the gateway ended by itself with {code}"
        self.process = None

    def _port_of(self, door):
        def address():
            assert self.process.poll() is None, f"it ended with {self.process.poll()}: {self.log_text[-2000:]}"
            for line in self.current_log:
                if line.get("message") == "listening" and line.get("door") == door:
                    return line["address"]
            return None

        return int(eventually(address, f"the {door} door opens", START_SECONDS).rpartition(":")[2])

    # Its log.

    @property
    def log_path(self):
        return self.directory / f"log-{self.starts}"

    @property
    def log_text(self):
        """Everything printed since the first start."""
        paths = [self.directory / f"log-{index}" for index in range(1, self.starts + 1)]
        return "".join(path.read_text(errors="replace") for path in paths)

    @property
    def current_log(self):
        """The lines since the last start. A line still being written is left out."""
        complete = self.log_path.read_text(errors="replace").rpartition("\n")[0]
        lines = []
        for line in complete.splitlines():
            try:
                lines.append(json.loads(line))
            except ValueError:
                lines.append({"message": line, "level": "not JSON"})
        return lines

    # Its routes file.

    def write_routes(self, text, path=None):
        """Replaces the file by rename, so that it is never seen half written."""
        path = path or self.routes_path
        fresh = path.with_name(path.name + ".new")
        fresh.write_text(text)
        fresh.rename(path)

    # Its doors.

    @property
    def callback_url(self):
        return f"http://{self.address}:{self.callback_port}"

    @property
    def admin_url(self):
        return f"http://{self.address}:{self.admin_port}"

    def admin(self, method, path, headers=None, body=None):
        """Returns (status, headers, body)."""
        connection = http.client.HTTPConnection(self.address, self.admin_port, timeout=REQUEST_SECONDS)
        try:
            connection.request(method, path, body, headers or {})
            response = connection.getresponse()
            return response.status, {key.lower(): value for key, value in response.getheaders()}, response.read()
        finally:
            connection.close()

    def status_of(self, path):
        """The status of a GET."""
        return self.admin("GET", path)[0]

    def document(self, path):
        """The JSON document of a GET that must be answered 200."""
        status, _, body = self.admin("GET", path)
        assert status == 200, f"{path} is {status}: {body!r}"
        return json.loads(body)

    def reload(self, dry_run=False):
        """`POST /v1/reload`; returns (status, document)."""
        path = "/v1/reload" + ("?dry_run=1" if dry_run else "")
        status, _, body = self.admin("POST", path, {"X-Switchyard-Admin": "1"})
        return status, json.loads(body)

    def apply(self, routes):
        """Puts a good routes file into force, for certain."""
        self.write_routes(routes)
        status, answer = self.reload()
        assert status == 200, answer

    def metrics(self):
        status, _, body = self.admin("GET", "/metrics")
        assert status == 200, f"/metrics is {status}"
        return Metrics(body.decode())

    def wait_for_metric(self, name, value, timeout=30.0, **labels):
        """Waits until the sum over the series with these labels is that value."""
        eventually(lambda: self.metrics().sum(name, **labels) == value, f"{name}{labels or ''} is {value}", timeout)

    def wait_until_settled(self, subscriber, timeout=30.0):
        """Waits until nothing is owed to a subscriber any more."""
        self.wait_for_metric("switchyard_backlog_events", 0, timeout, subscriber=subscriber)
