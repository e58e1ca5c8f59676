"""The dashboard: sound as a document, and every query of it asks for something that a running gateway exposes."""

import json
import math
import re
import time

import pytest
import yaml

from harness import Callback, eventually, pairs_body, post, routes, subscriber
from harness.prometheus import Prometheus, adapted, schema_of
from harness.promql import Mistake, labels_of
from harness.receiver import failing
from harness.tencent import Tencent

# What Grafana brings itself.
KINDS = {"row", "stat", "state-timeline", "timeseries"}
COLUMNS = 24
ASKS = "C2C.CallbackBeforeSendMsg"
TELLS = "Sns.CallbackBlackListAdd"
# What Grafana makes of four scrapes.
RATE_INTERVAL = "40s"
LABEL_VALUES = re.compile(r"label_values\((.*), (\w+)\)")


@pytest.fixture(scope="module")
def folder(root):
    return root / "docker/grafana"


@pytest.fixture(scope="module")
def text(folder):
    return (folder / "dashboards/switchyard.json").read_text()


@pytest.fixture(scope="module")
def dashboard(text):
    return json.loads(text)


def drawn(dashboard):
    """The panels that are not headings."""
    return [panel for panel in dashboard["panels"] if panel["type"] != "row"]


def variables(dashboard):
    return {variable["name"]: variable for variable in dashboard["templating"]["list"]}


def legend_labels(target):
    return set(re.findall(r"\{\{\s*(\w+)\s*\}\}", target["legendFormat"]))


# The document.


def test_the_dashboard_is_one_that_can_be_provisioned_again_and_again(dashboard):
    assert dashboard["uid"] == "switchyard" and dashboard["title"] == "Switchyard"
    assert dashboard["id"] is None, "an id is of one installation"
    assert dashboard["schemaVersion"] >= 41
    assert list(variables(dashboard)) == ["datasource", "instance", "subscriber"]
    assert variables(dashboard)["datasource"]["type"] == "datasource"
    for name in ("instance", "subscriber"):
        assert variables(dashboard)[name]["multi"] and variables(dashboard)[name]["includeAll"]


def test_every_panel_has_what_a_reader_needs(dashboard):
    ids = [panel["id"] for panel in dashboard["panels"]]
    assert len(ids) == len(set(ids))
    for panel in dashboard["panels"]:
        assert panel["type"] in KINDS, f"{panel['title']} is a {panel['type']}"
        assert panel["title"].strip()
    for panel in drawn(dashboard):
        title = panel["title"]
        assert panel["description"].endswith("."), title
        assert panel["fieldConfig"]["defaults"]["unit"], title
        assert panel["fieldConfig"]["defaults"]["thresholds"]["steps"], title
        assert panel["targets"], title
        assert len({target["refId"] for target in panel["targets"]}) == len(panel["targets"]), title
        assert all(target["legendFormat"] and target["legendFormat"] != "__auto" for target in panel["targets"]), title


def test_everything_comes_from_the_data_source_that_is_chosen(dashboard):
    chosen = {"type": "prometheus", "uid": "${datasource}"}
    for panel in drawn(dashboard):
        assert panel["datasource"] == chosen and all(target["datasource"] == chosen for target in panel["targets"])
    assert all(variables(dashboard)[name]["datasource"] == chosen for name in ("instance", "subscriber"))


def test_no_panel_covers_another(dashboard):
    taken = {}
    for panel in dashboard["panels"]:
        place = panel["gridPos"]
        assert place["w"] > 0 and place["h"] > 0 and place["x"] >= 0 and place["x"] + place["w"] <= COLUMNS, place
        for x in range(place["x"], place["x"] + place["w"]):
            for y in range(place["y"], place["y"] + place["h"]):
                assert (x, y) not in taken, f"{panel['title']!r} covers {taken[x, y]!r}"
                taken[x, y] = panel["title"]


def test_each_subscriber_has_a_row_of_its_own(dashboard):
    rows = [panel for panel in dashboard["panels"] if panel["type"] == "row"]
    assert [row["title"] for row in rows] == ["At a glance", "Subscriber $subscriber", "Decisions", "Process"]
    assert [row.get("repeat") for row in rows] == [None, "subscriber", None, None]
    first, last = rows[1]["gridPos"]["y"], rows[2]["gridPos"]["y"]
    of_one = [panel for panel in drawn(dashboard) if first < panel["gridPos"]["y"] < last]
    assert len(of_one) >= 11
    for panel in drawn(dashboard):
        if panel["title"] != "Owner":
            asked = ["$subscriber" in target["expr"] for target in panel["targets"]]
            assert asked == [panel in of_one] * len(asked), panel["title"]


def test_what_is_provisioned_fits_together(folder, root):
    sources = yaml.safe_load((folder / "provisioning/datasources/prometheus.yml").read_text())["datasources"]
    [source] = sources
    assert source["type"] == "prometheus" and source["url"] == "http://prometheus:9090"
    scraped = yaml.safe_load((root / "docker/prometheus/prometheus.yml").read_text())["global"]["scrape_interval"]
    assert source["jsonData"]["timeInterval"] == scraped
    [provider] = yaml.safe_load((folder / "provisioning/dashboards/switchyard.yml").read_text())["providers"]
    assert provider["type"] == "file" and provider["options"]["path"] == "/var/lib/grafana/dashboards"


# The queries.


def filled_in(query, **values):
    """A query with its variables replaced, as Grafana does before it asks."""
    values = {"__rate_interval": RATE_INTERVAL, **values}
    query = re.sub(r"\$(\w+)", lambda match: values[match[1]], query)
    assert "$" not in query, query
    return query


def queries(dashboard):
    """Every query with the labels that are shown of its result, and where it stands."""
    for panel in drawn(dashboard):
        for target in panel["targets"]:
            yield target["expr"], legend_labels(target), f"{panel['title']} {target['refId']}"
    for annotation in dashboard["annotations"]["list"]:
        if "expr" in annotation:
            yield annotation["expr"], set(re.findall(r"\{\{(\w+)\}\}", annotation["titleFormat"])), annotation["name"]
    for variable in variables(dashboard).values():
        if variable["type"] == "query":
            asked = LABEL_VALUES.fullmatch(variable["query"]["query"])
            assert asked and variable["definition"] == variable["query"]["query"], variable
            yield asked[1], {asked[2]}, f"${variable['name']}"


def mistakes(dashboard, schema):
    found = []
    for query, shown, where in queries(dashboard):
        try:
            labels = labels_of(filled_in(query, instance="127.0.0.1:8090", subscriber="audit"), schema)
            if missing := shown - labels:
                raise Mistake(f"{sorted(missing)} is shown but is not there in {query!r}")
        except Mistake as mistake:
            found.append(f"{where}: {mistake}")
    return found


@pytest.fixture
def served(gateway, receiver, decider):
    """A gateway whose subscribers are well and failing, and which asks a decider."""
    return gateway(routes(
        subscriber(receiver("audit"), owner="night"), subscriber(receiver("moderation", answer=failing(every=3))),
        decisions=[decider().entry(ASKS)])).start()


@pytest.fixture
def schema(served):
    post(served, Callback(TELLS, pairs_body(TELLS, [("a", "b")])), asking())
    served.wait_for_metric("switchyard_deliveries_total", 2, subscriber="audit", result="delivered")
    return schema_of(served.metrics())


def test_every_query_uses_metrics_labels_and_values_that_are_exposed(dashboard, schema):
    assert mistakes(dashboard, schema) == []


@pytest.mark.parametrize(("right", "wrong", "told"), [
    ("switchyard_backlog_events", "switchyard_backlog", "nobody exposes switchyard_backlog"),
    ("process_open_fds", "process_open_files", "nobody exposes process_open_files"),
    ("switchyard_ack_duration_seconds_bucket", "switchyard_ack_duration_seconds", "nobody exposes"),
    ('result=\\"delivered\\"', 'result=\\"deliverd\\"', "is never 'deliverd'"),
    ('state=\\"open\\"', 'status=\\"open\\"', "has no label status"),
    ("by (outcome)", "by (outcomes)", "outcomes is grouped"),
    ("{{reason}}", "{{reasons}}", "['reasons'] is shown"),
    ("switchyard_build_info, instance", "switchyard_build_info, instances", "['instances'] is shown"),
    ("switchyard_build_info, instance", "switchyard_build, instance", "nobody exposes switchyard_build"),
])
def test_a_query_of_something_that_is_not_exposed_is_noticed(text, schema, right, wrong, told):
    assert right in text

    found = mistakes(json.loads(text.replace(right, wrong)), schema)

    assert found and all(told in one for one in found), found


def test_a_running_prometheus_answers_every_query_with_data(dashboard, root, served, tmp_path):
    values = {"instance": f"127.0.0.1:{served.admin_port}", "subscriber": "audit|moderation"}
    asked = [(filled_in(query, **values), where) for query, _, where in queries(dashboard)]
    by_name = {where: query for query, where in asked}
    stranger = Tencent(served)
    with Prometheus(tmp_path, adapted(root, tmp_path, served.admin_port)) as prometheus:
        def data(query):
            now = time.time()
            data = prometheus.get("query_range", query=query, start=now - 60, end=now, step=5)
            return [row for row in data["result"] if any(math.isfinite(float(value)) for _, value in row["values"])]

        def unanswered():
            post(served, Callback(TELLS, pairs_body(TELLS, [("a", "b"), ("a", "c")])), asking())
            assert stranger.request("GET", "/elsewhere").status == 404
            return [where for query, where in asked if where != "Restarts" and not data(query)]

        eventually(lambda: not unanswered(), "every query has data", 60)
        assert data(by_name["Restarts"]) == [], "the gateway has not been restarted"
        reasons = data(by_name["Refused per second, by reason A"])
        assert {"method"} == {row["metric"]["reason"] for row in reasons
                              if any(float(value) > 0 for _, value in row["values"])}
        told = prometheus.get("label/subscriber/values", **{
            "match[]": f'switchyard_subscriber_state{{instance=~"{values["instance"]}"}}'})
        assert told == ["audit", "moderation"]
    stranger.close()


def asking():
    return Callback(ASKS, json.dumps({"CallbackCommand": ASKS, "From_Account": "a", "To_Account": "b"}).encode())
