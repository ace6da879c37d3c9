"""`move`: from a file to a PostgreSQL server, and what to do then."""

import asyncio
import time
from collections import Counter

from db import migrate
from db.engine import DatabaseUnavailable
from db.location import Server, SqliteFile
from db.move.digests import Figures
from db.move.moving import move
from db.move.source import MoveFailed
from db.upkeep.progress import Progress

from ...settings import KEY_FILE, Settings
from ..database import Unusable, claim
from ..terminal.output import answer, mentioning, remark

NAMES = {"api_token": "tokens", "idempotency": "kept answers", "room_seat": "seats"}


def run(server: Server, settings: Settings, *, again: bool, is_quiet: bool) -> int:
    """Moves the database to the server and prints what was moved; returns 0."""
    place = settings.database
    if not isinstance(place, SqliteFile):
        raise Unusable(
            f"{place} is on a server already: unset CONNECT_DATABASE_URL, or name the file there"
        )
    begun = time.monotonic()
    try:
        _ensure_current(place)
        claim(settings)  # Until this process ends: nobody starts to serve what is moved away.
        with Progress(is_quiet=is_quiet) as progress:
            figures = asyncio.run(move(place.path, server, progress, again=again))
    except (MoveFailed, DatabaseUnavailable, OSError) as error:
        raise Unusable(str(error)) from error
    took = f"{time.monotonic() - begun:.0f} s"
    line = f"moved to {server}, and verified: {_summary(figures)}; {took}"
    with mentioning(line):
        answer(line)
    _remark_on_what_follows(settings, place, server)
    return 0


def _ensure_current(place: SqliteFile) -> None:
    if not place.path.exists():
        raise Unusable(f"{place} does not exist: there is nothing to move")
    if not migrate.is_current(place):
        raise Unusable(f"{place} is not at the revision of this release: run migrate first")


def _summary(figures: Figures) -> str:
    rows: Counter[str] = Counter()
    for name, (count, _) in figures.items():
        rows[name.partition(" of ")[0]] += count
    return ", ".join(f"{count:,} {NAMES.get(name, name + 's')}" for name, count in rows.items())


def _remark_on_what_follows(settings: Settings, place: SqliteFile, server: Server) -> None:
    remark(f"now set CONNECT_DATABASE_URL to the address of {server}, with user and password")
    if settings.secret_keys:
        remark("keep CONNECT_SECRET_KEYS as it is: links that were sent need it")
    else:
        key = settings.data_dir / KEY_FILE
        remark(f'and CONNECT_SECRET_KEYS to "$(cat {key})": links that were sent need that key')
    remark(f"{place} is as it was: put it aside, so that nobody goes on with it by mistake")
