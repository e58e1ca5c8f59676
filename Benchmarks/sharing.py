"""A PostgreSQL server for the benchmarks, and what is known of it besides how fast it is: who wrote how many rows."""

import os
import pathlib
import re
import subprocess

PROGRAMS = pathlib.Path(os.environ.get("POSTGRES_PROGRAMS", "/usr/lib/postgresql/15/bin"))
SCRATCH = pathlib.Path(__file__).resolve().parent.parent / "scripts" / "scratch-postgres"
# Debian's, where the script has smaller ones for tests; and the statements within functions are counted too.
SETTINGS = ("shared_buffers=128MB", "max_wal_size=1GB", "pg_stat_statements.track=all")

# What a row of a table is written for; all others are upkeep: leases, the probe of whether one can write.
PURPOSES = {
    "callback": r"batches(_\d+)?|counter|counts|kept|partitions",
    "delivery": r"lanes|exceptions|attempts|replays",
}


class Server:
    """A server of the benchmark's own, on a real disk, which syncs."""

    def __enter__(self):
        self.process = subprocess.Popen([SCRATCH, *SETTINGS], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        answer = self.process.stdout.readline().split()
        if not answer:
            raise SystemExit("PostgreSQL did not start")
        self.folder, self.port = pathlib.Path(answer[0]), answer[1]
        self.databases = 0
        self.query("CREATE EXTENSION pg_stat_statements")
        return self

    def __exit__(self, *_):
        self.process.stdin.close()
        self.process.wait(60)

    def database(self):
        self.databases += 1
        name = f"bench_{self.databases}"
        self.query(f"CREATE DATABASE {name} OWNER switchyard")
        return Database(self, name)

    def query(self, sql, database="postgres"):
        """As a superuser; the rows, each a list of texts."""
        printed = subprocess.run(
            [PROGRAMS / "psql", "--no-psqlrc", "--quiet", "--no-align", "--tuples-only", "--field-separator=\t",
             "--set=ON_ERROR_STOP=1", f"--host={self.folder}", f"--port={self.port}", "--username=postgres",
             database],
            input=sql, capture_output=True, text=True, check=True).stdout
        return [line.split("\t") for line in printed.splitlines()]

    def cpu_seconds(self):
        """Of all its processes, those that have ended included."""
        first = (self.folder / "data" / "postmaster.pid").read_text().split("\n", 1)[0]
        ticks = 0
        for stat in pathlib.Path("/proc").glob("[0-9]*/stat"):
            try:
                fields = stat.read_text().rsplit(")", 1)[1].split()
            except (FileNotFoundError, ProcessLookupError):
                continue
            if stat.parent.name == first:
                ticks += sum(map(int, fields[11:15]))
            elif fields[1] == first:
                ticks += sum(map(int, fields[11:13]))
        return ticks / os.sysconf("SC_CLK_TCK")


class Database:
    def __init__(self, server, name):
        self.server, self.name = server, name
        self.url = f"postgres://switchyard:switchyard@127.0.0.1:{server.port}/{name}"

    def counts(self):
        """Everything counted so far. Rows of tables are all there only once the gateways have gone: a connection tells
        of them now and then, and when it ends."""
        tables = self.server.query(
            "SELECT relname, n_tup_ins + n_tup_upd + n_tup_del FROM pg_stat_user_tables WHERE schemaname = 'switchyard'",
            self.name)
        statements = self.server.query(
            f"""
            SELECT substring(query FROM '(?:INSERT INTO|UPDATE|DELETE FROM) switchyard\\.(\\w+)') AS written, sum(rows)
            FROM pg_stat_statements JOIN pg_database ON oid = dbid WHERE datname = '{self.name}'
              AND query ~ '^\\s*(INSERT|UPDATE|DELETE|WITH)' GROUP BY written HAVING sum(rows) > 0
            """)
        calls = self.server.query(
            f"""
            SELECT COALESCE(sum(calls), 0) FROM pg_stat_statements JOIN pg_database ON oid = dbid
            WHERE datname = '{self.name}' AND toplevel
            """)
        log = self.server.query("SELECT pg_current_wal_insert_lsn() - '0/0'")
        counted = {f"tables, {purpose}": count for purpose, count in _by_purpose(tables).items()}
        counted |= {f"statements, {purpose}": count for purpose, count in _by_purpose(statements).items()}
        return counted | {"calls": int(calls[0][0]), "log": int(log[0][0])}


def _by_purpose(rows):
    counts = dict.fromkeys([*PURPOSES, "upkeep"], 0)
    for table, count in rows:
        purpose = next((name for name, tables in PURPOSES.items() if re.fullmatch(tables, table)), "upkeep")
        counts[purpose] += int(count)
    return counts


def since(before, after):
    return {name: after[name] - before[name] for name in after}
