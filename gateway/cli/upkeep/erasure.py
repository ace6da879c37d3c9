"""`erase`: forgets one person, after asking, and says where the name may still stand."""

import asyncio
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import NamedTuple

from db.engine import Database, DatabaseUnavailable
from db.location import Location, SqliteFile
from db.models import OrganizationRow
from db.upkeep.progress import Progress
from db.upkeep.traces import TracesLeft, remove_traces
from schema.domain.errors import Problem
from schema.operator import erasure
from schema.operator.erasure import Erased, Person

from ...settings import Settings
from .. import secret_input
from ..database import Unusable, opened
from ..terminal.output import answer, mentioning, remark
from .copies import size

NOT_SEARCHED = (
    "not searched: titles, configurations and reasons of cancellations, names of tokens, and the "
    "same person under another identifier"
)


class Wanted(NamedTuple):
    """The options of the command."""

    unique_id: str
    organization: str | None
    yes: bool
    later: bool


def run(wanted: Wanted, settings: Settings, program: str, *, is_quiet: bool) -> int:
    """Erases a person; returns 0, or 1 when nothing was erased or traces are left."""
    try:
        with Progress(is_quiet=is_quiet) as progress:
            done = asyncio.run(_erased(wanted, settings, program, progress))
            if done is None:
                return 1
            _remove_traces(settings.database, progress, is_later=wanted.later)
        _remark_on_what_is_left(settings.database, done)
    except (Problem, DatabaseUnavailable, TracesLeft, OSError) as error:
        raise Unusable(str(error)) from error
    return 0


def _remove_traces(place: Location, progress: Progress, *, is_later: bool) -> None:
    if isinstance(place, SqliteFile) and not is_later:
        remove_traces(place.path, progress)
        return
    with progress.paused():
        if isinstance(place, SqliteFile):
            remark("the file still holds traces, until this is run again without --later")
        else:
            remark(
                "the server keeps old versions of rows until they are vacuumed: "
                "VACUUM FULL participant, idempotency, room_message"
            )


async def _erased(
    wanted: Wanted, settings: Settings, program: str, progress: Progress
) -> list[Erased] | None:
    """Returns what was erased where; None when that was not confirmed."""
    async with opened(settings, program) as database:
        progress.begin("looking for the person")
        whose = await erasure.organizations_of(database, wanted.organization)
        counts = {each: await erasure.count_of(database, each, wanted.unique_id) for each in whose}
        found = {each: count for each, count in counts.items() if count}
        with progress.paused():
            if found and not (wanted.yes or _is_confirmed(found, settings)):
                remark("nothing was erased")
                return None
        person, done = Person(wanted.unique_id, datetime.now(UTC)), []
        for organization in whose:
            done.append(await _erase_from(database, organization, person, counts, progress))
            with progress.paused():
                _report(done[-1])
    return done


async def _erase_from(
    database: Database,
    organization: OrganizationRow,
    person: Person,
    counts: dict[OrganizationRow, int],
    progress: Progress,
) -> Erased:
    progress.begin(f"erasing in “{organization.name}”", counts[organization])
    return await erasure.erase(database, organization, person, progress.add)


def _is_confirmed(found: dict[OrganizationRow, int], settings: Settings) -> bool:
    for organization, count in found.items():
        remark(f"“{organization.name}”: invited to {count:,} appointments")
    place = settings.database
    if isinstance(place, SqliteFile):
        bytes = place.path.stat().st_size
        remark(f"the file ({size(bytes)}) is rewritten, and writes wait for that")
    if not secret_input.is_terminal():
        remark("this cannot be taken back: say --yes to erase without being asked")
        return False
    sys.stderr.write("connect: this cannot be taken back. Erase? [y/N] ")
    sys.stderr.flush()
    return sys.stdin.readline().strip().lower() in {"y", "yes"}


def _report(erased: Erased) -> None:
    if not (erased.participants or erased.outcomes):
        answer(f"“{erased.organization.name}”: nobody of this identifier")
        return
    line = (
        f"“{erased.organization.name}”: erased from {erased.participants:,} appointments and "
        f"{erased.outcomes:,} kept answers; links revoked"
    )
    with mentioning(f"{line}; run this again for what is left"):
        answer(line)


def _remark_on_what_is_left(place: object, done: list[Erased]) -> None:
    remark(NOT_SEARCHED)
    if not any(each.participants or each.outcomes for each in done):
        return  # Of somebody who was never here no backup holds anything either.
    aside = sorted(_copies_beside(place.path)) if isinstance(place, SqliteFile) else []
    beside = f", as does {', '.join(map(str, aside))}" if aside else ""
    remark(f"backups still hold the person{beside}: after restoring one, erase again")


def _copies_beside(database: Path) -> list[Path]:
    return list(database.parent.glob(f"{database.name}.replaced-*"))
