"""The binary as a command that runs and ends."""

import subprocess

from harness.gateway import clean_environment

TIMEOUT_SECONDS = 60


def run(binary, *arguments, cwd=None, environment=None, stdin=None):
    """Runs `switchyard` with these arguments; returns the finished process, its outputs as text."""
    return subprocess.run(
        [str(binary), *map(str, arguments)], input=stdin, stdin=None if stdin is not None else subprocess.DEVNULL,
        capture_output=True, text=True, timeout=TIMEOUT_SECONDS, cwd=cwd, env=clean_environment(environment),
        check=False)
