"""A real Prometheus as a process, and what a gateway exposes as `harness.promql` wants it."""

import json
import subprocess
import urllib.error
import urllib.parse
import urllib.request

from harness.gateway import clean_environment
from harness.ports import free_port
from harness.waiting import eventually

REQUEST_SECONDS = 10
STOP_SECONDS = 30
# Added to every series by a scrape, with values of the scrape's own.
_TARGET = {"job": None, "instance": None}
# What Prometheus records of each scrape.
_OF_A_SCRAPE = ("up", "scrape_duration_seconds", "scrape_samples_scraped")


def schema_of(metrics):
    """The labels and values of each metric in one scrape, and those that Prometheus adds."""
    schema = {name: dict(_TARGET) for name in _OF_A_SCRAPE}
    for name, labels, _ in metrics.samples:
        known = schema.setdefault(name, dict(_TARGET))
        for label, value in labels.items():
            # Bounds are written as `1` or `1.0`, as the scrape asks.
            known[label] = None if label == "le" else known.get(label, frozenset()) | {value}
    return schema


def adapted(root, directory, port):
    """The repository's configuration in this directory, with this target instead of its own; returns its path."""
    folder = root / "docker/prometheus"
    text = (folder / "prometheus.yml").read_text()
    assert text.count("gateway:8090") == 1
    (directory / "prometheus.yml").write_text(text.replace("gateway:8090", f"127.0.0.1:{port}"))
    (directory / "alerts.yml").write_bytes((folder / "alerts.yml").read_bytes())
    return directory / "prometheus.yml"


class Prometheus:
    """Runs from `with` until its end, in a directory of its own, with this configuration."""

    def __init__(self, directory, config):
        self.directory = directory
        self.config = config
        self.url = f"http://127.0.0.1:{free_port()}"
        self.process = None

    def __enter__(self):
        with open(self.directory / "prometheus.log", "wb") as log:
            self.process = subprocess.Popen(
                ["prometheus", f"--config.file={self.config}", f"--storage.tsdb.path={self.directory / 'tsdb'}",
                 f"--web.listen-address={self.url.removeprefix('http://')}", "--log.level=warn"],
                stdin=subprocess.DEVNULL, stdout=log, stderr=log, env=clean_environment())
        eventually(lambda: self.get("query", query="1"), "Prometheus answers")
        return self

    def __exit__(self, *_):
        self.process.kill()
        self.process.wait(timeout=STOP_SECONDS)

    def get(self, path, **parameters):
        """The `data` of an answer of its API; what is wrong with a query fails the test."""
        assert self.process.poll() is None, (self.directory / "prometheus.log").read_text()
        url = f"{self.url}/api/v1/{path}?{urllib.parse.urlencode(parameters, doseq=True)}"
        try:
            with urllib.request.urlopen(url, timeout=REQUEST_SECONDS) as answer:
                document = json.load(answer)
        except urllib.error.HTTPError as error:
            raise AssertionError(f"{parameters}: {error.read().decode()}") from error
        assert document["status"] == "success" and not document.get("warnings"), document
        return document["data"]

    def query(self, expression):
        """The values of an instant query, as (labels, number) each; of a scalar the one."""
        data = self.get("query", query=expression)
        rows = [{"metric": {}, "value": data["result"]}] if data["resultType"] == "scalar" else data["result"]
        return [(row["metric"], float(row["value"][1])) for row in rows]
