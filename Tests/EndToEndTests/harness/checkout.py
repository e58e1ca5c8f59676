"""What `make run` needs of the repository, in a directory of its own."""

import os
import shutil
import signal
import subprocess

from harness.gateway import clean_environment
from harness.ports import free_port
from harness.waiting import eventually

STEP_SECONDS = 60


def check_out(root, directory):
    """Copies the files that `scripts/run` needs, with the example's subscribers on ports that are free.

    Returns the ports: the callback door's, the admin door's, and those of the two subscribers.
    """
    shutil.copytree(root / "scripts", directory / "scripts")
    ports = [free_port() for _ in range(4)]
    example = (root / "routes.yaml.example").read_text()
    for wellknown, port in ((9101, ports[2]), (9102, ports[3])):
        assert f"127.0.0.1:{wellknown}" in example
        example = example.replace(f"127.0.0.1:{wellknown}", f"127.0.0.1:{port}")
    (directory / "routes.yaml.example").write_text(example)
    return ports


def run_until_interrupted(binary, directory, ports):
    """Runs it until it is up, and ends it as Ctrl-C would; returns what it printed."""
    log = directory / "output"
    with open(log, "wb") as file:
        running = subprocess.Popen(
            [directory / "scripts/run"], stdin=subprocess.DEVNULL, stdout=file, stderr=file, process_group=0,
            env=clean_environment({"SWITCHYARD_BINARY": str(binary), "PORTS": " ".join(map(str, ports))}))
    try:
        def up():
            assert running.poll() is None, f"it ended: {log.read_text()}"
            return "Ctrl-C stops everything" in log.read_text()

        eventually(up, "it is up", STEP_SECONDS)
        os.killpg(running.pid, signal.SIGINT)
        assert running.wait(timeout=STEP_SECONDS) == 0
    finally:
        if running.poll() is None:
            running.terminate()
            running.wait(timeout=STEP_SECONDS)
    return log.read_text()
