"""A folder of backups: whether there is one that is young enough, and who can read them."""

import os
import stat
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NamedTuple

from db.location import Location, SqliteFile

from ...settings import Settings
from .findings import Finding, fail, ok, warn

# What `backup` names a file, and what its line for pg_dump does, with how each begins.
BEGINNINGS = {".db": b"SQLite format 3\0", ".dump": b"PGDMP"}
# A daily backup may begin late, or take long.
OLD_SECONDS = 2 * 86_400
MAKE = "run `backup` from a timer, and see why the last runs made none"


class Kept(NamedTuple):
    """A file that looks like a backup, by its name."""

    path: Path
    status: os.stat_result


def backups(folder: Path) -> Callable[[Settings], Iterator[Finding]]:
    """Returns the look at a folder; what is in the files is verified when they are made."""

    def look(settings: Settings) -> Iterator[Finding]:
        try:
            files = _kept(folder, settings.database)
            yield from _age(folder, files)
            yield from _open_to_others(folder, files)
        except OSError as error:
            yield fail(
                "backups.unreadable",
                f"{folder} cannot be looked at ({error.strerror or error})",
                "correct the name of the folder, or run this as the user that makes the backups",
            )

    return look


def _kept(folder: Path, database: Location) -> list[Kept]:
    """Returns the files, the newest first, without the database itself; raises OSError."""
    with os.scandir(folder) as entries:
        paths = [Path(each) for each in entries if Path(each).suffix in BEGINNINGS]
    files = [Kept(each, each.stat()) for each in paths if each.is_file()]
    if isinstance(database, SqliteFile) and os.access(database.path, os.F_OK):
        own = database.path.stat()
        files = [each for each in files if not os.path.samestat(each.status, own)]
    return sorted(files, key=lambda each: each.status.st_mtime, reverse=True)


def _age(folder: Path, files: list[Kept]) -> Iterator[Finding]:
    first = next((at for at, each in enumerate(files) if _begins_well(each.path)), len(files))
    if first:
        yield warn(
            "backups.damaged",
            f"the newest {first:,}, such as {files[0].path}, are empty or no copies of a database",
            "see why, and remove them; one that is being made just now is well",
        )
    if first == len(files):
        yield fail("backups.none", f"{folder} holds no backup (*.db, *.dump)", MAKE)
    else:
        yield _judged(files[first], len(files) - first)


def _begins_well(path: Path) -> bool:
    """Whether a file begins as a backup does, as far as it may be read."""
    try:
        with path.open("rb") as file:
            wanted = BEGINNINGS[path.suffix]
            return file.read(len(wanted)) == wanted
    except PermissionError:
        return True


def _judged(newest: Kept, count: int) -> Finding:
    hours = (time.time() - newest.status.st_mtime) / 3600
    if hours * 3600 > OLD_SECONDS:
        message = f"the newest, {newest.path}, is {hours / 24:.0f} days old"
        return fail("backups.old", message, MAKE)
    return ok("backups", f"{count:,}; the newest is {newest.path}, {hours:.0f} hours old")


def _open_to_others(folder: Path, files: list[Kept]) -> Iterator[Finding]:
    # Nobody reaches files in a folder that is closed.
    if not stat.S_IMODE(folder.stat().st_mode) & 0o077:
        return
    found = [each.path for each in files if stat.S_IMODE(each.status.st_mode) & 0o077]
    if found:
        message = f"other users may use {len(found):,} of them, such as {found[0]}, and read names"
        yield warn("backups.open", message, f"chmod 700 {folder}")
