"""The commands over the admin door, run against a gateway or a stand-in for one."""

import json
import os
import pty
import select
import signal
import subprocess
import time

from harness.commands import TIMEOUT_SECONDS, run
from harness.gateway import clean_environment


class AdminCommands:
    """`switchyard COMMAND …` with the address of an admin door in its environment."""

    def __init__(self, binary, url, environment=None, cwd=None):
        self.binary = binary
        self.environment = {"SWITCHYARD_ADMIN_URL": url, **(environment or {})}
        self.cwd = cwd

    def __call__(self, *arguments, environment=None):
        """Runs it; returns the finished process."""
        return run(self.binary, *arguments, cwd=self.cwd, environment={**self.environment, **(environment or {})})

    def text(self, *arguments):
        """What it prints, where it must succeed and have nothing to complain of."""
        finished = self(*arguments)
        assert finished.returncode == 0, finished.stderr
        assert finished.stderr == ""
        return finished.stdout

    def json(self, *arguments):
        """The one object that it prints with `--json`."""
        return json.loads(self.text(*arguments, "--json"))

    def fails(self, *arguments, code=1, environment=None):
        """What it says where it must fail, with one sentence and nothing else."""
        finished = self(*arguments, environment=environment)
        assert finished.returncode == code, (finished.returncode, finished.stdout, finished.stderr)
        assert finished.stdout == ""
        assert finished.stderr.startswith("Error: ")
        if code == 1:
            assert finished.stderr.count("\n") == 1, finished.stderr
        return finished.stderr

    def start(self, *arguments):
        """Starts one that goes on; its outputs are pipes of bytes."""
        return subprocess.Popen(
            [str(self.binary), *map(str, arguments)], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
            stderr=subprocess.PIPE, cwd=self.cwd, env=clean_environment(self.environment))

    def interrupt(self, process):
        """Ctrl-C; returns exit code and the rest of both outputs."""
        process.send_signal(signal.SIGINT)
        out, err = process.communicate(timeout=TIMEOUT_SECONDS)
        return process.returncode, out.decode(), err.decode()

    def on_terminal(self, *arguments, answers=(), interrupt_at=None, environment=None):
        """Runs it on a terminal, and types each answer once what comes before it stands there.

        `answers` are pairs of what is waited for and what is typed. Ctrl-C is typed at the text `interrupt_at`.
        Returns the exit code and all that was shown.
        """
        master, slave = pty.openpty()
        process = subprocess.Popen(
            [str(self.binary), *map(str, arguments)], stdin=slave, stdout=slave, stderr=slave, cwd=self.cwd,
            env=clean_environment({"TERM": "xterm", **self.environment, **(environment or {})}),
            start_new_session=True, preexec_fn=lambda: __import__("fcntl").ioctl(0, __import__("termios").TIOCSCTTY, 0))
        os.close(slave)
        todo = [*answers] + ([(interrupt_at, "\x03")] if interrupt_at else [])
        shown, seen_to = "", 0
        deadline = time.monotonic() + TIMEOUT_SECONDS
        try:
            while time.monotonic() < deadline:
                ready, _, _ = select.select([master], [], [], 0.1)
                piece = _read(master) if ready else None
                if piece == b"":
                    break
                shown += (piece or b"").decode(errors="replace")
                if todo and todo[0][0] in shown[seen_to:]:
                    seen_to = len(shown)
                    os.write(master, todo.pop(0)[1].encode())
            code = process.wait(timeout=5)
        finally:
            process.kill()
            process.wait()
            os.close(master)
        assert not todo, f"never seen: {todo[0][0]!r} in {shown!r}"
        return code, shown.replace("\r\n", "\n")


def _read(descriptor):
    try:
        return os.read(descriptor, 65536)
    except OSError:
        return b""  # The other side is closed.
