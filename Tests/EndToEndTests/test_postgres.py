"""A gateway whose journal is on PostgreSQL: what was answered OK is there, whatever happens to either."""

import contextlib

import pytest

from harness import Callback, Tencent, eventually, free_port, pairs_body, post, routes, subscriber
from harness.authority import Authority
from harness.load import Arrivals, Load
from harness.postgres import PASSWORD
from harness.traffic import COMMAND

DIRECTLY, POOLED = "directly", "through PgBouncer"
# It is refused while it starts, and says so and ends.
REFUSALS = (1, 78)
KILLS = 4
EVENTS_BETWEEN = 150
# A receiver that was away is soon found to be back.
BREAKER = {"probe_every": "200ms"}


def one(name):
    return Callback(COMMAND, pairs_body(COMMAND, [("a", name)]))


@pytest.fixture(params=[DIRECTLY, POOLED])
def way(request):
    return request.param


@pytest.fixture
def journal(way, shared_postgres, pgbouncer, database):
    """The URL of a new database, by either way."""
    return database.url if way == DIRECTLY else pgbouncer(shared_postgres).url(database)


@pytest.fixture
def served(gateway, receiver):
    """Makes a running gateway with this journal and one receiver, on ports that it keeps; returns both."""
    def make(journal, **options):
        audit = receiver("audit")
        running = gateway(routes(subscriber(audit, breaker=BREAKER)), journal=journal, callback_port=free_port(),
                          admin_port=free_port(), **options)
        return running.start(), audit

    return make


def refusal(running):
    """What it says when it cannot start."""
    running.launch()
    code = running.wait()
    assert code in REFUSALS, f"it ended with {code}: {running.log_text}"
    assert PASSWORD not in running.log_text
    return running.log_text


def more_accepted(load, count=EVENTS_BETWEEN):
    goal = len(load.accepted) + count
    eventually(lambda: len(load.accepted) >= goal, "callbacks are accepted")


def check_arrived(load, audit):
    arrivals = Arrivals(audit)
    eventually(lambda: not arrivals.missing(load.accepted), f"all of {len(load.accepted)} events have arrived", 60)
    assert not arrivals.several_ids()


def test_what_is_accepted_is_delivered_and_a_restart_resumes(journal, served):
    running, audit = served(journal)
    post(running, one("before"))
    audit.wait_for_pairs([("a", "before")])

    audit.stop()
    post(running, *map(one, "bcd"))
    assert running.terminate() == 0
    audit.start()
    running.start()

    audit.wait_for_pairs([("a", name) for name in "bcd"])
    running.wait_until_settled("audit")
    post(running, one("after"))
    audit.wait_for_pairs([("a", "after")])
    assert len(audit.acknowledged) == 5, "something came twice"


def test_a_repeat_is_known_also_after_a_restart(journal, served):
    running, audit = served(journal)
    callback = one("b")
    post(running, callback, callback)
    assert running.terminate() == 0
    running.start()
    post(running, callback, one("c"))

    audit.wait_for(2)
    running.wait_until_settled("audit")
    assert len(audit.acknowledged) == 2
    assert running.metrics().sum("switchyard_callbacks_duplicate_total") == 1


def test_kill_9_under_load_loses_nothing(journal, served):
    running, audit = served(journal)

    with Load(running) as load:
        for _ in range(KILLS):
            more_accepted(load)
            running.kill()
            running.start()

    check_arrived(load, audit)


@contextlib.contextmanager
def killed(server):
    server.kill()
    yield
    server.start()


@contextlib.contextmanager
def frozen(server):
    server.freeze()
    yield
    server.thaw()


@contextlib.contextmanager
def stopped(server):
    server.stop()
    yield
    server.start()


@pytest.mark.parametrize("broken", [stopped, killed, frozen])
def test_while_the_server_is_away_callbacks_are_refused_and_none_that_was_accepted_is_lost(
        postgres_server, served, broken):
    server = postgres_server()
    running, audit = served(server.database().url)

    with Load(running) as load:
        more_accepted(load)
        with broken(server):
            eventually(lambda: running.status_of("/readyz") == 503, "it says that it is not ready")
            before = len(load.refused)
            eventually(lambda: len(load.refused) > before, "callbacks are refused")
            assert running.status_of("/livez") == 200
        eventually(lambda: running.status_of("/readyz") == 200, "it is ready again")
        more_accepted(load)

    assert {reply.status for reply in load.refused} == {503}
    assert all(reply.refused for reply in load.refused)
    check_arrived(load, audit)
    running.wait_until_settled("audit")


def test_a_pooler_whose_server_goes_away_and_comes_back_loses_nothing(postgres_server, pgbouncer, served):
    server = postgres_server()
    running, audit = served(pgbouncer(server).url(server.database()))

    with Load(running) as load:
        more_accepted(load)
        server.kill()
        eventually(lambda: running.status_of("/readyz") == 503, "it says that it is not ready")
        server.start()
        eventually(lambda: running.status_of("/readyz") == 200, "it is ready again")
        more_accepted(load)

    check_arrived(load, audit)
    running.wait_until_settled("audit")


def test_connections_that_the_server_ends_are_opened_anew(database, shared_postgres, served):
    running, audit = served(database.url)

    with Load(running) as load:
        for _ in range(5):
            more_accepted(load, 30)
            shared_postgres.query(
                f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{database.name}'")
        more_accepted(load, 30)

    check_arrived(load, audit)


def test_what_is_accepted_is_on_disk_though_the_servers_commits_wait_for_none(way, postgres_server, pgbouncer, served):
    # What is not flushed is lost with the server's processes.
    server = postgres_server(settings={"synchronous_commit": "off", "wal_writer_delay": "10s"})
    database = server.database()
    running, audit = served(database.url if way == DIRECTLY else pgbouncer(server).url(database))
    audit.stop()

    with Load(running) as load:
        more_accepted(load)
        server.kill()
    server.start()
    audit.start()

    check_arrived(load, audit)


# What it refuses.


def test_a_server_that_does_not_sync_is_refused(postgres_server, gateway, receiver):
    server = postgres_server()
    server.set("fsync", "off")

    said = refusal(gateway(routes(subscriber(receiver())), journal=server.database().url))

    assert "fsync" in said


def test_a_wrong_password_a_database_that_is_not_there_and_a_bad_url_are_told_without_the_password(
        shared_postgres, database, gateway, receiver):
    document = routes(subscriber(receiver()))

    wrong = refusal(gateway(document, journal=shared_postgres.url(database.name, password=f"{PASSWORD}-2")))
    assert "password authentication failed" in wrong
    assert "does not exist" in refusal(gateway(document, journal=shared_postgres.url("nowhere")))
    refusal(gateway(document, journal=database.url + "?sslmode=perhaps"))


def test_the_password_is_never_shown(postgres_server, served):
    server = postgres_server()
    running, audit = served(server.database().url, log_level="trace")

    def pages():
        return "".join(running.admin("GET", path)[2].decode() for path in (
            "/", "/metrics", "/readyz", "/v1/stats", "/v1/subscribers", "/v1/subscribers/audit"))

    post(running, one("b"))
    audit.wait_for(1)
    shown = pages()
    server.kill()
    eventually(lambda: running.status_of("/readyz") == 503, "it is not ready")
    tencent = Tencent(running)
    reply = tencent.post(one("c"))
    tencent.close()
    assert reply.status == 503 and reply.refused
    shown += pages() + reply.body.decode()
    server.start()
    eventually(lambda: running.status_of("/readyz") == 200, "it is ready again")
    assert running.terminate() == 0

    assert '"debug"' in running.log_text, "the log was to be a chatty one"
    assert PASSWORD not in shown
    assert PASSWORD not in running.log_text


# TLS to the server.


@pytest.fixture
def authority(tmp_path):
    made = Authority("a database's")
    (tmp_path / "authority.pem").write_bytes(made.pem)
    return made


def verified(url, path):
    return f"{url}?sslmode=verify-full&sslrootcert={path}"


def test_connections_are_encrypted_and_the_server_is_verified(postgres_server, served, authority, tmp_path):
    server = postgres_server()
    server.use_tls(authority.issue("database"))
    database = server.database()

    running, audit = served(verified(database.url, tmp_path / "authority.pem"))
    post(running, one("b"))

    audit.wait_for(1)
    assert server.query("SELECT DISTINCT ssl FROM pg_stat_ssl JOIN pg_stat_activity USING (pid)"
                        f" WHERE datname = '{database.name}'") == "t"
    assert running.metrics().sum("switchyard_callbacks_accepted_total") == 1


@pytest.mark.parametrize("wrong", ["authority", "host"])
def test_a_server_that_cannot_be_verified_gets_no_password(
        postgres_server, gateway, receiver, authority, tmp_path, wrong):
    issuer = Authority("another's") if wrong == "authority" else authority
    server = postgres_server()
    server.use_tls(issuer.issue("database", host="127.0.0.1" if wrong == "authority" else "db.example"))
    journal = verified(server.database().url, tmp_path / "authority.pem")

    said = refusal(gateway(routes(subscriber(receiver())), journal=journal))

    assert "certificate" in said
