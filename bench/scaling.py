"""Measures the gateway on SQLite and on PostgreSQL, with one process and with several.
Called by `__main__.py` for `--databases`; the rows are those of the comparison with the peers."""

import os
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from statistics import median

from tests.postgresql import Databases, NoServer, PostgreSQL
from tests.postgresql.databases import run as sql

from . import databases, measure, operations, processes
from .dataset import Size
from .measure import Settings, Turns
from .operations import Operation, Subjects
from .processes import Server
from .report import aligned, caveats
from .targets import BOTH, Target, gateway

WORKERS = (1, 2, 4)
SQLITE, POSTGRESQL = "SQLite", "PostgreSQL"
# As a server is set up that must lose nothing; the tests are in a hurry.
DURABLE = {"fsync": "on", "full_page_writes": "on", "shared_buffers": "256MB"}


def layout(database: str, workers: int) -> Target:
    """Return the gateway with a number of processes on one of the databases."""
    settings = {"CONNECT_WORKERS": str(workers)}
    return Target(f"{database}, {workers}", "gateway", BOTH, gateway, settings)


class Beside(Server):
    """A gateway whose processor time is counted together with that of its PostgreSQL."""

    def __init__(self, target: Target, dsn: str, log: Path, postgresql: PostgreSQL) -> None:
        self.postgresql = postgresql
        super().__init__(target, dsn, log)

    def cpu_seconds(self) -> float:
        """Return the processor time of both, of processes that have ended as well."""
        pids = processes.family(self.postgresql.pid)
        return super().cpu_seconds() + sum(map(processes.cpu_seconds, pids))


@contextmanager
def running(size: Size, run: Path, subjects: Subjects) -> Iterator[list[Server]]:
    """Start every layout and stop them all at the end; each has its own copy of the rows."""
    servers: list[Server] = []
    tenant, key = subjects.read[0]
    postgresql = PostgreSQL(settings=DURABLE)
    try:
        for server in started(size, run, postgresql):
            servers.append(server)
            server.wait(f"{operations.PREFIX}{key}/", tenant.token)
        yield servers
    finally:
        for server in servers:
            server.stop()
        postgresql.stop()


def started(size: Size, run: Path, postgresql: PostgreSQL) -> Iterator[Server]:
    """Start the layouts one after another."""
    filled = Databases(postgresql).create()
    move(databases.prepare("gateway", size, run, "moved"), filled.dsn)
    for workers in WORKERS:
        target = layout(SQLITE, workers)
        name = f"sqlite-{workers}"
        database = databases.prepare("gateway", size, run, name)
        yield Server(target, f"sqlite:///{database}", run / f"{name}.log")
    for workers in WORKERS:
        copy = f"workers_{workers}"
        sql(postgresql.dsn(), f"CREATE DATABASE {copy} TEMPLATE {name_of(filled.dsn)}")
        sql(postgresql.dsn(copy), "VACUUM ANALYZE")
        log = run / f"postgresql-{workers}.log"
        yield Beside(layout(POSTGRESQL, workers), postgresql.dsn(copy), log, postgresql)


def name_of(dsn: str) -> str:
    """Return the name of the database of a URL."""
    return dsn.rpartition("/")[2]


def move(path: Path, dsn: str) -> None:
    """Copy a filled file to PostgreSQL, with the command that operators use."""
    settings = {"CONNECT_DATABASE_URL": f"sqlite:///{path}", "CONNECT_SECRET_KEYS": "k" * 43}
    subprocess.run(
        [sys.executable, "-m", "gateway.cli", "move", "--to", dsn],
        env={**os.environ, **settings},
        cwd=processes.ROOT,
        stdout=subprocess.DEVNULL,
        check=True,
    )


def cell(turns: Turns, operation: Operation, name: str) -> str:
    """Write requests/s, their multiple of one process on SQLite, and the processor time of each."""
    taken, base = turns[operation, name], turns[operation, f"{SQLITE}, 1"]
    ratio = median(mine.rate / its.rate for mine, its in zip(taken, base, strict=True))
    rate, cpu = (median(getattr(turn, of) for turn in taken) for of in ("rate", "cpu"))
    return f"{rate:,.0f} ({ratio:.2f}) {cpu:,.0f}"


def measured(size: Size, given: Settings, words: Sequence[str], run: Path) -> None:
    """Time the rows in every layout and print the table; raises NoServer without PostgreSQL."""
    chosen = operations.named(words)
    subjects = Subjects(databases.prepare("gateway", size, run, "subjects"), size)
    try:
        with running(size, run, subjects) as servers:
            names = [each.target.name for each in servers]
            turns = measure.rounds(chosen, servers, subjects, given)
    except NoServer as error:
        print(f"not measured: {error}")
        return
    rows = [("", *names)]
    rows += [(each.label, *(cell(turns, each, name) for name in names)) for each in chosen]
    print(
        "Requests per second (multiple of one process on SQLite), µs of all servers per request\n"
    )
    print(aligned(rows), end="\n\n")
    for line in caveats(turns):
        print(line)
