"""Puts a backup in the place of a SQLite database, which is kept beside it under a dated name."""

import os
import sqlite3
from contextlib import closing, suppress
from datetime import datetime
from itertools import chain, count
from pathlib import Path
from typing import NamedTuple

from .. import location, migrate
from .backup import copy, draft, publish, sync
from .examination import Examination, examine, revision_of
from .occupancy import is_in_use
from .progress import Tell


class RestoreFailed(Exception):
    """Nothing was restored, and the database is as it was; the message says why."""


class Restored(NamedTuple):
    """What was put in place; `aside` is where the database is that stood there before, if any."""

    examination: Examination
    was_migrated: bool
    aside: Path | None


def restore(backup: Path, database: Path, tell: Tell, now: datetime) -> Restored:
    """Verifies a backup, copies it, migrates the copy, and swaps it in as the last step.

    Killed at any moment, this leaves the old database or the new one. Raises RestoreFailed,
    BackupFailed, NotADatabase, DatabaseUnavailable, and the exceptions of Alembic.
    """
    _ensure_known(backup)
    ensure_unused(database)
    found = examine(backup, tell)
    if found.problems:
        raise RestoreFailed(f"{backup} is damaged: {'; '.join(found.problems)}")
    with draft(database) as partial:
        copy(backup, partial, tell)
        was_migrated = migrate.upgrade(location.SqliteFile(partial), tell)
        _ensure_one_file(partial)
        sync(partial)
        ensure_unused(database)
        aside = _set_aside(database, now)
        publish(partial, database, replaces=True)
    return Restored(found, was_migrated, aside)


def _ensure_known(backup: Path) -> None:
    revision = revision_of(backup)
    if revision > migrate.head():
        raise RestoreFailed(
            f"{backup} is at revision {revision}, this release at {migrate.head()}: "
            "restore it with a release that is at least as new"
        )


def ensure_unused(database: Path) -> None:
    """Raises RestoreFailed while another process has the database open."""
    if database.exists() and is_in_use(database):
        raise RestoreFailed(f"{database} is in use: stop the service first")


def _ensure_one_file(database: Path) -> None:
    """Lets everything stand in the file itself: one that is swapped in must need no log."""
    with closing(sqlite3.connect(database, isolation_level=None)) as connection:
        (mode,) = connection.execute("PRAGMA journal_mode = DELETE").fetchone()
    if mode != "delete":
        raise RestoreFailed(f"the log of {database} could not be emptied: it is in use")


def _set_aside(database: Path, now: datetime) -> Path | None:
    """Links the old database to a dated name, with what SQLite keeps beside it.

    A log that stayed would be taken for that of the restored file.
    """
    if not database.exists():
        _remove_log(database)
        return None
    # Of a damaged one the log is set aside with it, as it is.
    with suppress(sqlite3.Error):
        _ensure_one_file(database)
    aside = _free(database.with_name(f"{database.name}.replaced-{now:%Y%m%dT%H%M%SZ}"))
    for old, new in zip(location.files(database), location.files(aside), strict=True):
        if old.exists():
            os.link(old, new)
    sync(database.parent)
    _remove_log(database)
    return aside


def _free(path: Path) -> Path:
    """Returns the path, or one like it when it is taken, as by a restore that was killed."""
    names = chain([path.name], (f"{path.name}-{number}" for number in count(2)))
    return next(free for name in names if not (free := path.with_name(name)).exists())


def _remove_log(database: Path) -> None:
    for beside in location.files(database)[1:]:
        beside.unlink(missing_ok=True)
