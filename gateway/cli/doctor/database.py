"""The database: whether only its owner can read it, its revision, and whether it is whole."""

import os
import stat
from collections.abc import Iterator
from pathlib import Path

from db import location
from db.engine import DatabaseUnavailable
from db.location import SqliteFile
from db.upkeep.examination import NotADatabase, examine
from db.upkeep.progress import Progress

from ...settings import KEY_FILE, Settings
from . import server
from .content import at, whole
from .findings import Finding, fail, ok, warn

OTHERS = 0o077


def permissions(settings: Settings) -> Iterator[Finding]:
    """Who can read and write the files of the database; nothing for a server."""
    place = settings.database
    if not isinstance(place, SqliteFile):
        return
    folder = place.path.resolve().parent
    if not folder.is_dir():
        yield _no_folder(settings, folder)
        return
    files = [*location.files(place.path), settings.data_dir / KEY_FILE]
    found = [*_unusable(folder, files), *_open_to_others(settings, folder, files)]
    yield from found or [ok("files", f"only their owner can read those in {folder}")]


def _no_folder(settings: Settings, folder: Path) -> Finding:
    if settings.is_embedded:
        return ok("files", f"{folder} is created by the first start")
    return fail("files", f"{folder} does not exist: create it, for the user of the service alone")


def _unusable(folder: Path, files: list[Path]) -> Iterator[Finding]:
    for path in (folder, *files):
        if path.exists() and not os.access(path, os.R_OK | os.W_OK):
            owner = path.stat().st_uid
            yield fail(
                "files",
                f"{path} belongs to user {owner} and cannot be read and written by user "
                f"{os.geteuid()}: run the service and its commands as its owner",
            )


def _open_to_others(settings: Settings, folder: Path, files: list[Path]) -> Iterator[Finding]:
    # Nobody reaches files in a folder that is closed.
    if not stat.S_IMODE(folder.stat().st_mode) & OTHERS:
        return
    for path in files:
        mode = stat.S_IMODE(path.stat().st_mode) if path.exists() else 0
        if mode & OTHERS:
            cure = "the next start closes it" if settings.is_embedded else f"chmod 600 {path}"
            yield warn("files", f"other users may use {path} ({mode:o}), which holds names: {cure}")


def content(settings: Settings, progress: Progress) -> Iterator[Finding]:
    """The revision of the database, and what is wrong with what it holds."""
    place = settings.database
    if isinstance(place, SqliteFile) and not place.path.exists():
        yield _missing(settings)
        return
    if isinstance(place, SqliteFile):
        yield from _examined(place, progress)
    else:
        yield from server.examined(place)


def _missing(settings: Settings) -> Finding:
    if settings.is_embedded:
        return ok("database", f"{settings.database} is created by the first start")
    return fail("database", f"{settings.database} does not exist: run migrate, or correct the URL")


def _examined(place: SqliteFile, progress: Progress) -> Iterator[Finding]:
    try:
        found = examine(place.path, progress, thorough=False)
    except (NotADatabase, DatabaseUnavailable) as error:
        yield fail("database", f"{error}: run migrate, or restore a backup")
        return
    yield at(place, found.revision)
    yield from whole(found)
