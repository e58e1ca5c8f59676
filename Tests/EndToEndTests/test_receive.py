"""`switchyard receive`: what it prints of each format."""

import contextlib
import json
import subprocess

from harness import eventually, free_port, routes
from harness.commands import run
from harness.gateway import clean_environment

ACCOUNTS = ["bob", 'ca"rol', "d\u001bave"]


@contextlib.contextmanager
def receiving(binary, port, path, *arguments):
    """Runs a receiver whose lines go to a file; it listens when the block begins."""
    told = path.with_suffix(".log")
    with open(path, "wb") as file, open(told, "wb") as log:
        process = subprocess.Popen([str(binary), "receive", "--listen", f"127.0.0.1:{port}", *arguments],
                                   stdin=subprocess.DEVNULL, stdout=file, stderr=log,
                                   env=clean_environment())
    try:
        eventually(lambda: "listening on " in told.read_text(), "the receiver listens")
        yield
    finally:
        process.terminate()
        assert process.wait(timeout=20) == 0


def received(gateway, binary, tmp_path, *arguments, **keys):
    """The lines that are printed of one callback with three pairs."""
    port, output = free_port(), tmp_path / "received"
    secret = run(binary, "secret", "new").stdout.strip()
    entry = {"name": "tried", "url": f"http://127.0.0.1:{port}/?key=1", "secrets": [secret], "events": ["*"], **keys}
    running = gateway(routes(entry, apps=[{"sdkappid": 1400000000, "tokens": ["a-token"]}])).start()
    with receiving(binary, port, output, "--secret", secret, *arguments):
        sent = run(binary, "send", "--url", running.callback_url + "/", "--token", "a-token", "--from", "alice",
                   "--to", ",".join(ACCOUNTS))
        assert sent.returncode == 0, sent.stdout + sent.stderr
        running.wait_until_settled("tried")
        eventually(lambda: output.read_text().endswith("\n"), "lines")
    return output.read_text().splitlines()


def test_a_batch_has_a_line_for_each_event(gateway, binary, tmp_path):
    lines = received(gateway, binary, tmp_path, format="batch", batch={"max_events": 3, "max_wait": "30s"})

    assert len(lines) == 3
    for index, (line, account) in enumerate(zip(lines, ["bob", 'ca"rol', "d\\u001bave"])):
        assert f" blocklist.added alice → {account}  " in line
        assert f"  {index + 1}/3 of batch-" in line
        assert line.endswith("  attempt 1  signature ok")


def test_a_batch_as_json_has_an_object_for_each_event(gateway, binary, tmp_path):
    lines = received(gateway, binary, tmp_path, "--json", format="batch", batch={"max_events": 3, "max_wait": "30s"})

    objects = [json.loads(line) for line in lines]
    assert [one["event"]["data"]["to"] for one in objects] == ACCOUNTS
    assert [(one["batch"]["index"], one["batch"]["size"]) for one in objects] == [(0, 3), (1, 3), (2, 3)]
    assert all(one["id"] == one["event"]["id"] and one["batch"]["id"].startswith("batch-") for one in objects)


def test_a_whole_callback_has_a_line_with_its_command(gateway, binary, tmp_path):
    line, = received(gateway, binary, tmp_path, format="original")

    assert " callback Sns.CallbackBlackListAdd, 3 in PairList  " in line
    assert line.endswith("  attempt 1  signature ok")


def test_a_whole_callback_as_json_has_it_as_it_came(gateway, binary, tmp_path):
    line, = received(gateway, binary, tmp_path, "--json", format="original")

    shown = json.loads(line)
    assert shown["command"] == "Sns.CallbackBlackListAdd" and shown["items"] == 3 and shown["type"] is None
    assert [pair["To_Account"] for pair in shown["callback"]["PairList"]] == ACCOUNTS
    assert "event" not in shown
