"""What `make run` does, once the program is built."""

import os
import shutil
import signal
import socket
import subprocess

import pytest

from harness import eventually, free_port
from harness.gateway import clean_environment

STEP_SECONDS = 60


@pytest.fixture
def checkout(root, tmp_path):
    """The files that `make run` needs of the repository, with the example's subscribers on ports that are free."""
    shutil.copytree(root / "scripts", tmp_path / "scripts")
    ports = [free_port() for _ in range(4)]
    example = (root / "routes.yaml.example").read_text()
    for wellknown, port in ((9101, ports[2]), (9102, ports[3])):
        assert f"127.0.0.1:{wellknown}" in example
        example = example.replace(f"127.0.0.1:{wellknown}", f"127.0.0.1:{port}")
    (tmp_path / "routes.yaml.example").write_text(example)
    return tmp_path, ports


def test_make_run_shows_the_pairs_arriving_and_stops_on_interrupt(binary, checkout):
    directory, ports = checkout
    kept = None
    for _ in range(2):
        output = run_until_interrupted(binary, directory, ports)
        for name in ("bob", "carol", "dave"):
            for subscriber in ("audit", "moderation"):
                assert any(line.startswith(subscriber) and name in line for line in output.splitlines()), output
        files = {path: path.read_text() for path in [directory / "routes.yaml", *(directory / "secrets").iterdir()]}
        assert {path.name for path in files} == {"routes.yaml", "audit", "moderation"}
        assert {path.stat().st_mode & 0o777 for path in (directory / "secrets").iterdir()} == {0o600}
        assert "whsec_" not in files[directory / "routes.yaml"], "the example's public secrets were kept"
        assert kept in (None, files), "a second run made them anew"
        kept = files


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


def test_make_run_says_which_port_is_taken(binary, checkout):
    directory, ports = checkout
    environment = clean_environment({"SWITCHYARD_BINARY": str(binary), "PORTS": " ".join(map(str, ports))})
    with socket.create_server(("127.0.0.1", ports[1])):
        finished = subprocess.run([directory / "scripts/run"], stdin=subprocess.DEVNULL, capture_output=True, text=True,
                                  timeout=STEP_SECONDS, env=environment, check=False)

    assert finished.returncode == 1
    assert f"Port {ports[1]} is taken" in finished.stderr
