"""Debian's HAProxy in front of two gateways, set up as docker/haproxy/haproxy.cfg has it for operators."""

import pathlib
import shutil
import socket
import subprocess

from harness.gateway import clean_environment
from harness.ports import free_port
from harness.waiting import eventually

CONFIGURATION = pathlib.Path(__file__).parents[3] / "docker/haproxy/haproxy.cfg"
STOP_SECONDS = 10
UP_SECONDS = 10


class Proxy:
    """A running HAProxy. What posts to a gateway can post to it instead.

    `directory` is a short path, because a socket's path must be.
    """

    address = "127.0.0.1"

    def __init__(self, directory, gateways):
        self.directory = pathlib.Path(directory)
        self.gateways = dict(zip("ab", gateways, strict=True))
        self.callback_port = free_port()
        self.process = None

    @property
    def socket_path(self):
        return self.directory / "stats"

    @property
    def log_text(self):
        return (self.directory / "log").read_text(errors="replace")

    def environment(self):
        told = {"CALLBACKS": f"127.0.0.1:{self.callback_port}"}
        for letter, running in self.gateways.items():
            told[f"GATEWAY_{letter.upper()}"] = f"127.0.0.1:{running.callback_port}"
            told[f"GATEWAY_{letter.upper()}_ADMIN_HOST"] = "127.0.0.1"
            told[f"GATEWAY_{letter.upper()}_ADMIN_PORT"] = str(running.admin_port)
        return told

    def start(self):
        """Starts it and waits until it sends callbacks to both."""
        program = shutil.which("haproxy", path="/usr/sbin:/usr/local/sbin:/usr/bin:/usr/local/bin")
        assert program, "haproxy is not installed: scripts/install-packages test"
        ours = self.directory / "stats.cfg"
        ours.write_text(f"global\n    stats socket {self.socket_path} mode 600 level user\n")
        with open(self.directory / "log", "wb") as log:
            self.process = subprocess.Popen(
                [program, "-db", "-f", str(CONFIGURATION), "-f", str(ours)], stdin=subprocess.DEVNULL, stdout=log,
                stderr=log, env=clean_environment(self.environment()))
        for letter in self.gateways:
            self.wait_until_up(letter)
        return self

    def stop(self):
        self.process.terminate()
        self.process.wait(timeout=STOP_SECONDS)

    def wait_until_up(self, letter):
        """Waits until callbacks are sent to this gateway."""
        eventually(lambda: self.state_of(letter) == "UP", f"the proxy sees gateway {letter}", UP_SECONDS)

    def state_of(self, letter):
        assert self.process.poll() is None, self.log_text
        with socket.socket(socket.AF_UNIX) as asked:
            asked.settimeout(UP_SECONDS)
            asked.connect(str(self.socket_path))
            asked.sendall(b"show stat\n")
            answer = b"".join(iter(lambda: asked.recv(65536), b"")).decode()
        heading, *rows = answer.removeprefix("# ").strip().splitlines()
        servers = [dict(zip(heading.split(","), row.split(","))) for row in rows]
        return next(one["status"] for one in servers if (one["pxname"], one["svname"]) == ("gateways", letter))
