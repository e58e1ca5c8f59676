"""Secrets rotate while deliveries run, and a subscriber that takes the old or the new one refuses none."""

import pytest

from harness import Answer, eventually, routes, subscriber
from harness.signatures import new_pair, new_secret, verifies
from harness.traffic import Traffic

ATTEMPTS = "switchyard_delivery_attempts_total"
# Deliveries between two steps: several times what is in flight at once.
BETWEEN = 60
# Long enough for many to be in flight whenever the routes change.
ANSWER_SECONDS = 0.02


def symmetric():
    """A secret, and what the subscriber verifies with."""
    secret = new_secret()
    return secret, secret


def number(delivery):
    return int(delivery.pair[1])


@pytest.fixture
def audit(receiver):
    """Answers 401 to what none of its keys verifies, fails every eleventh request, and is never quick."""
    audit = receiver()

    def answer(delivery):
        if not any(verifies(key, delivery.headers, delivery.body) for key in audit.keys):
            return Answer(401)
        return Answer(500 if delivery.number % 11 == 0 else 200, delay=ANSWER_SECONDS)

    audit.answer = answer
    return audit


def none_was_refused(running, audit, traffic, secrets):
    """Everything arrived, nothing was answered 401, and no secret is in the log or on a page."""
    audit.wait_for_pairs([("a", str(index)) for index in range(1, traffic.begun + 1)])
    running.wait_until_settled("audit")
    assert not [delivery for delivery in audit.deliveries if delivery.status == 401]
    assert running.metrics().sum(ATTEMPTS, outcome="http_4xx") == 0
    assert running.metrics().sum(ATTEMPTS, outcome="http_5xx") > 0, "no retry was signed anew"
    shown = running.log_text + "".join(
        running.admin("GET", path)[2].decode() for path in ("/metrics", "/v1/stats", "/v1/subscribers/audit"))
    for secret in secrets:
        assert secret.partition("_")[2] not in shown


@pytest.mark.parametrize("old, new", [(symmetric, symmetric), (symmetric, new_pair), (new_pair, new_pair)])
def test_both_sign_while_one_replaces_the_other(gateway, audit, old, new):
    (old_secret, old_key), (new_secret, new_key) = old(), new()
    audit.keys = [old_key, new_key]
    running = gateway(routes(subscriber(audit, secrets=[old_secret])), log_level="trace").start()

    with Traffic(running) as traffic:
        audit.wait_for(BETWEEN)
        # What is begun after a reload was answered can only be signed by the secrets that it brought into force.
        running.apply(routes(subscriber(audit, secrets=[old_secret, new_secret])))
        both_from = traffic.begun + 1
        audit.wait_for(len(audit.ids) + BETWEEN)
        alone_after = len(audit.deliveries)
        running.apply(routes(subscriber(audit, secrets=[new_secret])))
        new_from = traffic.begun + 1
        audit.wait_for(len(audit.ids) + BETWEEN)

    none_was_refused(running, audit, traffic, [old_secret, new_secret])
    arrived = [(number(delivery), [verifies(key, delivery.headers, delivery.body) for key in audit.keys])
               for delivery in audit.deliveries]
    assert all(by_old for _, (by_old, _) in arrived[:alone_after]), "the old secret stopped signing too early"
    assert all(by_new for index, (_, by_new) in arrived if index >= both_from), "the new secret does not sign"
    assert not any(by_old for index, (by_old, _) in arrived if index >= new_from), "the old secret signs on"


def written_in_place(_, path, text):
    path.write_text(text)


def replaced_by_rename(running, path, text):
    running.write_routes(text, path)


@pytest.mark.parametrize("change", [written_in_place, replaced_by_rename])
def test_a_secret_in_a_file_of_its_own_rotates_when_that_file_alone_changes(gateway, audit, change):
    secrets, audit.keys = map(list, zip(*(kind() for kind in (symmetric, new_pair, new_pair, symmetric))))
    running = gateway(log_level="trace")
    path = running.directory / "secret"
    path.write_text(secrets[0] + "\n")
    running.write_routes(routes(subscriber(audit, secrets=["${file:secret}"])))
    running.start()

    with Traffic(running) as traffic:
        audit.wait_for(BETWEEN)
        for secret, key in list(zip(secrets, audit.keys))[1:]:
            change(running, path, secret + "\n")
            eventually(lambda: verifies(key, audit.deliveries[-1].headers, audit.deliveries[-1].body),
                       "the new secret signs", timeout=10)
            audit.wait_for(len(audit.ids) + BETWEEN)

    none_was_refused(running, audit, traffic, secrets)
