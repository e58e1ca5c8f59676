"""`switchyard simulate` as a process: started on a free port, called over HTTP, and ended for certain."""

import http.client
import json
import pathlib
import signal
import subprocess
import urllib.parse
from dataclasses import dataclass

from harness.gateway import clean_environment
from harness.tencent import APP
from harness.waiting import eventually

STOP_SECONDS = 30
REQUEST_SECONDS = 20


@dataclass(frozen=True)
class RESTReply:
    """What a call was answered: the status, the exact bytes, and what they say."""

    status: int
    body: bytes

    @property
    def json(self):
        return json.loads(self.body)

    @property
    def codes(self):
        return [row["ResultCode"] for row in self.json["ResultItem"]]


class Simulator:
    """A running simulator that posts its callbacks to one URL. Its outputs are files in a directory of its own."""

    def __init__(self, binary, directory, callback_url, *flags, environment=None):
        self.output_path = pathlib.Path(directory) / "output"
        self.error_path = pathlib.Path(directory) / "errors"
        command = [str(binary), "simulate", "--listen", "127.0.0.1:0", "--callback-url", callback_url, *map(str, flags)]
        with open(self.output_path, "wb") as output, open(self.error_path, "wb") as errors:
            self.process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=output, stderr=errors,
                                            cwd=directory, env=clean_environment(environment))
        self.url = eventually(self._address, "the simulator listens")

    def query(self, app=APP, identifier="administrator", usersig="eJw", random=99999999, contenttype="json"):
        return urllib.parse.urlencode({"sdkappid": app, "identifier": identifier, "usersig": usersig, "random": random,
                                       "contenttype": contenttype})

    def call(self, command, body, **query):
        """One call on a connection of its own; a body that is not bytes is sent as JSON."""
        connection = http.client.HTTPConnection(self.url.removeprefix("http://"), timeout=REQUEST_SECONDS)
        try:
            raw = body if isinstance(body, bytes) else json.dumps(body).encode()
            connection.request("POST", f"/v4/sns/{command}?{self.query(**query)}", raw)
            response = connection.getresponse()
            return RESTReply(response.status, response.read())
        finally:
            connection.close()

    def pairs(self, command, from_account, *to_accounts, **fields):
        """A call that names accounts alone."""
        return self.call(command, {"From_Account": from_account, "To_Account": list(to_accounts), **fields})

    @property
    def lines(self):
        return self.output_path.read_text().splitlines()

    @property
    def errors(self):
        return self.error_path.read_text()

    def wait_for_lines(self, count):
        return eventually(lambda: len(self.lines) >= count and self.lines, f"{count} lines of the simulator")

    def terminate(self):
        """Asks it to stop; returns the exit code."""
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(timeout=STOP_SECONDS)

    def clean_up(self):
        if self.process.poll() is None:
            self.process.kill()
            self.process.wait(timeout=STOP_SECONDS)

    def _address(self):
        assert self.process.poll() is None, f"it ended with {self.process.poll()}: {self.errors}"
        head, found, address = self.errors.partition("listening on ")
        return found and "\n" in address and address.splitlines()[0]
