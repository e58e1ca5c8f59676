"""A PostgreSQL server of the tests' own, which can be stopped, killed and frozen, and databases in it."""

import contextlib
import os
import pathlib
import shutil
import signal
import subprocess
import tempfile

from harness.gateway import clean_environment
from harness.ports import free_port
from harness.waiting import eventually

PROGRAMS = pathlib.Path(os.environ.get("POSTGRES_PROGRAMS", "/usr/lib/postgresql/15/bin"))
# Not in /tmp, which may be memory; and a short path, because a socket's path must be.
FOLDER = "/var/tmp"
ROLE, PASSWORD = "switchyard", "not-to-be-shown"
START_SECONDS = 30
STOP_SECONDS = 30
STATEMENT_SECONDS = 60
# As a server in production, but for its size.
SETTINGS = {
    "fsync": "on", "synchronous_commit": "on", "full_page_writes": "on", "max_connections": "200",
    "shared_buffers": "32MB", "max_wal_size": "256MB", "timezone": "UTC", "log_line_prefix": "%m [%p] %d ",
    "shared_preload_libraries": "pg_stat_statements", "pg_stat_statements.track_utility": "on",
}
STOPS = {"fast": signal.SIGINT, "immediate": signal.SIGQUIT, "smart": signal.SIGTERM}


def unprivileged():
    """What stands before a program that refuses to run as root; should its parent be killed, it ends too."""
    become = ["--reuid", "postgres", "--regid", "postgres", "--init-groups"] if os.geteuid() == 0 else []
    return ["setpriv", *become, "--pdeathsig", "QUIT"]


def private_folder(name):
    """A folder on a real disk for such a program."""
    for leftover in pathlib.Path(FOLDER).glob(f"switchyard-{name}-*-*"):
        if not pathlib.Path("/proc", leftover.name.split("-")[2]).exists():  # Its test run was killed.
            shutil.rmtree(leftover, ignore_errors=True)
    folder = pathlib.Path(tempfile.mkdtemp(prefix=f"switchyard-{name}-{os.getpid()}-", dir=FOLDER))
    if os.geteuid() == 0:
        shutil.chown(folder, "postgres")
    return folder


def hand_over(path, content):
    """Writes a file that such a program may read, and nobody else."""
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    path.chmod(0o600)
    if os.geteuid() == 0:
        shutil.chown(path, "postgres")


def answers(host, port):
    asked = subprocess.run([str(PROGRAMS / "pg_isready"), "--quiet", "--host", str(host), "--port", str(port)],
                           check=False)
    return asked.returncode == 0


class Database:
    """One database of a server; whoever connects through its URL owns it."""

    def __init__(self, server, name):
        self.server = server
        self.name = name

    @property
    def url(self):
        return self.server.url(self.name)

    def query(self, sql):
        """Runs statements as a superuser; returns what they print, a row a line, its columns separated by `|`."""
        return self.server.query(sql, self.name)

    @property
    def connections(self):
        """How many clients there are, this one not counted."""
        return int(self.server.query(
            f"SELECT count(*) FROM pg_stat_activity WHERE datname = '{self.name}' AND backend_type = 'client backend'"))

    def statements(self, like="%"):
        """How often such statements have been run since the server's start."""
        return int(self.server.query(
            "SELECT coalesce(sum(calls), 0) FROM pg_stat_statements JOIN pg_database ON oid = dbid"
            f" WHERE datname = '{self.name}' AND query ILIKE $like${like}$like$"))


def is_running(process):
    """Whether there is such a process, and it has not ended."""
    try:
        return pathlib.Path(f"/proc/{process}/stat").read_text(encoding="ascii").rpartition(")")[2].split()[0] != "Z"
    except (FileNotFoundError, ProcessLookupError):
        return False


class PostgresServer:
    """A real server in a folder of its own, on a port of its own at each of these addresses.

    The socket, in the folder, lets the superuser in without a password; over TCP there is the role `ROLE`. `stop`,
    `kill` and `start` may follow one another as often as a test likes, and the port stays. `start` must be called by
    a thread that outlives the server.
    """

    def __init__(self, *, addresses=("127.0.0.1",), settings=None):
        self.addresses = list(addresses)
        self.settings = {**SETTINGS, **(settings or {})}
        self.folder = None
        self.port = None
        self.process = None
        self._databases = 0
        self._frozen = []

    # Its life.

    def start(self):
        """Starts it and waits until it answers; the first time it is made."""
        assert self.process is None, "it is running"
        is_new = self.folder is None
        if is_new:
            self._make()
        self.launch()
        self.wait_until_up()
        if is_new:
            self.query(f"CREATE ROLE {ROLE} LOGIN PASSWORD '{PASSWORD}'; CREATE EXTENSION pg_stat_statements")
        return self

    def launch(self):
        """Starts it without waiting."""
        options = {"listen_addresses": ",".join(self.addresses), "port": str(self.port),
                   "unix_socket_directories": str(self.folder)}
        with open(self.folder / "log", "ab") as log:
            self.process = subprocess.Popen(
                [*unprivileged(), str(PROGRAMS / "postgres"), "-D", str(self.data),
                 *(f"--{name}={value}" for name, value in options.items())],
                stdin=subprocess.DEVNULL, stdout=log, stderr=log, cwd=self.folder, env=clean_environment())

    def wait_until_up(self):
        def is_up():
            assert self.process.poll() is None, self.log_text[-2000:]
            return answers(self.folder, self.port)

        try:
            eventually(is_up, "PostgreSQL answers", START_SECONDS)
        except AssertionError as error:
            raise AssertionError(f"{error}: {self.log_text[-2000:]}") from error

    def stop(self, how="fast"):
        """Stops it; `immediate` is a crash, after which it recovers. Deletes nothing."""
        if self.process is not None:
            self.thaw()
            self.process.send_signal(STOPS[how])
            self._wait()

    def kill(self):
        """kill -9 of every process of it at once."""
        self.process.send_signal(signal.SIGSTOP)  # First, so that there are no more.
        processes = self.processes()
        self._signal(signal.SIGSTOP, processes)  # None of them may notice that another is gone.
        self._signal(signal.SIGKILL, processes)
        self._frozen = []
        self._wait()
        # What it leaves is somebody else's to wait for; as long as one is there it cannot be started again.
        eventually(lambda: not any(is_running(one) for one in processes), "all its processes have ended")

    def restart(self, how="fast"):
        self.stop(how)
        self.start()

    def freeze(self):
        """Stops every process of it in the middle of whatever it does: connections stay open and say nothing."""
        self.process.send_signal(signal.SIGSTOP)  # First, so that there are no more.
        self._frozen = self.processes()
        self._signal(signal.SIGSTOP, self._frozen)

    def thaw(self):
        self._signal(signal.SIGCONT, reversed(self._frozen))
        self._frozen = []

    def remove(self):
        """Ends it for certain, and deletes it."""
        if self.process is not None:
            self.kill()
        if self.folder is not None:
            shutil.rmtree(self.folder, ignore_errors=True)

    def processes(self):
        """The ids of its processes, the first of all in front."""
        first = self.process.pid
        try:
            children = pathlib.Path(f"/proc/{first}/task/{first}/children").read_text(encoding="ascii")
        except FileNotFoundError:
            children = ""
        return [first, *map(int, children.split())]

    def _make(self):
        assert (PROGRAMS / "postgres").exists(), \
            f"PostgreSQL 15 is not in {PROGRAMS}: run scripts/install-packages test, or set POSTGRES_PROGRAMS"
        self.folder = private_folder("postgres")
        self.port = free_port(self.addresses[0])
        subprocess.run(
            [*unprivileged(), str(PROGRAMS / "initdb"), "--pgdata", str(self.data), "--username", "postgres",
             "--auth-local", "trust", "--auth-host", "scram-sha-256", "--encoding", "UTF8", "--locale", "C.UTF-8",
             "--no-sync"], check=True, capture_output=True, cwd=self.folder, env=clean_environment())
        with open(self.data / "postgresql.conf", "a", encoding="utf-8") as file:
            file.writelines(f"{name} = '{value}'\n" for name, value in self.settings.items())
        with open(self.data / "pg_hba.conf", "a", encoding="utf-8") as file:
            file.write("host all all 0.0.0.0/0 scram-sha-256\n")

    def _wait(self):
        process, self.process = self.process, None
        process.wait(timeout=STOP_SECONDS)

    def _signal(self, number, processes):
        for process in processes:
            with contextlib.suppress(ProcessLookupError):
                os.kill(process, number)

    # What is in it.

    @property
    def data(self):
        return self.folder / "data"

    @property
    def log_text(self):
        return (self.folder / "log").read_text(errors="replace")

    def url(self, database, address=None, password=PASSWORD):
        return f"postgres://{ROLE}:{password}@{address or self.addresses[0]}:{self.port}/{database}"

    def database(self):
        """A new, empty database."""
        self._databases += 1
        name = f"database_{self._databases}"
        self.query(f"CREATE DATABASE {name} OWNER {ROLE}")
        return Database(self, name)

    def query(self, sql, database="postgres"):
        """Runs statements as a superuser; returns what they print, a row a line, its columns separated by `|`."""
        run = subprocess.run(
            [str(PROGRAMS / "psql"), "--no-psqlrc", "--quiet", "--no-align", "--tuples-only", "--set=ON_ERROR_STOP=1",
             "--host", str(self.folder), "--port", str(self.port), "--username", "postgres", "--dbname", database],
            input=sql, capture_output=True, text=True, timeout=STATEMENT_SECONDS, check=False,
            env=clean_environment())
        assert run.returncode == 0, f"{sql}: {run.stderr}"
        return run.stdout.strip("\n")

    def set(self, name, value):
        """Changes a setting that needs no restart, for every connection from now on."""
        self.query(f"ALTER SYSTEM SET {name} = '{value}'")
        self.query("SELECT pg_reload_conf()")
        eventually(lambda: self.query(f"SHOW {name}") == value, f"{name} is {value}")

    def use_tls(self, issued):
        """Shows this certificate from now on, an `Issued`; connections without TLS are refused."""
        hand_over(self.data / "server.crt", issued.certificate)
        hand_over(self.data / "server.key", issued.key)
        rules = (self.data / "pg_hba.conf").read_text(encoding="ascii")
        hand_over(self.data / "pg_hba.conf", rules.replace("\nhost ", "\nhostssl "))
        self.set("ssl", "on")


class PgBouncer:
    """A running PgBouncer in front of a server, which pools connections by transaction."""

    def __init__(self, server):
        self.server = server
        self.port = free_port()
        self.folder = private_folder("pgbouncer")
        self.process = None

    @property
    def log_text(self):
        return (self.folder / "log").read_text(errors="replace")

    def start(self):
        hand_over(self.folder / "users", f'"{ROLE}" "{PASSWORD}"\n')
        hand_over(self.folder / "pgbouncer.ini", (
            f"[databases]\n* = host={self.server.addresses[0]} port={self.server.port}\n"
            "[pgbouncer]\npool_mode = transaction\nlisten_addr = 127.0.0.1\nunix_socket_dir =\n"
            f"listen_port = {self.port}\nauth_type = scram-sha-256\nauth_file = {self.folder}/users\n"
            "max_client_conn = 500\ndefault_pool_size = 20\nserver_login_retry = 1\n"))
        with open(self.folder / "log", "wb") as log:
            self.process = subprocess.Popen(
                [*unprivileged(), shutil.which("pgbouncer", path="/usr/sbin:/usr/bin") or "pgbouncer",
                 str(self.folder / "pgbouncer.ini")],
                stdin=subprocess.DEVNULL, stdout=log, stderr=log, cwd=self.folder, env=clean_environment())
        eventually(self._is_up, "PgBouncer answers", START_SECONDS)
        return self

    def _is_up(self):
        assert self.process.poll() is None, self.log_text
        return answers("127.0.0.1", self.port)

    def url(self, database):
        return f"postgres://{ROLE}:{PASSWORD}@127.0.0.1:{self.port}/{database.name}"

    def stop(self):
        self.process.kill()
        self.process.wait(timeout=STOP_SECONDS)
        shutil.rmtree(self.folder, ignore_errors=True)
