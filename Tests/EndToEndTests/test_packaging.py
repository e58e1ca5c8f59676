"""What docker/ has for those who install the gateway: it is valid, it fits together, and the program takes it."""

import os
import re
import signal
import subprocess

import kubernetes_validate
import pytest
import yaml

from harness import Gateway, eventually, routes, subscriber
from harness.commands import run
from harness.gateway import clean_environment
from harness.signatures import new_secret

KUBERNETES = "1.32"
# Ack deadline, and 5 s for the admin door.
STOP_BESIDES_SECONDS = 6.5
MOST_EXPOSED = 20  # Tenths of what systemd-analyze calls exposure: 2.0 of 10.


@pytest.fixture(scope="module")
def docker(root):
    return root / "docker"


@pytest.fixture(scope="module")
def settings(binary):
    """The names of the settings as variables, and the defaults."""
    text = run(binary, "serve", "--help").stdout.partition("OPTIONS:")[2]
    flags = re.findall(r"^  --([a-z-]+) <[^>]+>(.*?)(?=^  -)", text, re.MULTILINE | re.DOTALL)
    found = {}
    for flag, rest in flags:
        default = re.search(r"\(default: (.*)\)", " ".join(rest.split()))
        found["SWITCHYARD_" + flag.replace("-", "_").upper()] = default[1] if default else None
    for name in ("SWITCHYARD_ADMIN_TOKEN", "SWITCHYARD_ADMIN_TOKEN_FILE"):
        found[name] = None
    return found


def seconds(text):
    number, unit = re.fullmatch(r"(\d+)(ms|s|m)", text).groups()
    return int(number) * {"ms": 0.001, "s": 1, "m": 60}[unit]


def stops_within(settings, environment):
    """How long the gateway may take to stop with these settings."""
    return STOP_BESIDES_SECONDS + sum(seconds(environment.get(name, settings[name]))
                                      for name in ("SWITCHYARD_LINGER", "SWITCHYARD_DRAIN"))


def settings_in(environment):
    return {name for name in environment if name.startswith("SWITCHYARD_")}


# The image.

def test_the_image_is_built_from_what_is_not_ignored(docker, root):
    kept = {line[1:] for line in (docker / "Dockerfile.dockerignore").read_text().splitlines() if line.startswith("!")}
    copied = {source for line in (docker / "Dockerfile").read_text().splitlines()
              if line.startswith("COPY ") and "--from=" not in line for source in line.split()[1:-1]}

    assert copied == kept
    assert all((root / path).exists() for path in copied)


@pytest.fixture
def health(docker):
    """Asks for the health of the gateway whose admin door is told so; returns the finished process."""
    def ask(door, *arguments):
        return subprocess.run([docker / "healthcheck", *arguments], env=clean_environment({"SWITCHYARD_ADMIN": door}),
                              capture_output=True, text=True, timeout=30, check=False)
    return ask


def test_the_health_check_tells_a_live_gateway_from_a_ready_one(health, gateway, receiver):
    running = gateway(routes(subscriber(receiver())), flags=["--linger", "60s"]).start()
    door = f"0.0.0.0:{running.admin_port}"
    assert health(door).returncode == 0
    assert health(door, "/readyz").returncode == 0

    running.send_signal(signal.SIGTERM)
    eventually(lambda: running.status_of("/readyz") == 503, "it lingers")

    assert health(door).returncode == 0
    told = health(door, "/readyz")
    assert (told.returncode, told.stderr) == (1, "/readyz answers 503\n")


def test_the_health_check_fails_where_nothing_listens(health):
    told = health("127.0.0.1:1")

    assert told.returncode == 1
    assert "nothing listens at 127.0.0.1, port 1" in told.stderr


# Compose.

@pytest.fixture(scope="module")
def compose(docker):
    return (docker / "compose.yaml").read_text()


@pytest.fixture(scope="module")
def services(compose):
    return yaml.safe_load(compose)["services"]


def test_compose_takes_its_file(compose, docker, tmp_path):
    # Debian's client is older than the key that names the project.
    text = re.sub(r"^name: .*\n", "", compose, flags=re.MULTILINE)
    environment = clean_environment({"AUDIT_SECRET": "a", "MODERATION_SECRET": "b", "ADMIN_TOKEN": "c"})

    told = subprocess.run(["docker-compose", "--project-directory", docker, "--file", "-", "config"], input=text,
                          env=environment, cwd=tmp_path, capture_output=True, text=True, timeout=60, check=False)

    assert told.returncode == 0, told.stderr
    assert yaml.safe_load(told.stdout)["services"].keys() == {
        "gateway", "audit", "moderation", "prometheus", "grafana"}


def test_compose_takes_the_file_that_puts_the_journal_on_postgresql(compose, docker, settings, tmp_path):
    base = tmp_path / "compose.yaml"
    base.write_text(re.sub(r"^name: .*\n", "", compose, flags=re.MULTILINE))
    environment = clean_environment({
        "AUDIT_SECRET": "a", "MODERATION_SECRET": "b", "ADMIN_TOKEN": "c", "POSTGRES_PASSWORD": "d"})

    told = subprocess.run(["docker-compose", "--project-directory", docker, "--file", base,
                           "--file", docker / "compose.postgres.yaml", "config"],
                          env=environment, cwd=tmp_path, capture_output=True, text=True, timeout=60, check=False)

    assert told.returncode == 0, told.stderr
    services = yaml.safe_load(told.stdout)["services"]
    gateway, postgres = services["gateway"], services["postgres"]
    assert settings_in(gateway["environment"]) <= settings.keys()
    assert gateway["environment"]["SWITCHYARD_JOURNAL"] == "postgres://switchyard@postgres/switchyard"
    assert gateway["environment"]["PGPASSWORD"] == postgres["environment"]["POSTGRES_PASSWORD"]
    assert "ports" not in postgres


def test_every_variable_of_compose_is_documented_in_it(compose):
    comments, lines = [], []
    for line in compose.splitlines():
        (comments if line.lstrip().startswith("#") else lines).append(line)
    listed = "\n".join(comments).partition("may stand in .env:")[2]

    assert set(re.findall(r"\$\{([A-Z_]+)", "\n".join(lines))) == set(re.findall(r"\b[A-Z]+_[A-Z_]+\b", listed))


def test_compose_opens_no_port_to_others(services):
    ports = [port for service in services.values() for port in service.get("ports", [])]

    assert len(ports) == 4
    assert all(port.startswith("127.0.0.1:") for port in ports)


def test_the_images_of_compose_are_of_one_version(services):
    for name, service in services.items():
        image, _, version = service["image"].partition(":")
        assert image == "switchyard" or re.fullmatch(r"v?\d+\.\d+\.\d+", version), name


def test_what_compose_mounts_is_there(services, docker):
    named = yaml.safe_load((docker / "compose.yaml").read_text())["volumes"].keys()
    sources = {volume.split(":")[0] for service in services.values() for volume in service.get("volumes", [])}

    assert {source for source in sources if not source.startswith("./")} == named
    folders = {source for source in sources if source.startswith("./")}
    assert folders == {"./config", "./prometheus", "./grafana/provisioning", "./grafana/dashboards"}
    for name in ["config/routes.yaml", "prometheus/prometheus.yml", "prometheus/alerts.yml",
                 "grafana/provisioning/datasources/prometheus.yml", "grafana/provisioning/dashboards/switchyard.yml",
                 "grafana/dashboards/switchyard.json"]:
        assert (docker / name).is_file(), name
        assert any((docker / name).is_relative_to(docker / folder) for folder in folders), name


def test_the_gateway_of_compose_has_settings_that_exist_and_routes_that_are_good(services, docker, settings, binary):
    gateway = services["gateway"]
    assert settings_in(gateway["environment"]) <= settings.keys()
    assert seconds(gateway["stop_grace_period"]) > stops_within(settings, gateway["environment"])

    environment = {"AUDIT_SECRET": new_secret(), "MODERATION_SECRET": new_secret()}
    checked = run(binary, "check", docker / "config/routes.yaml", environment=environment)
    assert checked.returncode == 0, checked.stdout + checked.stderr
    told = yaml.safe_load((docker / "config/routes.yaml").read_text())["subscribers"]
    for one in told:
        listen = services[one["name"]]["command"][2]
        assert one["url"] == f"http://{one['name']}:{listen.rpartition(':')[2]}/"


# Kubernetes.

@pytest.fixture(scope="module")
def kubernetes(docker):
    return docker / "kubernetes"


@pytest.fixture(scope="module")
def kustomization(kubernetes):
    return yaml.safe_load((kubernetes / "kustomization.yaml").read_text())


@pytest.fixture(scope="module")
def objects(kubernetes, kustomization):
    return [one for name in kustomization["resources"] for one in yaml.safe_load_all((kubernetes / name).read_text())]


@pytest.fixture(scope="module")
def pod(objects):
    [stateful] = [one for one in objects if one["kind"] == "StatefulSet"]
    return stateful["spec"]["template"]["spec"]


def test_every_object_is_as_the_schemas_of_kubernetes_say(objects):
    assert {one["kind"] for one in objects} == {"NetworkPolicy", "PodDisruptionBudget", "Service", "StatefulSet"}
    for one in objects:
        kubernetes_validate.validate(one, KUBERNETES, strict=True)


def test_the_kustomization_has_every_file(kubernetes, kustomization, pod):
    files = {path.name for path in kubernetes.glob("*.yaml")}
    [configuration], [secrets] = kustomization["configMapGenerator"], kustomization["secretGenerator"]

    assert files == {*kustomization["resources"], *configuration["files"], "kustomization.yaml"}
    volumes = {volume["name"]: volume for volume in pod["volumes"]}
    assert volumes["routes"]["configMap"]["name"] == configuration["name"]
    assert volumes["secrets"]["secret"]["secretName"] == secrets["name"]
    made = (kubernetes / "kustomization.yaml").read_text().partition("\napiVersion")[0]
    assert all(re.search(rf"\b{path.rpartition('/')[2]}\b", made) for path in secrets["files"])
    assert kustomization["generatorOptions"]["disableNameSuffixHash"] is True


def test_the_objects_choose_the_pods_and_their_ports(objects, pod):
    [stateful] = [one for one in objects if one["kind"] == "StatefulSet"]
    labels = stateful["spec"]["template"]["metadata"]["labels"]
    ports = {port["name"]: port["containerPort"] for port in pod["containers"][0]["ports"]}
    services = {one["metadata"]["name"]: one["spec"] for one in objects if one["kind"] == "Service"}

    assert stateful["spec"]["selector"]["matchLabels"] == labels
    assert stateful["spec"]["serviceName"] in services
    assert all(spec["selector"] == labels for spec in services.values())
    assert all(port["targetPort"] in ports for spec in services.values() for port in spec["ports"])
    for one in objects:
        if one["kind"] == "PodDisruptionBudget":
            assert one["spec"]["selector"]["matchLabels"] == labels
        if one["kind"] == "NetworkPolicy":
            assert one["spec"]["podSelector"]["matchLabels"] == labels
            assert {port["port"] for rule in one["spec"]["ingress"] for port in rule["ports"]} == ports.keys()
    probed = [pod["containers"][0][f"{kind}Probe"]["httpGet"]["port"] for kind in ("startup", "liveness", "readiness")]
    assert probed == ["admin"] * 3
    annotations = stateful["spec"]["template"]["metadata"]["annotations"]
    assert annotations["prometheus.io/port"] == str(ports["admin"])


def test_the_pod_has_settings_that_exist_and_the_time_to_stop(pod, settings, docker):
    container = pod["containers"][0]
    environment = {one["name"]: one["value"] for one in container["env"]}
    image = dict(re.findall(r"\b(SWITCHYARD_[A-Z]+)=(\S+)", (docker / "Dockerfile").read_text()))
    mounts = {one["name"]: one for one in container["volumeMounts"]}

    assert settings_in(environment) == environment.keys() <= settings.keys()
    assert pod["terminationGracePeriodSeconds"] > stops_within(settings, environment)
    assert seconds(environment["SWITCHYARD_LINGER"]) > 0
    assert not any("subPath" in one for one in mounts.values())
    assert environment["SWITCHYARD_ROUTES"] == mounts["routes"]["mountPath"] + "/routes.yaml"
    assert environment["SWITCHYARD_ADMIN_TOKEN_FILE"] == mounts["secrets"]["mountPath"] + "/admin-token"
    assert image["SWITCHYARD_JOURNAL"] == f"sqlite:{mounts['journal']['mountPath']}/switchyard.db"
    user = re.search(r"^USER (\d+):(\d+)$", (docker / "Dockerfile").read_text(), re.MULTILINE)
    assert (str(pod["securityContext"]["runAsUser"]), str(pod["securityContext"]["runAsGroup"])) == user.groups()


class MountedFolder:
    """A folder as the kubelet mounts a ConfigMap or a Secret: links into a hidden one, which is replaced as a whole."""

    def __init__(self, path, files):
        self.path = path
        self.versions = 0
        path.mkdir(parents=True)
        self.replace(files)
        for name in files:
            (path / name).symlink_to(f"..data/{name}")

    def replace(self, files):
        self.versions += 1
        fresh = self.path / f"..version-{self.versions}"
        fresh.mkdir()
        for name, text in files.items():
            (fresh / name).write_text(text)
        (self.path / "..data_tmp").symlink_to(fresh.name)
        os.rename(self.path / "..data_tmp", self.path / "..data")


def test_a_change_of_the_config_map_or_of_the_secret_needs_no_restart(kubernetes, kustomization, gateway):
    text = (kubernetes / "routes.yaml").read_text()
    running = gateway()
    names = [path.rpartition("/")[2] for path in kustomization["secretGenerator"][0]["files"]]
    secrets = MountedFolder(running.directory / "secrets", {name: new_secret() for name in names})
    configuration = MountedFolder(running.directory / "routes", {"routes.yaml": text})
    running.routes_path = running.directory / "routes/routes.yaml"
    running.start()
    assert subscribers_of(running) == {"audit", "moderation"}

    configuration.replace({"routes.yaml": text.replace("name: moderation", "name: safety")})
    eventually(lambda: subscribers_of(running) == {"audit", "safety"}, "the new ConfigMap is in force")

    reloads = running.metrics().sum("switchyard_routes_reloads_total", result="success")
    secrets.replace({name: new_secret() for name in names})
    running.wait_for_metric("switchyard_routes_reloads_total", reloads + 1, result="success")


def subscribers_of(running: Gateway):
    return {one["name"] for one in running.document("/v1/subscribers")["subscribers"]}


# systemd.

@pytest.fixture(scope="module")
def unit(docker):
    return (docker / "systemd/switchyard.service").read_text()


def analyze(*arguments):
    return subprocess.run(["systemd-analyze", *arguments], env=clean_environment(), capture_output=True, text=True,
                          timeout=60, check=False)


def test_systemd_finds_nothing_wrong_with_the_unit(unit, binary, tmp_path):
    # It looks whether the program is there, and nothing is installed for a test.
    (tmp_path / "switchyard.service").write_text(unit.replace("/usr/local/bin/switchyard", str(binary)))

    told = analyze("verify", "--man=no", "--recursive-errors=no", str(tmp_path / "switchyard.service"))

    assert (told.returncode, told.stdout + told.stderr) == (0, "")


def test_the_unit_is_exposed_as_little_as_its_work_allows(docker):
    told = analyze("security", "--offline=true", f"--threshold={MOST_EXPOSED}",
                   str(docker / "systemd/switchyard.service"))

    assert told.returncode == 0, told.stdout + told.stderr


def test_the_unit_has_settings_that_exist_and_the_time_to_stop(unit, settings, docker):
    environment = dict(re.findall(r"^Environment=(\w+)=(.*)$", unit, re.MULTILINE))
    kept = {key: re.search(rf"^{key}=(.*)$", unit, re.MULTILINE)[1]
            for key in ("StateDirectory", "TimeoutStopSec", "User", "WorkingDirectory")}

    assert environment.keys() <= settings.keys()
    assert seconds(kept["TimeoutStopSec"]) > stops_within(settings, environment)
    assert environment["SWITCHYARD_JOURNAL"] == f"sqlite:/var/lib/{kept['StateDirectory']}/switchyard.db"
    assert kept["WorkingDirectory"] == f"/var/lib/{kept['StateDirectory']}"
    users = (docker / "systemd/switchyard.sysusers").read_text().splitlines()
    assert [line.split()[1] for line in users if line.startswith("u ")] == [kept["User"]]
