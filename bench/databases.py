"""Writes the data set into the tables of each target, once per size, and copies it per run.
`__main__.py` calls `prepare`; a ready file is kept in `bench/data/` under a name of its content."""

import hashlib
import shutil
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from datetime import datetime
from itertools import islice
from pathlib import Path
from typing import Any

import orjson

from db import migrate
from db.location import SqliteFile

from . import dataset
from .dataset import Appointment, Size

HERE = Path(__file__).parent
DATA = HERE / "data"
BATCH = 5_000
# Nobody else reads the file yet, and after a crash it is rebuilt.
FILLING = (
    "journal_mode = OFF",
    "synchronous = OFF",
    "locking_mode = EXCLUSIVE",
    "cache_size = -500000",
)
# Made after the rows, sorted, which takes a third of the time; those of constraints stay.
INDEXES = "SELECT name, sql FROM sqlite_master WHERE type = 'index' AND sql IS NOT NULL"
Row = tuple[Any, ...]
Rows = dict[str, Callable[[Appointment], Iterator[Row]]]


def stored(instant: datetime) -> str:
    """Write an instant as the gateway's tables store it."""
    return instant.replace(tzinfo=None).isoformat(timespec="microseconds") + "Z"


def naive(instant: datetime) -> str:
    """Write an instant as Django stores it: no offset, no empty fraction."""
    return str(instant.replace(tzinfo=None))


def naive_full(instant: datetime) -> str:
    """Write an instant as SQLAlchemy stores it: no offset, always six digits."""
    return instant.replace(tzinfo=None).isoformat(sep=" ", timespec="microseconds")


def document(config: dict[str, bool] | None) -> str | None:
    """Write the switches as JSON text."""
    return None if config is None else orjson.dumps(config).decode()


def short(identifier: str) -> str:
    """Write an id as both ORMs store it in SQLite: 32 hexadecimal digits."""
    return identifier.replace("-", "")


def fill(path: Path, tables: Rows, size: Size) -> None:
    """Insert every appointment through each table's statement, without waiting for the disk."""
    connection = sqlite3.connect(path, isolation_level=None)
    for pragma in FILLING:
        connection.execute(f"PRAGMA {pragma}")
    connection.execute("BEGIN")
    indexes = connection.execute(INDEXES).fetchall()
    for name, _ in indexes:
        connection.execute(f'DROP INDEX "{name}"')
    everything = dataset.appointments(size)
    while batch := list(islice(everything, BATCH)):
        for statement, rows in tables.items():
            connection.executemany(statement, (row for each in batch for row in rows(each)))
    for _, definition in indexes:
        connection.execute(definition)
    connection.execute("COMMIT")
    connection.execute("ANALYZE")
    connection.close()


def gateway_rows() -> Rows:
    """Return the statements that fill the gateway's tables; the floor reads the same file."""

    def booked(each: Appointment) -> Iterator[Row]:
        created = stored(each.created_at)
        ended = created if each.status == "cancelled" else None
        yield (
            each.organization.id,
            each.id,
            each.title,
            stored(each.start),
            each.duration_minutes,
            document(each.config),
            each.status,
            ended,
            created,
            len(each.participants),
        )

    def invited(each: Appointment) -> Iterator[Row]:
        created = stored(each.created_at)
        for guest in each.participants:
            yield (guest.id, each.organization.id, each.id, *guest[1:], created)

    return {
        """INSERT INTO appointment (organization_id, id, title, start_date_time, duration_minutes,
           config, status, ended_at, cancelled_at, created_at, updated_at, participant_count,
           version) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?8, ?9, ?9, ?10, 1)""": booked,
        """INSERT INTO participant (id, organization_id, appointment_id, unique_id, display_name,
           role, created_at, updated_at, link_version)
           VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?7, 1)""": invited,
    }


def build_gateway(path: Path, size: Size) -> None:
    """Run the gateway's migrations on a new file and fill it."""
    migrate.upgrade(SqliteFile(path))
    created = stored(dataset.FIRST_CREATION)
    with sqlite3.connect(path) as connection:
        for number, tenant in enumerate(dataset.organizations(size)):
            # Organizations book in turn.
            count = len(range(number, size.appointments, size.organizations))
            digest = hashlib.sha256(tenant.token.encode()).hexdigest()
            connection.execute(
                "INSERT INTO organization (id, name, is_active, event_seq, created_at,"
                " appointment_count) VALUES (?, ?, 1, 0, ?, ?)",
                (tenant.id, tenant.name, created, count),
            )
            connection.execute(
                "INSERT INTO api_token (id, organization_id, name, prefix, digest, scopes,"
                " created_at) VALUES (?1, ?1, 'bench', 'bench', ?2, 'write', ?3)",
                (tenant.id, digest, created),
            )
    connection.close()
    fill(path, gateway_rows(), size)


def build_drf(path: Path, size: Size) -> None:
    """Let Django create the tables of the replica, in a separate process, and fill them."""
    serve("drf", "--database", str(path), "--only-tables")
    keys = {tenant.id: number + 1 for number, tenant in enumerate(dataset.organizations(size))}
    created = naive(dataset.FIRST_CREATION)
    with sqlite3.connect(path) as connection:
        for tenant in dataset.organizations(size):
            connection.execute(
                "INSERT INTO auth_user (id, username, password, email, first_name, last_name,"
                " is_active, is_staff, is_superuser, date_joined)"
                " VALUES (?, ?, '', '', '', '', 1, 0, 0, ?)",
                (keys[tenant.id], tenant.name, created),
            )
            connection.execute(
                "INSERT INTO authtoken_token (key, created, user_id) VALUES (?, ?, ?)",
                (tenant.token, created, keys[tenant.id]),
            )
    connection.close()
    fill(path, orm_rows("oracle_appointment", "oracle_participant", keys, naive), size)


def build_fastapi(path: Path, size: Size) -> None:
    """Let SQLModel create its tables, in a separate process, and fill them."""
    serve("fastapi", "--database", str(path), "--only-tables")
    keys = {tenant.id: number + 1 for number, tenant in enumerate(dataset.organizations(size))}
    with sqlite3.connect(path) as connection:
        for tenant in dataset.organizations(size):
            connection.execute(
                "INSERT INTO organization (id, name, is_active) VALUES (?, ?, 1)",
                (keys[tenant.id], tenant.name),
            )
            connection.execute(
                "INSERT INTO api_token (key, organization_id) VALUES (?, ?)",
                (tenant.token, keys[tenant.id]),
            )
    connection.close()
    fill(path, orm_rows("appointment", "participant", keys, naive_full), size)


def orm_rows(
    appointment: str, participant: str, keys: dict[str, int], text: Callable[[datetime], str]
) -> Rows:
    """Return the statements for the tables of an ORM; only names and instants differ."""

    def booked(each: Appointment) -> Iterator[Row]:
        yield (
            short(each.id),
            keys[each.organization.id],
            each.title,
            text(each.start),
            each.duration_minutes,
            document(each.config),
            each.status,
            text(each.created_at),
        )

    def invited(each: Appointment) -> Iterator[Row]:
        for guest in each.participants:
            yield (short(guest.id), short(each.id), *guest[1:])

    return {
        f"""INSERT INTO {appointment} (id, organization_id, title, start_date_time,
            duration_minutes, config, status, created_at, updated_at)
            VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?8)""": booked,
        f"""INSERT INTO {participant} (id, appointment_id, unique_id, display_name, role)
            VALUES (?, ?, ?, ?, ?)""": invited,
    }


def serve(*arguments: str) -> None:
    """Run one of the targets' programs to its end."""
    subprocess.run([sys.executable, "-m", "bench.serve", *arguments], check=True)


BUILDERS = {
    "gateway": (build_gateway, ("dataset.py", "databases.py", "../db/migrations")),
    "drf": (build_drf, ("dataset.py", "databases.py", "../tests/oracle/models.py")),
    "fastapi": (build_fastapi, ("dataset.py", "databases.py", "fastapi_models.py")),
}


def fingerprint(names: tuple[str, ...]) -> str:
    """Return a digest of the sources that a filled file depends on."""
    digest = hashlib.sha256()
    for name in names:
        source = HERE / name
        for path in sorted(source.rglob("*.py")) if source.is_dir() else [source]:
            digest.update(path.read_bytes())
    return digest.hexdigest()[:12]


def prepare(kind: str, size: Size, run: Path, name: str) -> Path:
    """Return a copy of the filled database for one target of this run, building it when missing."""
    build, sources = BUILDERS[kind]
    ready = DATA / (
        f"{kind}-{size.appointments}-{size.organizations}-{size.seed}-{fingerprint(sources)}.db"
    )
    if not ready.exists():
        begun = time.monotonic()
        partial = ready.with_suffix(".partial")
        partial.unlink(missing_ok=True)
        DATA.mkdir(exist_ok=True)
        for old in DATA.glob(f"{kind}-{size.appointments}-{size.organizations}-{size.seed}-*.db"):
            old.unlink()
        build(partial, size)
        partial.rename(ready)
        print(f"built {ready.name} in {time.monotonic() - begun:.1f} s", flush=True)
    copy = run / f"{name}.db"
    shutil.copyfile(ready, copy)
    return copy
