"""What Prometheus sees."""

import json
import subprocess
import time

import pytest

from harness import APP, Callback, app, eventually, pairs_body, post, routes, subscriber
from harness.prometheus import Prometheus, adapted

# Section 9 of the contract, as far as this version feeds it.
FAMILIES = {
    "switchyard_build_info": "gauge",
    "switchyard_callbacks_accepted_total": "counter",
    "switchyard_callbacks_duplicate_total": "counter",
    "switchyard_callbacks_unsplit_total": "counter",
    "switchyard_callbacks_rejected_total": "counter",
    "switchyard_events_accepted_total": "counter",
    "switchyard_ack_duration_seconds": "histogram",
    "switchyard_journal_commit_duration_seconds": "histogram",
    "switchyard_journal_size_bytes": "gauge",
    "switchyard_journal_free_bytes": "gauge",
    "switchyard_delivery_attempts_total": "counter",
    "switchyard_delivery_attempt_duration_seconds": "histogram",
    "switchyard_delivery_lag_seconds": "histogram",
    "switchyard_deliveries_total": "counter",
    "switchyard_deliveries_in_flight": "gauge",
    "switchyard_backlog_events": "gauge",
    "switchyard_oldest_undelivered_timestamp_seconds": "gauge",
    "switchyard_retries_waiting": "gauge",
    "switchyard_dead_letters": "gauge",
    "switchyard_subscriber_state": "gauge",
    "switchyard_subscriber_info": "gauge",
    "switchyard_routes_reloads_total": "counter",
    "switchyard_routes_last_reload_successful": "gauge",
    "switchyard_routes_last_reload_success_timestamp_seconds": "gauge",
    "process_cpu_seconds_total": "counter",
    "process_open_fds": "gauge",
    "process_max_fds": "gauge",
    "process_resident_memory_bytes": "gauge",
    "process_virtual_memory_bytes": "gauge",
    "process_start_time_seconds": "gauge",
}
OUTCOMES = ["success", "http_3xx", "http_4xx", "http_5xx", "timeout", "connect", "dns", "tls", "blocked", "other"]
STATES = ["closed", "half_open", "open", "held", "paused", "misconfigured"]
REASONS_OF_AN_APP = ["ip_not_allowed", "bad_signature", "stale_signature", "too_large", "too_slow", "overloaded",
                     "malformed", "journal_unavailable", "loop"]
COMMAND = "Sns.CallbackBlackListAdd"


@pytest.fixture
def running(gateway, receiver):
    """A gateway with two apps and two subscribers, of which one has an owner with characters to escape."""
    second = app(1400000001)
    return gateway(routes(
        subscriber(receiver("audit")), subscriber(receiver("moderation"), owner='the "night"\\shift'),
        apps=[app(), second])).start()


def test_every_family_is_there_from_the_start_with_zeros(running):
    metrics = running.metrics()

    assert {name: metrics.types.get(name) for name in FAMILIES} == FAMILIES
    assert all(metrics.help.get(name) for name in FAMILIES), "a family has no help"
    for one in (str(APP), "1400000001"):
        assert metrics.value("switchyard_callbacks_accepted_total", app=one) == 0
        assert metrics.value("switchyard_callbacks_duplicate_total", app=one) == 0
        for name in ("switchyard_callbacks_unsplit_total", "switchyard_events_accepted_total"):
            zeros = metrics.series(name, app=one)
            assert zeros and all(value == 0 for _, value in zeros), f"{name} of {one}: {zeros}"
        for reason in REASONS_OF_AN_APP:
            assert metrics.value("switchyard_callbacks_rejected_total", app=one, reason=reason) == 0, reason
    for reason in ("method", "unknown_app"):
        assert metrics.value("switchyard_callbacks_rejected_total", app="unknown", reason=reason) == 0
    for one in ("audit", "moderation"):
        for outcome in OUTCOMES:
            assert metrics.value("switchyard_delivery_attempts_total", subscriber=one, outcome=outcome) == 0
        for result in ("delivered", "dead", "expired"):
            assert metrics.value("switchyard_deliveries_total", subscriber=one, result=result) == 0
        for gauge in ("deliveries_in_flight", "backlog_events", "oldest_undelivered_timestamp_seconds",
                      "retries_waiting", "dead_letters"):
            assert metrics.value(f"switchyard_{gauge}", subscriber=one) == 0, gauge
        for histogram in ("delivery_attempt_duration_seconds", "delivery_lag_seconds"):
            assert metrics.value(f"switchyard_{histogram}_count", subscriber=one) == 0
        states = [labels["state"] for labels, _ in metrics.series("switchyard_subscriber_state", subscriber=one)]
        assert sorted(states) == sorted(STATES)
        assert metrics.state(one) == "closed"
    assert metrics.value("switchyard_routes_last_reload_successful") == 1
    assert metrics.value("switchyard_routes_last_reload_success_timestamp_seconds") > 1_700_000_000
    assert metrics.value("switchyard_journal_size_bytes") > 0
    assert metrics.value("switchyard_journal_free_bytes") > 0


def test_promtool_finds_nothing_at_the_start_or_under_way(running):
    promtool_finds_nothing(running.metrics().text)
    post(running, Callback(COMMAND, pairs_body(COMMAND, [("a", "b"), ("a", "c")])))
    running.wait_for_metric("switchyard_deliveries_total", 4, result="delivered")
    promtool_finds_nothing(running.metrics().text)


def promtool_finds_nothing(text):
    check = subprocess.run(["promtool", "check", "metrics"], input=text, text=True, capture_output=True, timeout=30,
                           check=False)
    assert (check.returncode, check.stdout + check.stderr) == (0, "")


def test_the_figures_follow_what_happens(running):
    post(running, Callback(COMMAND, pairs_body(COMMAND, [("a", "b"), ("a", "c")])))
    post(running, Callback("Sns.CallbackFriendAdd", pairs_body("Sns.CallbackFriendAdd", [("a", "d")]), app=1400000001))
    for one in ("audit", "moderation"):
        running.wait_for_metric("switchyard_deliveries_total", 3, subscriber=one, result="delivered")

    metrics = running.metrics()
    assert metrics.value("switchyard_callbacks_accepted_total", app=str(APP)) == 1
    assert metrics.sum("switchyard_events_accepted_total", app=str(APP)) == 2
    [(labels, _)] = [series for series in metrics.series("switchyard_events_accepted_total", app="1400000001")
                     if series[1]]
    assert labels["type"].endswith("friend.added")
    assert metrics.value("switchyard_ack_duration_seconds_count") == 2
    assert metrics.value("switchyard_journal_commit_duration_seconds_count") >= 1
    for one in ("audit", "moderation"):
        assert metrics.value("switchyard_delivery_attempts_total", subscriber=one, outcome="success") == 3
        assert metrics.value("switchyard_delivery_lag_seconds_count", subscriber=one) == 3
        assert metrics.value("switchyard_delivery_attempt_duration_seconds_count", subscriber=one) == 3
        assert metrics.value("switchyard_delivery_lag_seconds_bucket", subscriber=one, le="+Inf") == 3
    [(info, _)] = metrics.series("switchyard_subscriber_info", subscriber="moderation")
    assert info["owner"] == r'the \"night\"\\shift'


def test_the_backlog_and_its_age_are_shown_while_a_subscriber_is_down(gateway, receiver):
    down = receiver("down")
    down.stop()
    running = gateway(routes(subscriber(down, retry={"delays": ["5s"]}))).start()

    post(running, Callback(COMMAND, pairs_body(COMMAND, [("a", "b"), ("a", "c")])))

    running.wait_for_metric("switchyard_retries_waiting", 2, subscriber="down")
    metrics = running.metrics()
    assert metrics.value("switchyard_backlog_events", subscriber="down") == 2
    assert metrics.value("switchyard_delivery_attempts_total", subscriber="down", outcome="connect") >= 2
    oldest = "switchyard_oldest_undelivered_timestamp_seconds"
    eventually(lambda: abs(running.metrics().value(oldest, subscriber="down") - time.time()) < 60, "its age is shown")
    down.start()
    down.wait_for(2)
    running.wait_until_settled("down")
    running.wait_for_metric(oldest, 0, subscriber="down")


def test_series_of_a_removed_subscriber_are_gone(running, receiver):
    running.apply(routes(subscriber(receiver("other"))))

    assert 'subscriber="audit"' not in running.metrics().text
    assert running.metrics().state("other") == "closed"


def test_openmetrics_is_served_when_asked_for(running):
    status, headers, body = running.admin(
        "GET", "/metrics", {"Accept": "application/openmetrics-text; version=1.0.0"})

    assert status == 200
    assert headers["content-type"].startswith("application/openmetrics-text; version=1.0.0")
    assert body.endswith(b"# EOF\n")
    status, headers, body = running.admin("GET", "/metrics")
    assert headers["content-type"].startswith("text/plain; version=0.0.4")
    assert b"# EOF" not in body


def test_a_real_prometheus_scrapes_it(running, root, tmp_path):
    post(running, Callback(COMMAND, pairs_body(COMMAND, [("a", "b"), ("a", "c")])))
    with Prometheus(tmp_path, adapted(root, tmp_path, running.admin_port)) as prometheus:
        def query(expression):
            return [value for _, value in prometheus.query(expression)]

        eventually(lambda: query('up{job="switchyard"}') == [1], "the target is up")
        eventually(lambda: query("sum(switchyard_events_accepted_total)") == [2], "the events are seen")
        delivered = 'sum(switchyard_deliveries_total{result="delivered"})'
        eventually(lambda: query(delivered) == [4], "the deliveries are seen")
        buckets = 'histogram_quantile(0.5, sum by (le) (switchyard_delivery_lag_seconds_bucket)) > 0'
        eventually(lambda: query(buckets), "the histogram gives a quantile")


def test_status_and_subscribers_are_told_as_json(running):
    post(running, Callback(COMMAND, pairs_body(COMMAND, [("a", "b"), ("a", "c")])))
    running.wait_for_metric("switchyard_deliveries_total", 4, result="delivered")

    assert running.document("/v1/stats")
    told = json.dumps(running.document("/v1/subscribers"))
    assert "audit" in told and "moderation" in told
    assert "whsec_" not in told
