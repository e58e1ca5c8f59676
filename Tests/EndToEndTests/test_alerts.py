"""The alerts: rules that Prometheus takes, of metrics that exist, whose unit tests would notice a change."""

import copy
import re
import subprocess

import pytest
import yaml

from harness import Callback, eventually, pairs_body, post, routes, subscriber
from harness.prometheus import Prometheus, adapted, schema_of
from harness.promql import Mistake, labels_of

TESTS = ["alerts_test.yml", "alerts_days_test.yml"]
PROMTOOL_SECONDS = 100
COMMAND = "Sns.CallbackBlackListAdd"
# Beyond whatever a query answers with.
NEVER = "1e30"
# By name, so that none goes unnoticed, and each has tests of its own.
ALERTS = ["SwitchyardTargetDown", "SwitchyardRestarting", "SwitchyardReloadFailed", "SwitchyardRoutesDiffer",
          "SwitchyardDescriptorsNearLimit", "SwitchyardCallbacksLost", "SwitchyardCallbacksRefused", "SwitchyardCallbacksStopped",
          "SwitchyardAcceptanceSlow", "SwitchyardDecisionsUnjournaled", "SwitchyardDeciderFailing",
          "SwitchyardJournalCommitSlow", "SwitchyardJournalFilling", "SwitchyardJournalAlmostFull",
          "SwitchyardSpoolNotDrained",
          "SwitchyardSubscriberNotClosed", "SwitchyardSubscriberPaused", "SwitchyardSubscriberMisconfigured",
          "SwitchyardDeliveryLag", "SwitchyardOldestUndelivered", "SwitchyardKeepNearlyOver",
          "SwitchyardDeadLettersGrowing", "SwitchyardEventsExpired", "SwitchyardRetriesNearLimit"]
# What is recorded, and the alerts whose unit tests hold it.
RECORDS = {
    "subscriber:switchyard_subscriber_not_closed:max5m":
        ["SwitchyardSubscriberNotClosed", "SwitchyardDeliveryLag", "SwitchyardOldestUndelivered"],
    "subscriber:switchyard_oldest_undelivered_age_seconds": ["SwitchyardOldestUndelivered"],
}


@pytest.fixture(scope="module")
def folder(root):
    return root / "docker/prometheus"


@pytest.fixture(scope="module")
def document(folder):
    return yaml.safe_load((folder / "alerts.yml").read_text())


@pytest.fixture(scope="module")
def unit_tests(folder):
    return {name: yaml.safe_load((folder / name).read_text()) for name in TESTS}


@pytest.fixture
def schema(gateway, receiver, decider):
    """What a gateway exposes that has a subscriber and a decider, and has delivered something."""
    decisions = [decider().entry("C2C.CallbackBeforeSendMsg")]
    running = gateway(routes(subscriber(receiver(), owner="night"), decisions=decisions)).start()
    post(running, Callback(COMMAND, pairs_body(COMMAND, [("a", "b"), ("a", "c")])))
    running.wait_for_metric("switchyard_deliveries_total", 2, result="delivered")
    return schema_of(running.metrics())


def rules(document):
    return [rule for group in document["groups"] for rule in group["rules"]]


def alerts(document):
    return {rule["alert"]: rule for rule in rules(document) if "alert" in rule}


def promtool(*arguments, cwd):
    return subprocess.run(["promtool", *map(str, arguments)], cwd=cwd, capture_output=True, text=True,
                          timeout=PROMTOOL_SECONDS, check=False)


def test_promtool_takes_the_configuration_and_the_rules(folder):
    for kind, name in (("config", "prometheus.yml"), ("rules", "alerts.yml")):
        checked = promtool("check", kind, name, cwd=folder)
        assert checked.returncode == 0, checked.stdout + checked.stderr
        assert "FAILED" not in checked.stdout + checked.stderr


def test_the_unit_tests_of_the_alerts_pass(folder):
    tested = promtool("test", "rules", *TESTS, cwd=folder)

    assert tested.returncode == 0, tested.stdout + tested.stderr
    assert tested.stdout.count("SUCCESS") == len(TESTS)


def test_each_alert_says_what_is_wrong_and_where_to_read_on(document, root):
    runbooks = (root / "docs/metrics.md").read_text()
    headings = re.findall(r"^### (Switchyard\w+)$", runbooks, re.MULTILINE)

    assert list(alerts(document)) == ALERTS
    assert [rule["record"] for rule in rules(document) if "record" in rule] == list(RECORDS)
    assert sorted(headings) == sorted(ALERTS)
    for name, rule in alerts(document).items():
        assert rule["labels"]["severity"] in ("critical", "warning"), name
        assert set(rule["annotations"]) == {"summary", "description", "runbook"}, name
        assert rule["annotations"]["runbook"] == f"docs/metrics.md#{name.lower()}"
        assert "{{" not in rule["annotations"]["summary"], f"{name}: the summary groups, so it has no values"


# The metrics are those that the binary exposes.


def mistakes(document, schema):
    """What is wrong with the rules, given what is exposed."""
    schema, found = dict(schema), []
    for rule in rules(document):
        try:
            labels = labels_of(rule["expr"], schema)
            if "record" in rule:
                schema[rule["record"]] = dict.fromkeys(labels)
            used = {name for text in rule.get("annotations", {}).values()
                    for name in re.findall(r"\$labels\.(\w+)", text)}
            if used - labels:
                raise Mistake(f"{rule['alert']} tells {sorted(used - labels)}, which it does not have")
        except Mistake as mistake:
            found.append(str(mistake))
    return found


def test_the_rules_use_metrics_labels_and_values_that_are_exposed(document, schema):
    assert mistakes(document, schema) == []


@pytest.mark.parametrize(("right", "wrong", "told"), [
    ("switchyard_retries_waiting", "switchyard_retries_wating", "nobody exposes switchyard_retries_wating"),
    ("_lag_seconds_bucket", "_lag_seconds_sum", "le is grouped"),
    ("_lag_seconds_bucket", "_lag_seconds", "nobody exposes switchyard_delivery_lag_seconds"),
    ('state="paused"', 'status="paused"', "has no label status"),
    ('state="paused"', 'state="pause"', "is never 'pause'"),
    ("open|half_open|held", "open|halfopen|held", "is never 'halfopen'"),
    ('outcome!="success"', 'outcome!="succes"', "is never 'succes'"),
    ("instance, app, reason", "instance, application, reason", "application is grouped"),
    ("on (job, instance, subscriber)", "on (job, instance, name)", "name is joined"),
    ("$labels.command", "$labels.commands", "tells ['commands']"),
    ("subscriber:switchyard_oldest_undelivered_age_seconds > 600", "subscriber:switchyard_oldest > 600",
     "nobody exposes subscriber:switchyard_oldest"),
    ("job, instance, subscriber, le", "job, instance, subscriber", "le is read"),
    ('up{job="switchyard"} == 0 or', 'up{target="switchyard"} == 0 or', "up has no label target"),
])
def test_a_rule_of_something_that_is_not_exposed_is_noticed(folder, schema, right, wrong, told):
    text = (folder / "alerts.yml").read_text()
    assert right in text

    found = mistakes(yaml.safe_load(text.replace(right, wrong)), schema)

    assert found and all(told in one for one in found), found


@pytest.mark.parametrize("query", [
    "no_such_function(up)", "sum by (job) (up", "up)", "up[5]", "up{job=switchyard}", "{job=\"switchyard\"}",
    "histogram_quantile(0.9, up)", "sum(1)", "up and 1", "up / on (job, app) up", "up ? 1", "rate(up)) + 1",
    "sum by (job) (up) / sum by (instance) (up)", "sum by (job) (up) and up", ""])
def test_a_query_that_is_not_understood_is_a_mistake(query):
    with pytest.raises(Mistake):
        labels_of(query, {"up": {"job": None, "instance": None}})


@pytest.mark.parametrize(("query", "labels"), [
    ("up", {"job", "instance"}),
    ("sum(up)", set()),
    ("sum by (job) (rate(up[5m] offset 1h))", {"job"}),
    ("sum(up) by (job)", {"job"}),
    ("sum without (job) (-up)", {"instance"}),
    ("topk(3, up)", {"job", "instance"}),
    ("2 * up >= bool 1", {"job", "instance"}),
    ("time() - up", {"job", "instance"}),
    ('absent(up{job="a", instance!="b"})', {"job"}),
    ("up * on (job) group_left (version) info", {"job", "instance", "version"}),
    ("up / ignoring (instance) up", {"job"}),
    ("max_over_time(up[1h:5m]) or sum by (job) (up)", {"job", "instance"}),
    ("vector(1) or up", {"job", "instance"}),
])
def test_the_labels_of_a_query_are_told(query, labels):
    schema = {"up": {"job": None, "instance": None}, "info": {"job": None, "instance": None, "version": None}}
    assert labels_of(query, schema) == labels


# The unit tests hold the alerts.


def cases(unit_tests, alert):
    """The expectations for an alert, in the order of time, for each test of it."""
    found = []
    for document in unit_tests.values():
        for test in document["tests"]:
            mine = [case for case in test["alert_rule_test"] if case["alertname"] == alert]
            if mine:
                found.append([bool(case.get("exp_alerts")) for case in sorted(mine, key=lambda case: minutes(case))])
    return found


def minutes(case):
    parts = re.fullmatch(r"(?:(\d+)h)?(?:(\d+)m)?", case["eval_time"])
    return int(parts[1] or 0) * 60 + int(parts[2] or 0)


@pytest.mark.parametrize("alert", ALERTS)
def test_each_alert_is_seen_silent_then_firing_then_over(unit_tests, alert):
    told = cases(unit_tests, alert)

    assert any(case[0] is False and True in case and case[-1] is False for case in told), told


def changes(rule):
    """The rule with one thing changed each, and a word for it. Its unit tests must notice every one."""
    expression = rule["expr"]
    yield "never", {"expr": f"({expression}) and on () (vector(0) > 1)"}
    if "for" in rule:
        yield "at once", {"for": "0m"}
        yield "twice as late", {"for": twice(rule["for"])}
    elif "alert" in rule:
        yield "late", {"for": "1m"}

    def instead(match, words):
        return f"{words} for {match[0]}", {"expr": expression[:match.start()] + words + expression[match.end():]}

    for match in re.finditer(r"(==|>|<) (\d[\d.]*)(?= |$|\n)", expression):
        for words in thresholds(match[1], float(match[2])):
            yield instead(match, words)
    for match in re.finditer(r"\[(\d+[mh])\]", expression):
        yield instead(match, f"[{twice(match[1])}]")
    for matcher in dict.fromkeys(re.findall(r'\w+(?:=~|!~|!=|=)"[^"]*"', expression)):
        yield f"without {matcher}", {"expr": re.sub(rf"{re.escape(matcher)}(, )?", "", expression)}
    for clause in re.findall(r"^(?:and|unless) .*(?:\n(?!and|unless).*)*", expression, re.MULTILINE):
        yield f"without {clause!r}", {"expr": expression.replace(clause, "")}


def twice(duration):
    return f"{int(duration[:-1]) * 2}{duration[-1]}"


def thresholds(operator, number):
    if operator == "==":
        return [f"== {1 - number:g}"]
    if number == 0:
        return [f"{operator} {NEVER if operator == '>' else '-' + NEVER}", f"{operator}= 0"]
    return [f"{operator} {number * 2:g}", f"{operator} {number / 2:g}"]


@pytest.mark.parametrize("name", [*ALERTS, *RECORDS])
def test_a_change_of_a_rule_is_noticed_by_its_unit_tests(document, unit_tests, tmp_path, name):
    tested_by = RECORDS.get(name, [name])
    files = write_tests(unit_tests, tested_by, tmp_path)

    def tested(change):
        changed = alone(document, tested_by)
        [rule] = [rule for rule in rules(changed) if name in (rule.get("alert"), rule.get("record"))]
        rule.update(change)
        (tmp_path / "alerts.yml").write_text(yaml.safe_dump(changed, sort_keys=False, width=1000))
        run = promtool("test", "rules", *files, cwd=tmp_path)
        return run.returncode == 0, run.stdout + run.stderr

    passed, said = tested({})
    assert passed, said
    unnoticed = []
    for words, change in changes(next(rule for rule in rules(document) if name in rule.values())):
        passed, said = tested(change)
        assert passed or "alertname: " in said or "expr: " in said, f"{words}: {said}"
        if passed:
            unnoticed.append(words)
    assert not unnoticed, f"its unit tests pass although it was changed: {unnoticed}"


def alone(document, names):
    """A copy with these alerts and what is recorded."""
    copied = copy.deepcopy(document)
    for group in copied["groups"]:
        group["rules"] = [rule for rule in group["rules"] if rule.get("alert") in [None, *names]]
    return copied


def write_tests(unit_tests, names, directory):
    """The unit tests of these alerts alone; returns their files."""
    files = []
    for file, document in unit_tests.items():
        tests = []
        for test in document["tests"]:
            mine = [case for case in test["alert_rule_test"] if case["alertname"] in names]
            if mine:
                tests.append({**test, "alert_rule_test": mine})
        if tests:
            (directory / file).write_text(yaml.safe_dump({**document, "tests": tests}, width=1000))
            files.append(file)
    return files


# In a Prometheus that runs.


def test_a_running_prometheus_evaluates_the_rules_and_notices_that_the_gateway_is_gone(
        root, gateway, receiver, tmp_path):
    running = gateway(routes(subscriber(receiver()))).start()
    with Prometheus(tmp_path, adapted(root, tmp_path, running.admin_port)) as prometheus:
        def states():
            rules = [rule for group in prometheus.get("rules")["groups"] for rule in group["rules"]]
            assert all(rule["health"] == "ok" and not rule.get("lastError") for rule in rules), rules
            return {rule["name"]: rule["state"] for rule in rules if rule["type"] == "alerting"}

        inactive = dict.fromkeys(ALERTS, "inactive")
        eventually(lambda: [value for _, value in prometheus.query('up{job="switchyard"}')] == [1], "the target is up")
        eventually(lambda: states() == inactive, "every rule was evaluated, and nothing is wrong", 60)
        running.kill()
        eventually(lambda: states() == {**inactive, "SwitchyardTargetDown": "pending"}, "it is missed", 60)
