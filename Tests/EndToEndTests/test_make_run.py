"""What `make run` does, once the program is built."""

import socket
import subprocess

from harness.checkout import STEP_SECONDS, run_until_interrupted
from harness.gateway import clean_environment


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


def test_make_run_says_which_port_is_taken(binary, checkout):
    directory, ports = checkout
    environment = clean_environment({"SWITCHYARD_BINARY": str(binary), "PORTS": " ".join(map(str, ports))})
    with socket.create_server(("127.0.0.1", ports[1])):
        finished = subprocess.run([directory / "scripts/run"], stdin=subprocess.DEVNULL, capture_output=True, text=True,
                                  timeout=STEP_SECONDS, env=environment, check=False)

    assert finished.returncode == 1
    assert f"Port {ports[1]} is taken" in finished.stderr
