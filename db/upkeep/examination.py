"""Examines a SQLite database without changing it: is it whole, and does it agree with itself?"""

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import datetime
from pathlib import Path
from typing import NamedTuple

from ..engine import DatabaseUnavailable
from .occupancy import is_in_use
from .progress import Tell

OPERATIONS_A_LOOK = 200_000
MOST_PROBLEMS = 20
TABLES = ("organization", "api_token", "appointment", "participant", "event")

# Each question counts rows that contradict others; the columns are those of later revisions.
DISAGREEMENTS = {
    "appointments whose number of participants is not the stored one": (
        "appointment.participant_count",
        "SELECT count(*) FROM appointment AS a WHERE participant_count <> (SELECT count(*)"
        " FROM participant AS p WHERE p.organization_id = a.organization_id"
        " AND p.appointment_id = a.id)",
    ),
    "organizations whose number of appointments is not the stored one": (
        "organization.appointment_count",
        "SELECT count(*) FROM organization AS o WHERE appointment_count <>"
        " (SELECT count(*) FROM appointment AS a WHERE a.organization_id = o.id)",
    ),
    "organizations whose events have gaps": (
        "organization.event_floor",
        "SELECT count(*) FROM organization AS o WHERE event_seq - event_floor <>"
        " (SELECT count(*) FROM event AS e WHERE e.organization_id = o.id"
        " AND e.seq > o.event_floor AND e.seq <= o.event_seq) OR event_seq <"
        " (SELECT coalesce(max(seq), 0) FROM event AS e WHERE e.organization_id = o.id)",
    ),
}
LATEST = (
    "SELECT max(occurred_at) FROM organization AS o JOIN event AS e"
    " ON e.organization_id = o.id AND e.seq = o.event_seq"
)


class NotADatabase(Exception):
    """The file is no database of ours; the message says what it is instead."""


class Examination(NamedTuple):
    """What a file holds: its revision, its rows by table, and what is wrong with it.

    Rows and the time of the latest event are left out where something is wrong.
    """

    revision: str
    rows: dict[str, int]
    problems: list[str]
    latest_event_at: datetime | None

    def summary(self) -> str:
        """Returns what it holds, in words."""
        names = {"api_token": "tokens"}
        rows = (f"{count:,} {names.get(name, name + 's')}" for name, count in self.rows.items())
        return f"{', '.join(rows)}; revision {self.revision}"


def examine(path: Path, tell: Tell | None = None, *, thorough: bool = True) -> Examination:
    """Reads all of a database; `thorough` also compares its indexes with its tables.

    Raises NotADatabase, and DatabaseUnavailable when the file cannot be read.
    """
    revision = revision_of(path)
    with closing(opened(path, is_at_rest=is_at_rest(path))) as connection:
        if tell is not None:
            connection.set_progress_handler(_teller(tell), OPERATIONS_A_LOOK)
        try:
            connection.execute("BEGIN")  # one snapshot, also while a server writes
            problems = list(_damage(connection, thorough))
            problems += [] if problems else _disagreements(connection)
            if not problems:
                return Examination(revision, _rows(connection), [], _latest(connection))
        except sqlite3.DatabaseError as error:
            if getattr(error, "sqlite_errorcode", 0) == sqlite3.SQLITE_INTERRUPT:
                raise KeyboardInterrupt from error
            problems = [str(error)]
    return Examination(revision, {}, problems, None)


def revision_of(path: Path) -> str:
    """Returns the revision of a database; raises NotADatabase, and DatabaseUnavailable."""
    if not path.is_file():
        raise NotADatabase(f"{path} is no file" if path.exists() else f"{path} does not exist")
    known = "SELECT 1 FROM sqlite_master WHERE name = 'alembic_version'"
    try:
        with closing(opened(path, is_at_rest=is_at_rest(path))) as connection:
            if connection.execute(known).fetchone() is not None:
                row = connection.execute("SELECT version_num FROM alembic_version").fetchone()
                if row is not None:
                    return str(row[0])
    except sqlite3.Error as error:
        raise DatabaseUnavailable(f"{path} cannot be read: {error}") from error
    raise NotADatabase(f"{path} is no database of this service: it has no revision")


def is_at_rest(path: Path) -> bool:
    """Whether no other process has the file open, as far as this one may know."""
    try:
        return not is_in_use(path)
    except OSError:
        return False


def opened(path: Path, *, is_at_rest: bool = False) -> sqlite3.Connection:
    """Opens a database for reading; raises sqlite3.Error.

    Of one that `is_at_rest` nobody may begin to write: SQLite then makes no files beside it.
    """
    log = path.with_name(path.name + "-wal")
    still = "&immutable=1" if is_at_rest and not (log.exists() and log.stat().st_size) else ""
    return sqlite3.connect(
        f"{path.resolve().as_uri()}?mode=ro{still}", uri=True, isolation_level=None
    )


def _teller(tell: Tell) -> Callable[[], None]:
    return lambda: tell("verifying", 0, 0)


def _damage(connection: sqlite3.Connection, thorough: bool) -> Iterator[str]:
    check = "integrity_check" if thorough else "quick_check"
    for (line,) in connection.execute(f"PRAGMA {check}({MOST_PROBLEMS})"):
        if line != "ok":
            yield from line.splitlines()
    lost = connection.execute("PRAGMA foreign_key_check").fetchmany(MOST_PROBLEMS)
    for table, rowid, parent, _ in lost:
        yield f"row {rowid} of {table} belongs to a row of {parent} that is not there"


def _disagreements(connection: sqlite3.Connection) -> list[str]:
    found = []
    for what, (column, question) in DISAGREEMENTS.items():
        if not _has(connection, *column.split(".")):
            continue
        (count,) = connection.execute(question).fetchone()
        found += [f"{count:,} {what}"] if count else []
    return found


def _has(connection: sqlite3.Connection, table: str, column: str) -> bool:
    return any(row[1] == column for row in connection.execute(f"PRAGMA table_info({table})"))


def _rows(connection: sqlite3.Connection) -> dict[str, int]:
    counts = "SELECT count(*) FROM "
    return {table: connection.execute(counts + table).fetchone()[0] for table in TABLES}


def _latest(connection: sqlite3.Connection) -> datetime | None:
    """Returns when the latest event happened: of all organizations, that of the highest number."""
    (latest,) = connection.execute(LATEST).fetchone()
    return None if latest is None else datetime.fromisoformat(latest)
