"""`backup` and `restore`: copies of the database, made while it is used and put back."""

import argparse
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime

from db.engine import DatabaseUnavailable
from db.upkeep.backup import BackupFailed, back_up, place_of
from db.upkeep.examination import NotADatabase

from ..settings import KEY_FILE, Settings
from .database import Unusable
from .progress import Progress


def backup(given: argparse.Namespace, settings: Settings) -> int:
    """Copies the database to `given.path`, verifies the copy and prints where it is."""
    target = place_of(given.path, settings.database, datetime.now(UTC))
    with reported() as progress:
        made = back_up(settings.database, target, progress, replaces=given.force)
    print(made.path)
    remark(f"verified: {made.examination.summary()}; {size(made.bytes)}")
    remark(key_advice(settings))
    return 0


@contextmanager
def reported() -> Iterator[Progress]:
    """Gives the progress of the block; what fails in it raises Unusable, with one line."""
    progress = Progress()
    try:
        yield progress
    except (BackupFailed, NotADatabase, DatabaseUnavailable, OSError) as error:
        raise Unusable(str(error)) from error
    finally:
        progress.told()


def key_advice(settings: Settings) -> str:
    """Returns where the key is that a backup needs and does not hold."""
    keep = "without it every link that was sent is dead; with it anybody can forge links"
    if settings.secret_keys or not settings.is_embedded:
        return f"not in it: the keys in CONNECT_SECRET_KEYS. Keep them apart from it: {keep}"
    key = settings.database.with_name(KEY_FILE)
    return f"not in it: the key {key}. Keep a copy apart from it: {keep}"


def size(bytes: int) -> str:
    """Returns a size in words."""
    return f"{bytes / (1 << 20):,.1f} MiB"


def remark(line: str) -> None:
    """Writes one line to standard error."""
    sys.stderr.write(f"connect: {line}\n")
