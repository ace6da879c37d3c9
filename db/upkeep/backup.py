"""Copies a SQLite database while it is written to: consistent, compact, verified, private."""

import errno
import fcntl
import os
import shutil
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from datetime import datetime
from pathlib import Path
from typing import NamedTuple

from .. import location
from .examination import (
    OPERATIONS_A_LOOK,
    Examination,
    examine,
    opened,
    revision_of,
)
from .progress import Tell

# What linking fails with on file systems that have one name for each file, such as exFAT.
WITHOUT_LINKS = {errno.EPERM, errno.ENOSYS, errno.ENOTSUP, errno.EOPNOTSUPP, errno.EMLINK}
# How often a draft is looked for: each time another process was quicker, or one was killed.
ATTEMPTS = 100


class BackupFailed(Exception):
    """No backup was made, and nothing was replaced; the message says why and what to do."""


class Backup(NamedTuple):
    """A verified backup."""

    path: Path
    bytes: int
    examination: Examination


def place_of(path: Path, database: Path, now: datetime) -> Path:
    """Returns the file for a backup: the path itself, or a dated name in the folder it names."""
    if not path.is_dir():
        return path
    return path / f"{database.stem}-{now:%Y%m%dT%H%M%SZ}.db"


def back_up(database: Path, target: Path, tell: Tell, *, replaces: bool = False) -> Backup:
    """Copies the database into a new file and verifies that; whoever writes need not wait.

    Nobody but its owner can read the file, at any moment. It appears complete or not at all, and
    takes the place of another only if it `replaces` that. Raises BackupFailed, NotADatabase, and
    DatabaseUnavailable when the database cannot be read.
    """
    revision_of(database)
    _ensure_free(target, database, replaces)
    with draft(target) as partial:
        copy(database, partial, tell)
        examination = examine(partial, tell)
        if examination.problems:
            raise BackupFailed(f"the copy is damaged: {'; '.join(examination.problems)}")
        publish(partial, target, replaces=replaces)
    return Backup(target, target.stat().st_size, examination)


def _ensure_free(target: Path, database: Path, replaces: bool) -> None:
    if target.resolve() in [file.resolve() for file in location.files(database)]:
        raise BackupFailed(f"{target} is the database itself: choose another place")
    if target.exists() and not replaces:
        raise BackupFailed(f"{target} exists: choose another name, or replace it with --force")
    if target.exists() and not target.is_file():
        raise BackupFailed(f"{target} is not a file: choose another name")


@contextmanager
def draft(target: Path) -> Iterator[Path]:
    """Gives an empty private file beside `target` for one process at a time; removes what is left.

    A draft that a killed process left behind is emptied and used. Raises BackupFailed.
    """
    partial = target.with_name(f".{target.name}.partial")
    handle = _own(partial, target)
    try:
        os.fchmod(handle, location.OWNER_ONLY)
        os.ftruncate(handle, 0)
        yield partial
    finally:
        # Once the draft has the name of the backup, another process may have one of its own here.
        if _is_named(handle, partial):
            for left in location.files(partial):
                left.unlink(missing_ok=True)
        # Last: closing it lets go of every lock that this process has on the file.
        os.close(handle)


def _own(partial: Path, target: Path) -> int:
    """Opens the draft for this process alone; raises BackupFailed."""
    for _ in range(ATTEMPTS):
        try:
            handle = os.open(partial, os.O_CREAT | os.O_RDWR | os.O_NOFOLLOW, location.OWNER_ONLY)
        except OSError as error:
            raise BackupFailed(f"{target} cannot be written: {error.strerror}") from error
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            os.close(handle)
            raise BackupFailed(f"another process is writing {target} just now") from error
        is_named = _is_named(handle, partial)
        if is_named and os.fstat(handle).st_nlink == 1:
            return handle
        # A process that was killed while it published left a name of the backup itself, which must
        # not be emptied. Or one that was quicker has removed the name, and the next has it now.
        if is_named:
            partial.unlink(missing_ok=True)
        os.close(handle)
    raise BackupFailed(
        f"{target} cannot be written: the file system does not give a draft of its own beside it"
    )


def _is_named(handle: int, partial: Path) -> bool:
    """Whether the open file still has the name of the draft; others may have it instead."""
    try:
        return os.path.samestat(os.fstat(handle), partial.lstat())
    except FileNotFoundError:
        return False


def copy(database: Path, empty: Path, tell: Tell) -> None:
    """Writes what the database holds at this moment into an empty file, and has it on the disk.

    Unlike SQLite's backup in steps, this never starts anew because somebody wrote. It also leaves
    behind what was deleted. Raises BackupFailed.
    """
    try:
        with closing(opened(database)) as connection:
            expected = _size(connection)
            _ensure_room(empty, expected)
            look = _looker(tell, empty, expected)
            connection.set_progress_handler(look, OPERATIONS_A_LOOK)
            connection.execute("VACUUM INTO ?", [str(empty)])
    except sqlite3.Error as error:
        if getattr(error, "sqlite_errorcode", 0) == sqlite3.SQLITE_INTERRUPT:
            raise KeyboardInterrupt from error
        raise BackupFailed(f"{database} could not be copied: {error}") from error
    sync(empty)


def _size(connection: sqlite3.Connection) -> int:
    ask = ("page_count", "freelist_count", "page_size")
    pages, free, size = (connection.execute(f"PRAGMA {name}").fetchone()[0] for name in ask)
    return int((pages - free) * size)


def _ensure_room(path: Path, needed: int) -> None:
    free = shutil.disk_usage(path.parent).free
    if free < needed:
        raise BackupFailed(
            f"{path.parent} has {free >> 20:,} MiB free, and {needed >> 20:,} MiB are needed"
        )


def _looker(tell: Tell, file: Path, expected: int) -> Callable[[], None]:
    def look() -> None:
        tell("copying", min(file.stat().st_size, expected), expected)

    return look


def publish(partial: Path, target: Path, *, replaces: bool) -> None:
    """Gives a complete draft its name, durably; raises BackupFailed when that is taken."""
    try:
        if not replaces:
            link(partial, target)
        else:
            partial.replace(target)
    except OSError as error:
        if error.errno == errno.EEXIST:
            raise BackupFailed(f"{target} exists: choose another name") from error
        raise BackupFailed(f"{target} cannot be written: {error.strerror}") from error
    sync(target.parent)


def link(file: Path, name: Path) -> None:
    """Gives a file a name that nobody has; raises OSError, such as FileExistsError.

    Unlike one that is renamed, it never takes the place of another. On a file system without links
    the name is reserved first, and the old name is gone.
    """
    try:
        name.hardlink_to(file)
    except OSError as error:
        if error.errno not in WITHOUT_LINKS:
            raise
        os.close(os.open(name, os.O_CREAT | os.O_EXCL | os.O_WRONLY, location.OWNER_ONLY))
        file.replace(name)


def sync(path: Path) -> None:
    """Has a file, or the names in a folder, on the disk."""
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
