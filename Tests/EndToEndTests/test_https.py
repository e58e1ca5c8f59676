"""The callback door over HTTPS."""

import json
import subprocess

from harness import Callback, eventually, pairs_body, routes, subscriber
from harness.certificates import issue

COMMAND = "Sns.CallbackBlackListAdd"


def curl(running, authority, callback, *flags):
    """Posts with curl, which trusts this authority alone; returns the finished run."""
    return subprocess.run(
        ["curl", "--silent", "--show-error", "--max-time", "10", "--cacert", str(authority), *flags,
         "--data-binary", "@-", f"https://127.0.0.1:{running.callback_port}/callback?{callback.query()}"],
        input=callback.body, capture_output=True, timeout=30, check=False)


def one(name):
    return Callback(COMMAND, pairs_body(COMMAND, [("a", name)]))


def test_https_with_a_certificate_that_is_renewed_while_running(gateway, receiver, tmp_path):
    audit = receiver()
    old_authority, old_certificate, old_key = issue(tmp_path, "old")
    new_authority, new_certificate, new_key = issue(tmp_path, "new")
    certificate, key = tmp_path / "served.pem", tmp_path / "served.key"
    certificate.write_bytes(old_certificate.read_bytes())
    key.write_bytes(old_key.read_bytes())
    running = gateway(routes(subscriber(audit)),
                      flags=["--tls-certificate", str(certificate), "--tls-key", str(key)]).start()

    first = curl(running, old_authority, one("b"))
    assert json.loads(first.stdout)["ActionStatus"] == "OK", first.stderr
    assert curl(running, new_authority, one("x")).returncode == 60, "curl's word for a certificate it does not trust"

    new_key.rename(key)
    new_certificate.rename(certificate)

    eventually(lambda: curl(running, new_authority, one("c")).returncode == 0, "the new certificate is served")
    assert curl(running, old_authority, one("x")).returncode == 60
    audit.wait_for_pairs([("a", "b"), ("a", "c")])


def test_a_certificate_that_does_not_fit_its_key_is_not_taken(gateway, receiver, tmp_path):
    audit = receiver()
    authority, certificate, key = issue(tmp_path, "good")
    _, stranger, _ = issue(tmp_path, "stranger")
    running = gateway(routes(subscriber(audit)),
                      flags=["--tls-certificate", str(certificate), "--tls-key", str(key)]).start()

    before = len(running.current_log)
    stranger.rename(certificate)

    eventually(lambda: any(line["level"] in ("warning", "error") for line in running.current_log[before:]),
               "it says that the files do not fit", timeout=15)
    assert curl(running, authority, one("b")).returncode == 0
    audit.wait_for_pairs([("a", "b")])


def test_plain_http_is_not_answered_where_https_is(gateway, receiver, tmp_path):
    authority, certificate, key = issue(tmp_path, "good")
    running = gateway(routes(subscriber(receiver())),
                      flags=["--tls-certificate", str(certificate), "--tls-key", str(key)]).start()

    plain = subprocess.run(["curl", "--silent", "--max-time", "10", f"{running.callback_url}/"], capture_output=True,
                           timeout=30, check=False)

    assert plain.returncode != 0
    assert curl(running, authority, one("b")).returncode == 0


def test_certificate_files_that_are_missing_are_a_configuration_error(gateway, receiver, tmp_path):
    running = gateway(routes(subscriber(receiver())), flags=["--tls-certificate", str(tmp_path / "none.pem"),
                                                            "--tls-key", str(tmp_path / "none.key")]).launch()

    assert running.wait() == 78
    assert "none.pem" in running.log_text
