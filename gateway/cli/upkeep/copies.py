"""`backup` and `restore`: copies of the database, made while it is used and put back."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

from db.engine import DatabaseUnavailable
from db.location import Server
from db.upkeep import restore as restoring
from db.upkeep.backup import BackupFailed, back_up, place_of
from db.upkeep.examination import NotADatabase
from db.upkeep.progress import Progress
from db.upkeep.restore import RestoreFailed
from db.upkeep.tools import dump_line, restore_line

from ...settings import KEY_FILE, Settings
from ..database import Unusable, claim, keep_private
from ..terminal.output import answer, mentioning, remark


def backup(path: Path, settings: Settings, *, replaces: bool, is_quiet: bool) -> int:
    """Copies the database to `path`, verifies the copy and prints where it is."""
    now = datetime.now(UTC)
    database = file_of(settings, lambda server: dump_line(server, path, now))
    target = place_of(path, database, now)
    with reported(is_quiet=is_quiet) as progress:
        made = back_up(database, target, progress, replaces=replaces)
    with mentioning(f"the backup is complete and verified: {made.path}"):
        answer(str(made.path))
    remark(f"verified: {made.examination.summary()}; {size(made.bytes)}")
    remark(key_advice(settings))
    return 0


def restore(path: Path, settings: Settings, *, is_quiet: bool) -> int:
    """Puts the backup at `path` in the place of the database, which is kept beside it."""
    database = file_of(settings, lambda server: restore_line(server, path))
    keep_private(settings)
    claim(settings)  # Until this process ends: nobody starts to serve what is replaced.
    with reported(is_quiet=is_quiet) as progress:
        done = restoring.restore(path, database, progress, datetime.now(UTC))
    _remark_on(done, settings)
    with mentioning(f"the backup was restored to {database}"):
        answer(str(database))
    return 0


def _remark_on(done: restoring.Restored, settings: Settings) -> None:
    remark(f"restored: {done.examination.summary()}")
    if done.was_migrated:
        remark("migrated to this release")
    if done.aside is not None:
        remark(f"the database that was here is {done.aside}: delete it once you are sure")
    key = settings.data_dir / KEY_FILE
    if settings.is_embedded and not settings.secret_keys and not key.exists():
        remark(f"{key} is missing: put the key of that time there, or every link sent is dead")


def file_of(settings: Settings, instead: Callable[[Server], str]) -> Path:
    """Returns the file of the database; raises Unusable with what to do `instead` on a server."""
    if isinstance(settings.database, Server):
        raise Unusable(instead(settings.database))
    return settings.database.path


@contextmanager
def reported(*, is_quiet: bool) -> Iterator[Progress]:
    """Shows the progress of the block; what fails in it raises Unusable, with one line."""
    try:
        with Progress(is_quiet=is_quiet) as progress:
            yield progress
    except (BackupFailed, RestoreFailed, NotADatabase, DatabaseUnavailable, OSError) as error:
        raise Unusable(str(error)) from error


def key_advice(settings: Settings) -> str:
    """Returns where the key is that a backup needs and does not hold."""
    keep = "without it every link that was sent is dead; with it anybody can forge links"
    if settings.secret_keys or not settings.is_embedded:
        return f"not in it: the keys in CONNECT_SECRET_KEYS. Keep them apart from it: {keep}"
    key = settings.data_dir / KEY_FILE
    return f"not in it: the key {key}. Keep a copy apart from it: {keep}"


def size(bytes: int) -> str:
    """Returns a size in words."""
    return f"{bytes / (1 << 20):,.1f} MiB"
