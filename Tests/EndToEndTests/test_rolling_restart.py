"""Two gateways behind a proxy, of which one is always there: no callback is refused while they are restarted."""

import contextlib

import pytest

from harness import Callback, Tally, eventually, free_port, pairs_body, post, routes, subscriber
from harness.proxy import Proxy
from harness.traffic import COMMAND, Traffic

ROUNDS = 2
POSTERS = 6
PACE_SECONDS = 0.005
# Of each gateway, between its starts and stops: that it has its share of the callbacks again.
CALLBACKS_EACH = 50


@pytest.fixture
def audit(receiver):
    return receiver("audit")


@pytest.fixture
def pair(gateway, audit):
    """Two gateways with the same routes, each with its own journal, that keep their ports over restarts."""
    document = routes(subscriber(audit))
    return [gateway(document, flags=["--linger", "3s"], callback_port=free_port(), admin_port=free_port()).start()
            for _ in "ab"]


@pytest.fixture
def proxy(pair, tmp_path):
    running = Proxy(tmp_path, pair).start()
    yield running
    running.stop()


@contextlib.contextmanager
def load(proxy):
    """Posts over several connections; each answer must be 200 OK. Yields the pairs, which are known at the end."""
    pairs = set()
    with contextlib.ExitStack() as stack:
        posters = [stack.enter_context(Traffic(proxy, sender=f"poster{number}", pace=PACE_SECONDS))
                   for number in range(POSTERS)]
        yield pairs
    for poster in posters:
        pairs |= {(poster.sender, str(number)) for number in range(1, poster.begun + 1)}


def wait_for_its_share(proxy, letter):
    """Until a gateway that has just been started has taken some callbacks; it counts from its start."""
    proxy.wait_until_up(letter)
    running = proxy.gateways[letter]

    def has_its_share():
        return running.metrics().sum("switchyard_callbacks_accepted_total") >= CALLBACKS_EACH

    eventually(has_its_share, f"gateway {letter} takes callbacks")


def test_a_rolling_restart_under_load_refuses_no_callback(proxy, audit):
    with load(proxy) as accepted:
        for _ in range(ROUNDS):
            for letter, running in proxy.gateways.items():
                wait_for_its_share(proxy, letter)
                assert running.terminate() == 0
                running.start()
                wait_for_its_share(proxy, letter)

    audit.wait_for_pairs(accepted)
    assert not Tally([audit]).lost(accepted)
    assert len(accepted) > CALLBACKS_EACH * 2 * ROUNDS


def post_to_both(proxy):
    """Posts as many as surely go to both gateways, over a connection of their own; each must be answered OK."""
    post(proxy, *(Callback(COMMAND, pairs_body(COMMAND, [("a", "b")])) for _ in range(CALLBACKS_EACH)))


def test_a_killed_gateway_is_passed_over_before_the_proxy_has_looked(proxy):
    post_to_both(proxy)

    proxy.gateways["a"].kill()

    post_to_both(proxy)


def test_what_a_gateway_without_a_journal_refuses_is_taken_by_the_other(proxy):
    post_to_both(proxy)

    proxy.gateways["b"].journal_path.unlink()

    post_to_both(proxy)


def test_a_callback_that_two_gateways_take_has_one_id_and_two_times_of_receipt(pair, audit):
    callback = Callback(COMMAND, pairs_body(COMMAND, [("a", "b")]))

    for running in pair:
        post(running, callback)

    audit.wait_for_requests(2)
    first, second = audit.deliveries
    assert first.id == second.id
    assert without_times(first) == without_times(second)
    # Of one gateway that would be wrong, and the receiver knows no difference.
    [told] = eventually(lambda: audit.violations, "the receiver has looked at both")
    assert told.endswith("came with other bytes than before")
    audit.violations.clear()


def without_times(delivery):
    event = delivery.event
    del event["time"], event["data"]["receivedAt"]
    return event
