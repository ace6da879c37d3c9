"""The database as the commands find it: migrated when that is theirs to do, else explained."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

from db import location
from db import migrate as migrations
from db.engine import DatabaseUnavailable

from .. import private
from ..settings import Settings

if TYPE_CHECKING:
    from db.engine import Database


class Unusable(Exception):
    """The database cannot be used; its text is one line that says why and what to do."""


def keep_private(settings: Settings) -> None:
    """Closes the data folder to others before it is used; raises Unusable when there is none."""
    try:
        private.keep(settings)
    except OSError as error:
        raise Unusable(f"{settings.data_dir} cannot be used: {error}") from error


def migrate(settings: Settings) -> bool:
    """Brings the database to this release and returns whether that was due.

    Raises Unusable when it cannot.
    """
    path = settings.database
    keep_private(settings)
    _ensure_not_newer(settings)
    try:
        location.make(path)
        return migrations.upgrade(path)
    except (OSError, DatabaseUnavailable) as error:
        raise Unusable(f"{path} cannot be used: {error}") from error
    except Exception as error:
        # Alembic and SQLAlchemy, which nobody has imported yet, raise classes of their own.
        reason = getattr(error, "orig", None) or error
        raise Unusable(f"{path} could not be migrated: {reason}") from error


def migrate_apart(settings: Settings) -> None:
    """Brings the database to this release, in a process of its own when that is due.

    What a migration imports, 40 MiB, ends with it. Raises Unusable when it cannot.
    """
    if not _is_due(settings):
        migrate(settings)
        return
    from concurrent.futures import ProcessPoolExecutor
    from multiprocessing import get_context

    with ProcessPoolExecutor(1, get_context("fork")) as pool:
        pool.submit(migrate, settings).result()


def _is_due(settings: Settings) -> bool:
    try:
        return not migrations.is_current(settings.database)
    except DatabaseUnavailable:
        return False  # `migrate` says why.


@asynccontextmanager
async def opened(settings: Settings, program: str) -> "AsyncIterator[Database]":
    """Opens the database for one command; makes the embedded one when there is none.

    Raises Unusable for one given by URL that is not migrated.
    """
    path = settings.database
    if settings.is_embedded and not path.exists():
        migrate(settings)
    keep_private(settings)
    _ensure_not_newer(settings)
    if not migrations.is_current(path):
        what = "is not migrated to this release" if path.exists() else "does not exist"
        raise Unusable(f"{path} {what}: run `{program} migrate` first")
    from db.connect import open_database

    try:
        database = await open_database(path)
    except DatabaseUnavailable as error:
        raise Unusable(f"{path} cannot be opened: {error}") from error
    try:
        yield database
    finally:
        await database.close()


def _ensure_not_newer(settings: Settings) -> None:
    try:
        revision = migrations.current(settings.database)
    except DatabaseUnavailable as error:
        raise Unusable(f"{settings.database} cannot be read: {error}") from error
    if revision is not None and revision > migrations.head():
        raise Unusable(
            f"{settings.database} is at revision {revision}, this release at {migrations.head()}: "
            "start a release that is at least as new"
        )
