"""A folder of backups: whether there is one that is young enough, and who can read them."""

import stat
import time
from collections.abc import Callable, Iterator
from pathlib import Path

from ...settings import Settings
from .findings import Finding, fail, ok, warn

# What `backup` names a file, and what its line for pg_dump does.
SUFFIXES = frozenset({".db", ".dump"})
# A daily backup may begin late, or take long.
OLD_SECONDS = 2 * 86_400
MAKE = "run `backup` from a timer, and see why the last runs made none"


def backups(folder: Path) -> Callable[[Settings], Iterator[Finding]]:
    """Returns the look at a folder; what is in the files is verified when they are made."""

    def look(_: Settings) -> Iterator[Finding]:
        files = [each for each in folder.glob("*") if each.suffix in SUFFIXES and each.is_file()]
        if not files:
            yield fail("backups.none", f"{folder} holds no backup (*.db, *.dump)", MAKE)
            return
        newest = max(files, key=lambda each: each.stat().st_mtime)
        hours = (time.time() - newest.stat().st_mtime) / 3600
        if hours * 3600 > OLD_SECONDS:
            yield fail("backups.old", f"the newest, {newest}, is {hours / 24:.0f} days old", MAKE)
        else:
            yield ok("backups", f"{len(files):,}; the newest is {newest}, {hours:.0f} hours old")
        yield from _open_to_others(folder, files)

    return look


def _open_to_others(folder: Path, files: list[Path]) -> Iterator[Finding]:
    # Nobody reaches files in a folder that is closed.
    if not stat.S_IMODE(folder.stat().st_mode) & 0o077:
        return
    found = [each for each in files if stat.S_IMODE(each.stat().st_mode) & 0o077]
    if found:
        message = f"other users may use {len(found):,} of them, such as {found[0]}, and read names"
        yield warn("backups.open", message, f"chmod 700 {folder}")
