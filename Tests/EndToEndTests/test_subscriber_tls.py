"""Subscribers behind TLS: private authorities, client certificates, files that change, and what is refused."""

import datetime
import ssl
import subprocess
import warnings

import pytest

from harness import Callback, eventually, pairs_body, post, routes, subscriber
from harness.authority import Authority
from harness.handshakes import Handshakes
from harness.traffic import COMMAND, Traffic

ATTEMPTS = "switchyard_delivery_attempts_total"
RELOADS = "switchyard_routes_reloads_total"
DAY = datetime.timedelta(days=1)
# Deliveries between two steps: several times what is in flight at once.
BETWEEN = 60


def one(name):
    return Callback(COMMAND, pairs_body(COMMAND, [("a", name)]))


def serving(directory, issued, *, clients=None, oldest=None, newest=None):
    """A server's context with this certificate; `clients` is the authority whose certificates it demands."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        if newest is ssl.TLSVersion.TLSv1_1:
            context.set_ciphers("DEFAULT:@SECLEVEL=0")
            oldest = ssl.TLSVersion.TLSv1
        if oldest:
            context.minimum_version = oldest
        if newest:
            context.maximum_version = newest
    context.load_cert_chain(*issued.write(directory, "server"))
    if clients:
        context.load_verify_locations(cadata=clients.pem.decode())
        context.verify_mode = ssl.CERT_REQUIRED
    return context


def serve_from_now_on(context, other):
    """New connections of a server with the one context go by the other."""
    def chosen(connection, *_):
        connection.context = other

    # All at once: load_cert_chain would leave a moment in which certificate and key do not belong together.
    context.sni_callback = chosen


def replaced_by_rename(path, content):
    fresh = path.with_name(path.name + ".new")
    fresh.write_bytes(content)
    fresh.rename(path)


def written_in_place(path, content):
    path.write_bytes(content)


def attempts_failed(running):
    metrics = running.metrics()
    return metrics.sum(ATTEMPTS) - metrics.sum(ATTEMPTS, outcome="success")


def test_a_private_authority_is_trusted_by_the_subscriber_that_names_it_alone(gateway, receiver, tmp_path):
    authority = Authority()
    audit = receiver(tls=serving(tmp_path, authority.issue("server")))
    running = gateway(log_level="debug")
    (running.directory / "ca.pem").write_bytes(authority.pem)
    stranger = subscriber(audit, name="stranger", url=audit.url + "/stranger")
    running.write_routes(routes(subscriber(audit, tls={"ca_file": "ca.pem"}), stranger))
    running.start()

    post(running, one("b"))

    audit.wait_for_pairs([("a", "b")])
    eventually(lambda: running.metrics().sum(ATTEMPTS, subscriber="stranger", outcome="tls"), "the stranger is refused")
    assert {delivery.path for delivery in audit.deliveries} == {"/hooks/audit"}


def test_each_of_two_subscribers_at_one_host_shows_its_own_certificate(gateway, receiver, tmp_path):
    authority = Authority()
    audit = receiver(tls=serving(tmp_path, authority.issue("server"), clients=authority))
    running = gateway()
    (running.directory / "ca.pem").write_bytes(authority.pem)
    names = ["one", "two"]
    for name in names:
        authority.issue(f"client {name}").write(running.directory, name)
    running.write_routes(routes(
        *(subscriber(audit, name=name, url=f"{audit.url}/{name}",
                     tls={"certificate_file": f"{name}.pem", "key_file": f"{name}.key"}) for name in names),
        defaults={"tls": {"ca_file": "ca.pem"}}))
    running.start()

    with Traffic(running):
        audit.wait_for_requests(2 * BETWEEN)

    for name in names:
        running.wait_until_settled(name)
        shown = {delivery.client for delivery in audit.deliveries if delivery.path.endswith(name)}
        assert shown == {f"client {name}"}
    assert attempts_failed(running) == 0


@pytest.mark.parametrize("change", [written_in_place, replaced_by_rename])
def test_an_authority_rotates_when_its_file_alone_changes(gateway, receiver, tmp_path, change):
    old, new = Authority("old"), Authority("new")
    context = serving(tmp_path, old.issue("server"))
    audit = receiver(tls=context)
    running = gateway()
    ca_file = running.directory / "ca.pem"
    ca_file.write_bytes(old.pem)
    running.write_routes(routes(subscriber(audit, tls={"ca_file": "ca.pem"})))
    running.start()

    with Traffic(running) as traffic:
        audit.wait_for(BETWEEN)
        change(ca_file, old.pem + new.pem)
        running.wait_for_metric(RELOADS, 1, result="success")
        # Attempts that were begun with the old file alone are over after so many others.
        audit.wait_for(len(audit.ids) + BETWEEN)
        serve_from_now_on(context, serving(tmp_path, new.issue("server")))
        audit.wait_for(len(audit.ids) + BETWEEN)
        change(ca_file, new.pem)
        running.wait_for_metric(RELOADS, 2, result="success")
        audit.wait_for(len(audit.ids) + BETWEEN)

    audit.wait_for_pairs([("a", str(index)) for index in range(1, traffic.begun + 1)])
    running.wait_until_settled("audit")
    assert attempts_failed(running) == 0


def test_an_authority_that_was_missing_is_taken_from_its_file_for_the_next_attempt(gateway, receiver, tmp_path):
    right, wrong = Authority("right"), Authority("wrong")
    audit = receiver(tls=serving(tmp_path, right.issue("server")))
    running = gateway()
    (running.directory / "ca.pem").write_bytes(wrong.pem)
    running.write_routes(routes(subscriber(audit, tls={"ca_file": "ca.pem"})))
    running.start()
    post(running, one("b"))
    eventually(lambda: running.metrics().sum(ATTEMPTS, outcome="tls"), "an attempt is refused")

    (running.directory / "ca.pem").write_bytes(right.pem)

    audit.wait_for_pairs([("a", "b")])


def test_a_client_certificate_and_its_key_rotate_without_a_refused_delivery(gateway, receiver, tmp_path):
    authority = Authority()
    audit = receiver(tls=serving(tmp_path, authority.issue("server"), clients=authority))
    running = gateway(log_level="trace")
    (running.directory / "ca.pem").write_bytes(authority.pem)
    old, new, newest = (authority.issue(name) for name in ("old", "new", "newest"))
    certificate, key = old.write(running.directory, "client")
    running.write_routes(routes(subscriber(audit, tls={
        "ca_file": "ca.pem", "certificate_file": "client.pem", "key_file": "client.key"})))
    running.start()

    with Traffic(running) as traffic:
        audit.wait_for(BETWEEN)
        # The worst moment, held until the gateway has met it: the new certificate lies beside the old key.
        replaced_by_rename(certificate, new.certificate)
        eventually(lambda: running.metrics().sum(RELOADS, result="failure"), "the files that do not fit are refused")
        assert running.status_of("/readyz") == 200
        audit.wait_for(len(audit.ids) + BETWEEN)
        assert {delivery.client for delivery in audit.deliveries} == {"old"}
        replaced_by_rename(key, new.key)
        eventually(lambda: audit.deliveries[-1].client == "new", "the new certificate is shown")
        # And the other way round, without a pause.
        written_in_place(key, newest.key)
        written_in_place(certificate, newest.certificate)
        eventually(lambda: audit.deliveries[-1].client == "newest", "the newest certificate is shown")
        audit.wait_for(len(audit.ids) + BETWEEN)

    audit.wait_for_pairs([("a", str(index)) for index in range(1, traffic.begun + 1)])
    running.wait_until_settled("audit")
    assert attempts_failed(running) == 0
    shown = running.log_text + "".join(
        running.admin("GET", path)[2].decode() for path in ("/metrics", "/v1/stats", "/v1/subscribers/audit"))
    for issued in (old, new, newest):
        for line in issued.key.decode().splitlines():
            assert line not in shown, "a key is shown"


def expired(directory, authority):
    return serving(directory, authority.issue("server", begins=-2 * DAY, ends=-DAY)), None


def not_yet_valid(directory, authority):
    return serving(directory, authority.issue("server", begins=DAY, ends=2 * DAY)), None


def for_another_host(directory, authority):
    return serving(directory, authority.issue("server", host="other.example")), None


def by_another_authority(directory, _):
    return serving(directory, Authority("stranger").issue("server")), None


def with_old_tls(directory, authority):
    return serving(directory, authority.issue("server"), newest=ssl.TLSVersion.TLSv1_1), None


def demanding(version):
    def demand(directory, authority):
        return serving(directory, authority.issue("server"), clients=authority, oldest=version, newest=version), None

    return demand


def demanding_another(version):
    def demand(directory, authority):
        context = serving(directory, authority.issue("server"), clients=authority, oldest=version, newest=version)
        return context, Authority("stranger").issue("gateway")

    return demand


def nothing(*_):
    return None, None


def written(running, authority, identity):
    """Puts the files beside the routes; returns the `tls` that names them."""
    (running.directory / "ca.pem").write_bytes(authority.pem)
    if not identity:
        return {"ca_file": "ca.pem"}
    identity.write(running.directory, "client")
    return {"ca_file": "ca.pem", "certificate_file": "client.pem", "key_file": "client.key"}


TLS12, TLS13 = ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3


@pytest.mark.parametrize("server, sentence", [
    (expired, "the certificate has expired; its owner must renew it"),
    (not_yet_valid, "the certificate is not yet valid; compare its dates with this machine's clock"),
    (for_another_host, "the certificate is for another host: "),
    (by_another_authority, "the certificate is by an unknown issuer: "),
    (with_old_tls, "the server speaks no version of TLS from 1.2 on; it must be brought up to date"),
    (demanding(TLS12), "the server broke off the handshake; if it demands a client certificate, add "),
    (demanding(TLS13), "the server demands a client certificate; give the subscriber "),
    (demanding_another(TLS12), "the server does not know the authority of the client certificate"),
    (demanding_another(TLS13), "the server does not know the authority of the client certificate"),
    (nothing, "the server broke off the TLS handshake without a word, "),
], ids=["expired", "not-yet-valid", "wrong-host", "unknown-issuer", "tls-1.1", "no-client-certificate-1.2",
        "no-client-certificate-1.3", "unknown-client-certificate-1.2", "unknown-client-certificate-1.3", "hanging-up"])
def test_what_is_refused_is_of_the_outcome_tls_and_says_why(gateway, tmp_path, server, sentence):
    authority = Authority()
    context, identity = server(tmp_path, authority)
    running = gateway(log_level="debug")
    tls = written(running, authority, identity)
    with Handshakes(context) as audit:
        running.write_routes(routes(subscriber(audit, unsigned=True, tls=tls)))
        running.start()

        post(running, one("b"))

        line = eventually(
            lambda: next((line for line in running.current_log if str(line.get("error")).startswith(sentence)), None),
            f"an attempt fails with: {sentence}")
    assert line["outcome"] == "tls"
    assert running.metrics().sum(ATTEMPTS, subscriber="audit", outcome="tls") > 0
    assert not audit.heard


@pytest.mark.parametrize("server", [demanding(TLS13), demanding_another(TLS13)], ids=["none", "unknown"])
def test_a_client_certificate_is_refused_with_the_outcome_tls_also_by_a_server_that_does_not_wait(
        gateway, tmp_path, server):
    authority = Authority()
    context, identity = server(tmp_path, authority)
    running = gateway()
    tls = written(running, authority, identity)
    with Handshakes(context, lingers=False) as audit:
        running.write_routes(routes(subscriber(audit, unsigned=True, tls=tls)))
        running.start()

        post(running, one("b"))

        eventually(lambda: running.metrics().sum(ATTEMPTS, subscriber="audit", outcome="tls") >= 10, "ten attempts")
    assert not audit.heard


def test_check_tells_what_is_wrong_with_tls_files(binary, tmp_path):
    authority = Authority()
    authority.issue("one").write(tmp_path, "one")
    authority.issue("two", begins=-2 * DAY, ends=-DAY).write(tmp_path, "two")
    file = tmp_path / "routes.yaml"
    file.write_text("""version: 1
apps: [{sdkappid: 1, tokens: [t]}]
defaults: {unsigned: true}
subscribers:
  - name: mixed
    url: https://127.0.0.1
    events: ["*"]
    tls: {certificate_file: one.pem, key_file: two.key}
  - name: late
    url: https://127.0.0.1
    events: ["*"]
    tls: {ca_file: one.key, certificate_file: two.pem, key_file: two.key}
""")

    run = subprocess.run([binary, "check", file], capture_output=True, text=True, timeout=30, check=False)

    told = run.stdout + run.stderr
    assert run.returncode == 78
    assert 'routes.yaml:8:48: error: the file "two.key" is not the key of the certificate' in told
    assert 'routes.yaml:12:20: error: the file "one.key" holds no certificate in PEM' in told
    assert 'routes.yaml:12:47: warning: the file "two.pem" has expired' in told
