"""Opening and migrating the database for a command, with errors that say what to do."""

import os
import signal
import threading
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from typing import TYPE_CHECKING

from db import location
from db import migrate as migrations
from db.engine import DatabaseUnavailable
from db.location import Location, SqliteFile
from db.upkeep import claim as claims
from db.upkeep.access import obstacle
from db.upkeep.progress import Progress

from .. import private
from ..settings import Settings

if TYPE_CHECKING:
    from multiprocessing.connection import Connection

    from db.engine import Database
    from db.upkeep.claim import Claim

ENDING_SECONDS = 0.25


class Unusable(Exception):
    """The database cannot be used; its text is one line that says why and what to do."""


def keep_private(settings: Settings) -> None:
    """Makes the data folder private before it is used; raises Unusable when there is none."""
    try:
        private.keep(settings)
    except OSError as error:
        advice = "set CONNECT_DATA_DIR to a folder that this user may write to"
        raise Unusable(f"{settings.data_dir} cannot be used: {error}; {advice}") from error


def ensure_writable(settings: Settings) -> None:
    """Raises Unusable when this user cannot write the database."""
    # The modes of our own files are set right at start.
    found = obstacle(settings.database, leaves_own=settings.is_embedded)
    if found:
        raise Unusable(found)


MORE_PROCESSES = ". For more processes on one database set CONNECT_WORKERS, or use PostgreSQL"


def claim(settings: Settings, *, to_serve: bool = False) -> "Claim | None":
    """Claims a database that is a file for this process and those that it starts.

    Raises Unusable when another process serves it, with what else there is for who wants to serve.
    """
    try:
        return claims.claim(settings.database)
    except claims.Claimed as claimed:
        raise Unusable(f"{claimed}{MORE_PROCESSES if to_serve else ''}") from claimed
    except OSError as error:
        raise Unusable(f"{settings.database} cannot be used: {error}") from error


def migrate(settings: Settings, *, is_quiet: bool = False) -> bool:
    """Migrates the database to this release; returns whether it was necessary.

    Shows how far it is, unless it `is_quiet`. Raises Unusable when it cannot.
    """
    ensure_writable(settings)
    keep_private(settings)
    _ensure_not_newer(settings)
    place = settings.database
    try:
        if isinstance(place, SqliteFile):
            location.make(place.path)
        with Progress(is_quiet=is_quiet) as progress:
            return migrations.upgrade(place, progress)
    except (OSError, DatabaseUnavailable) as error:
        raise Unusable(f"{place} cannot be used: {error}") from error
    except Exception as error:
        # Alembic and SQLAlchemy raise their own classes; importing those here would be slow.
        reason = getattr(error, "orig", None) or error
        raise Unusable(f"{place} could not be migrated: {reason}") from error


def migrate_apart(settings: Settings, *, is_quiet: bool = False) -> bool:
    """Migrates the database to this release; returns whether it was necessary.

    In a separate process, which frees the 40 MiB that a migration imports, and ends at once with
    this one: the database is then as it was before. Raises Unusable when it fails.
    """
    if not _is_due(settings):
        return migrate(settings, is_quiet=is_quiet)
    _migrate_in_a_child(settings, is_quiet)
    return True


def _migrate_in_a_child(settings: Settings, is_quiet: bool) -> None:
    from multiprocessing import get_context

    _let_threads_end()
    context = get_context("fork")
    ours, theirs = context.Pipe(duplex=False)
    child = context.Process(
        target=_migrate_and_tell, args=(settings, is_quiet, theirs, os.getpid())
    )
    child.start()
    theirs.close()
    try:
        problem: Unusable | None = ours.recv()
    except EOFError:
        child.join()
        raise Unusable(
            f"the migration of {settings.database} was ended by the system, with status "
            f"{child.exitcode}, and changed nothing: look for too little memory, and start again"
        ) from None
    finally:
        child.kill()
        child.join()
    if problem is not None:
        raise problem


def _let_threads_end() -> None:
    """Waits for threads that are over for Python, at most for `ENDING_SECONDS`.

    A server was just asked on a thread. Until the system has ended it, it may hold a lock of
    OpenSSL's, which a copy of this process would wait for in vain.
    """
    until = time.monotonic() + ENDING_SECONDS
    with suppress(OSError):  # Only Linux tells how many there are.
        while len(os.listdir("/proc/self/task")) > threading.active_count():  # noqa: PTH208
            if time.monotonic() >= until:
                return
            time.sleep(0.001)


def _migrate_and_tell(settings: Settings, is_quiet: bool, pipe: "Connection", parent: int) -> None:
    """Migrates, and sends what went wrong or None."""
    # Ctrl+C is for the parent, which ends this process.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    _end_with(parent)
    try:
        migrate(settings, is_quiet=is_quiet)
    except Unusable as problem:
        pipe.send(problem)
    else:
        pipe.send(None)


def _end_with(parent: int) -> None:
    """Ends this process soon after its parent, of which it has inherited the claim and the port."""

    def watch() -> None:
        while os.getppid() == parent:
            time.sleep(0.2)
        os._exit(1)

    threading.Thread(target=watch, daemon=True).start()


def _is_due(settings: Settings) -> bool:
    try:
        return not migrations.is_current(settings.database)
    except DatabaseUnavailable:
        return False  # `migrate` reports the reason.


@asynccontextmanager
async def opened(settings: Settings, program: str) -> "AsyncIterator[Database]":
    """Opens the database for one command; creates the embedded one if it does not exist.

    Raises Unusable when the database is missing, not migrated or cannot be opened.
    """
    place = settings.database
    if settings.is_embedded and _is_missing(place):
        migrate(settings)
    keep_private(settings)
    _ensure_not_newer(settings)
    if not migrations.is_current(place):
        what = "does not exist" if _is_missing(place) else "is not migrated to this release"
        raise Unusable(f"{place} {what}: run `{program} migrate` first")
    from db.connect import open_database

    try:
        database = await open_database(place, settings.server_options)
    except DatabaseUnavailable as error:
        raise Unusable(f"{place} cannot be opened: {error}") from error
    try:
        yield database
    except DatabaseUnavailable:
        ensure_writable(settings)
        raise
    finally:
        await database.close()


def _is_missing(place: Location) -> bool:
    return isinstance(place, SqliteFile) and not place.path.exists()


def _ensure_not_newer(settings: Settings) -> None:
    try:
        revision = migrations.current(settings.database)
    except DatabaseUnavailable as error:
        ensure_writable(settings)
        raise Unusable(f"{settings.database} cannot be read: {error}") from error
    if revision == migrations.MOVING:
        raise Unusable(
            f"{settings.database} holds a move that is not complete: run it again, with the "
            "settings of the database that is moved"
        )
    if revision is not None and revision > migrations.head():
        raise Unusable(
            f"{settings.database} is at revision {revision}, this release at {migrations.head()}: "
            "start a release that is at least as new"
        )
