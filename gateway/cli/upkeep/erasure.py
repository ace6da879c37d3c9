"""`erase`: forgets one person, after asking, and says where the name may still stand."""

import argparse
import asyncio
import sys
from datetime import UTC, datetime
from pathlib import Path

from db.engine import Database, DatabaseUnavailable
from db.location import SqliteFile
from db.models import OrganizationRow
from db.upkeep.traces import TracesLeft, remove_traces
from schema.domain.errors import Problem
from schema.operator import erasure
from schema.operator.erasure import Erased, Person

from ...settings import Settings
from ..database import Unusable, opened
from ..progress import Progress
from .copies import remark, size

NOT_SEARCHED = (
    "not searched: titles, configurations and reasons of cancellations, names of tokens, and the "
    "same person under another identifier"
)


def run(given: argparse.Namespace, settings: Settings, program: str) -> int:
    """Erases a person; returns 0, or 1 when nothing was erased or traces are left."""
    progress = Progress()
    try:
        if not asyncio.run(_erased(given, settings, program, progress)):
            return 1
        place = settings.database
        if not isinstance(place, SqliteFile):
            remark(
                "the server keeps old versions of rows until they are vacuumed: "
                "VACUUM FULL participant, idempotency"
            )
        elif given.later:
            remark("the file still holds traces, until this is run again without --later")
        else:
            remove_traces(place.path, progress)
        _remark_on_copies(place)
    except (Problem, DatabaseUnavailable, TracesLeft, OSError) as error:
        raise Unusable(str(error)) from error
    finally:
        progress.told()
    return 0


async def _erased(
    given: argparse.Namespace, settings: Settings, program: str, progress: Progress
) -> bool:
    async with opened(settings, program) as database:
        wanted = await erasure.organizations_of(database, given.organization)
        counts = {each: await erasure.count_of(database, each, given.unique_id) for each in wanted}
        found = {each: count for each, count in counts.items() if count}
        if found and not (given.yes or _is_confirmed(found, settings)):
            remark("nothing was erased")
            return False
        person = Person(given.unique_id, datetime.now(UTC))
        for organization in wanted:
            _report(await _erase_from(database, organization, person, counts, progress))
    return True


async def _erase_from(
    database: Database,
    organization: OrganizationRow,
    person: Person,
    counts: dict[OrganizationRow, int],
    progress: Progress,
) -> Erased:
    done = 0

    def tell(count: int) -> None:
        nonlocal done
        done += count
        progress(f"erasing in “{organization.name}”", done, counts[organization])

    return await erasure.erase(database, organization, person, tell)


def _is_confirmed(found: dict[OrganizationRow, int], settings: Settings) -> bool:
    for organization, count in found.items():
        remark(f"“{organization.name}”: invited to {count:,} appointments")
    place = settings.database
    if isinstance(place, SqliteFile):
        bytes = place.path.stat().st_size
        remark(f"the file ({size(bytes)}) is rewritten, and writes wait for that")
    if not sys.stdin.isatty():
        remark("this cannot be taken back: say --yes to erase without being asked")
        return False
    sys.stderr.write("connect: this cannot be taken back. Erase? [y/N] ")
    sys.stderr.flush()
    return sys.stdin.readline().strip().lower() in {"y", "yes"}


def _report(erased: Erased) -> None:
    if erased.participants or erased.outcomes:
        print(
            f"“{erased.organization.name}”: erased from {erased.participants:,} appointments and "
            f"{erased.outcomes:,} kept answers; links revoked"
        )
    else:
        print(f"“{erased.organization.name}”: nobody of this identifier")


def _remark_on_copies(place: object) -> None:
    remark(NOT_SEARCHED)
    aside = sorted(_copies_beside(place.path)) if isinstance(place, SqliteFile) else []
    beside = f", as does {', '.join(map(str, aside))}" if aside else ""
    remark(f"backups still hold the person{beside}: after restoring one, erase again")


def _copies_beside(database: Path) -> list[Path]:
    return list(database.parent.glob(f"{database.name}.replaced-*"))
