"""Opening and migrating the database for a command, with errors that say what to do."""

import os
import threading
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

from db import location
from db import migrate as migrations
from db.engine import DatabaseUnavailable
from db.location import Location, SqliteFile
from db.upkeep import claim as claims

from .. import private
from ..settings import Settings

if TYPE_CHECKING:
    from db.engine import Database
    from db.upkeep.claim import Claim


class Unusable(Exception):
    """The database cannot be used; its text is one line that says why and what to do."""


def keep_private(settings: Settings) -> None:
    """Makes the data folder private before it is used; raises Unusable when there is none."""
    try:
        private.keep(settings)
    except OSError as error:
        advice = "set CONNECT_DATA_DIR to a folder that this user may write to"
        raise Unusable(f"{settings.data_dir} cannot be used: {error}; {advice}") from error


def claim(settings: Settings) -> "Claim | None":
    """Claims a database that is a file for this process and those that it starts.

    Raises Unusable when another process serves it.
    """
    try:
        return claims.claim(settings.database)
    except claims.Claimed as claimed:
        raise Unusable(str(claimed)) from claimed
    except OSError as error:
        raise Unusable(f"{settings.database} cannot be used: {error}") from error


def migrate(settings: Settings) -> bool:
    """Migrates the database to this release; returns whether it was necessary.

    Raises Unusable when it cannot.
    """
    keep_private(settings)
    _ensure_not_newer(settings)
    place = settings.database
    try:
        if isinstance(place, SqliteFile):
            location.make(place.path)
        return migrations.upgrade(place)
    except (OSError, DatabaseUnavailable) as error:
        raise Unusable(f"{place} cannot be used: {error}") from error
    except Exception as error:
        # Alembic and SQLAlchemy raise their own classes; importing those here would be slow.
        reason = getattr(error, "orig", None) or error
        raise Unusable(f"{place} could not be migrated: {reason}") from error


def migrate_apart(settings: Settings) -> None:
    """Migrates the database to this release, in a separate process if it is necessary.

    A migration imports 40 MiB, which are freed with that process. Raises Unusable when it fails.
    """
    if not _is_due(settings):
        migrate(settings)
        return
    from concurrent.futures import ProcessPoolExecutor
    from multiprocessing import get_context

    with ProcessPoolExecutor(1, get_context("fork"), _end_with, (os.getpid(),)) as pool:
        pool.submit(migrate, settings).result()


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
    finally:
        await database.close()


def _is_missing(place: Location) -> bool:
    return isinstance(place, SqliteFile) and not place.path.exists()


def _ensure_not_newer(settings: Settings) -> None:
    try:
        revision = migrations.current(settings.database)
    except DatabaseUnavailable as error:
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
