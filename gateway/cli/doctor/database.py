"""The database: where it lies, who can read it, its revision, and whether it is whole."""

import os
import stat
import time
from collections.abc import Iterator
from pathlib import Path

from db import location
from db.engine import DatabaseUnavailable
from db.location import SqliteFile
from db.upkeep.examination import NotADatabase, examine, revision_of
from db.upkeep.progress import Progress

from ...settings import KEY_FILE, Settings
from . import server, storage
from .content import SECONDS, at, unfinished, whole
from .findings import Finding, fail, ok, warn

OTHERS = 0o077


def permissions(settings: Settings) -> Iterator[Finding]:
    """Who can read and write the files of the database; nothing for a server."""
    place = settings.database
    if not isinstance(place, SqliteFile):
        return
    folder = place.path.resolve().parent
    yield from _lies_on(folder)
    if closed := _closed(folder):
        yield closed
        return
    if not folder.is_dir():
        yield _no_folder(settings, folder)
        return
    files = [*location.files(place.path), settings.data_dir / KEY_FILE]
    found = [*_unusable(folder, files), *_open_to_others(settings, folder, files)]
    yield from found or [ok("files", f"only their owner can read those in {folder}")]


def _closed(folder: Path) -> Finding | None:
    """Returns that the folder, or one above it, is closed to this user; None where it is not.

    Nothing can be said of what is in one that is.
    """
    nearest = next(each for each in (folder, *folder.parents) if os.access(each, os.F_OK))
    if os.access(nearest, os.X_OK) or not nearest.is_dir():
        return None
    return _not_ours(nearest)


def _no_folder(settings: Settings, folder: Path) -> Finding:
    if settings.is_embedded:
        return _not_created(folder) or ok("files", f"{folder} is created by the first start")
    advice = "create it, for the user of the service alone"
    return fail("files.folder", f"{folder} does not exist", advice)


def _not_created(folder: Path) -> Finding | None:
    above = next(each for each in folder.parents if each.exists())
    if above.is_dir() and os.access(above, os.W_OK | os.X_OK):
        return None
    return fail(
        "files.folder",
        f"{folder} does not exist, and user {os.geteuid()} cannot create it in {above}",
        "set CONNECT_DATA_DIR to a folder that this user may write to, or create this one for it",
    )


def _lies_on(folder: Path) -> Iterator[Finding]:
    kind = storage.kind_of(folder)
    if kind in storage.NETWORK:
        yield fail(
            "files.network",
            f"{folder} is on a network file system ({kind}), on which SQLite loses data",
            "move the folder to a disk of this machine (CONNECT_DATA_DIR), or use PostgreSQL",
        )
    elif kind in storage.MEMORY:
        yield warn(
            "files.memory",
            f"{folder} is in memory ({kind}), and gone when the machine restarts",
            "set CONNECT_DATA_DIR to a folder on a disk",
        )


def _unusable(folder: Path, files: list[Path]) -> Iterator[Finding]:
    for path in (folder, *files):
        if path.exists() and not os.access(path, os.R_OK | os.W_OK):
            yield _not_ours(path)


def _not_ours(path: Path) -> Finding:
    return fail(
        "files.owner",
        f"{path} belongs to user {path.stat().st_uid} and cannot be read and written by user "
        f"{os.geteuid()}",
        "run the service and its commands as its owner",
    )


def _open_to_others(settings: Settings, folder: Path, files: list[Path]) -> Iterator[Finding]:
    # Nobody reaches files in a folder that is closed.
    if not stat.S_IMODE(folder.stat().st_mode) & OTHERS:
        return
    for path in files:
        mode = stat.S_IMODE(path.stat().st_mode) if path.exists() else 0
        if mode & OTHERS:
            cure = "the next start closes it" if settings.is_embedded else f"chmod 600 {path}"
            message = f"other users may use {path} ({mode:o}), which holds names"
            yield warn("files.open", message, cure)


def content(settings: Settings, progress: Progress) -> Iterator[Finding]:
    """The revision of the database, and what is wrong with what it holds."""
    place = settings.database
    if isinstance(place, SqliteFile) and not place.path.exists():
        yield _missing(settings)
        return
    if isinstance(place, SqliteFile):
        yield from _examined(place, progress)
    else:
        yield from server.examined(place, settings)


def _missing(settings: Settings) -> Finding:
    if settings.is_embedded:
        return ok("database", f"{settings.database} is created by the first start")
    advice = "run migrate, or correct the URL"
    return fail("database.missing", f"{settings.database} does not exist", advice)


class Patience:
    """Shows progress, and interrupts the examination that reports it when its time is over."""

    def __init__(self, progress: Progress) -> None:
        self._progress = progress
        self._until = time.monotonic() + SECONDS
        self.is_over = False

    def __call__(self, what: str, done: int, total: int) -> None:
        """Raises TimeoutError once the time is over."""
        self._progress(what, done, total)
        if time.monotonic() > self._until:
            self.is_over = True
            raise TimeoutError


def _examined(place: SqliteFile, progress: Progress) -> Iterator[Finding]:
    patience = Patience(progress)
    try:
        yield at(place, revision_of(place.path))
        yield from whole(examine(place.path, patience, thorough=False))
    except (NotADatabase, DatabaseUnavailable) as error:
        yield fail("database.unreadable", f"{error}", "restore a backup; if it is new, run migrate")
    except KeyboardInterrupt:
        if not patience.is_over:
            raise
        yield unfinished()
