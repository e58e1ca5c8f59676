"""The binary under test, and factories for gateways and receivers that end with the test."""

import os
import pathlib

import pytest

from harness import Gateway, Receiver
from harness.admin_commands import AdminCommands
from harness.admin_door import FakeAdminDoor
from harness.checkout import check_out
from harness.decider import Decider
from harness.hosts import Network
from harness.misbehaving import MisbehavingReceiver
from harness.postgres import PgBouncer, PostgresServer

ROOT = pathlib.Path(__file__).parent.parent.parent
LOG_TAIL_LINES = 60


@pytest.fixture(scope="session")
def root():
    """The repository."""
    return ROOT


@pytest.fixture(scope="session")
def binary():
    """The built program: `SWITCHYARD_BINARY`, or what `swift build` leaves."""
    path = pathlib.Path(os.environ.get("SWITCHYARD_BINARY") or ROOT / ".build/debug/switchyard").absolute()
    if not os.access(path, os.X_OK):
        pytest.exit(f"{path} is not there; run `make build`, or set SWITCHYARD_BINARY", returncode=1)
    return path


def running(kind):
    """Makes things of a kind that are started, and at the end stops each; returns them once they are stopped."""
    made = []

    def make(*arguments, **options):
        made.append(kind(*arguments, **options).start())
        return made[-1]

    yield make
    for one in made:
        one.stop()
    return made


def running_within_the_contract(kind):
    """The same of what holds each request against the contract: none may have seen anything against it."""
    made = yield from running(kind)
    for one in made:
        assert not one.violations, f"{one.name} saw {len(one.violations)} violations: {one.violations[:5]}"


@pytest.fixture
def receiver():
    """Makes a running receiver. At the end each is stopped, and must not have seen anything against the contract."""
    yield from running_within_the_contract(Receiver)


@pytest.fixture
def misbehaving():
    """Makes a running misbehaving receiver; at the end each is stopped."""
    yield from running(MisbehavingReceiver)


@pytest.fixture
def decider():
    """Makes a running decider. At the end each is stopped, and must not have seen anything against the contract."""
    yield from running_within_the_contract(Decider)


@pytest.fixture
def admin_door():
    """Makes a stand-in for an admin door. At the end each is stopped, and neither side may have broken the document."""
    yield from running_within_the_contract(FakeAdminDoor)


@pytest.fixture
def commands(binary, tmp_path):
    """Makes the commands over the admin door at a URL."""
    return lambda url, **options: AdminCommands(binary, url, cwd=options.pop("cwd", tmp_path), **options)


@pytest.fixture
def checkout(root, tmp_path):
    """A directory in which `scripts/run` can be run, and the four ports for it."""
    return tmp_path, check_out(root, tmp_path)


@pytest.fixture
def gateway(binary, tmp_path, request):
    """Makes a gateway that is not yet started, in a directory of its own. At the end each is ended."""
    made = []

    def make(routes=None, **options):
        directory = tmp_path / f"gateway-{len(made) + 1}"
        directory.mkdir()
        made.append(Gateway(binary, directory, routes, **options))
        return made[-1]

    yield make
    for one in made:
        one.clean_up()
    if getattr(request.node, "failed", False) or any(one.failure for one in made):
        for one in made:
            print(f"--- the log of {one.directory.name}, its end")
            print("\n".join(one.log_text.splitlines()[-LOG_TAIL_LINES:]))
    assert not any(one.failure for one in made), [one.failure for one in made]


@pytest.fixture(scope="session")
def shared_postgres():
    """A PostgreSQL server that no test may disturb."""
    server = PostgresServer()
    try:
        yield server.start()
    finally:
        server.remove()


@pytest.fixture
def database(shared_postgres):
    """A new database on it."""
    return shared_postgres.database()


@pytest.fixture
def postgres_server():
    """Makes a running PostgreSQL server of the test's own, to be disturbed. At the end each is deleted."""
    made = []

    def make(**options):
        made.append(PostgresServer(**options))
        return made[-1].start()

    yield make
    for one in made:
        one.remove()


@pytest.fixture
def pgbouncer():
    """Makes a running PgBouncer in front of a server; at the end each is stopped."""
    yield from running(PgBouncer)


@pytest.fixture
def network():
    """Three machines of a network of the test's own. Name it before `gateway`, which has to end first."""
    with Network() as made:
        yield made


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item, call):
    report = yield
    if report.when == "call" and report.failed:
        item.failed = True
    return report
