"""The command that fills an organization with an invented agenda."""

import asyncio
import time
from datetime import UTC, datetime, timedelta
from typing import NamedTuple

from db.engine import DatabaseUnavailable
from db.upkeep.progress import Progress
from schema.domain.errors import Problem, ValidationFailed
from schema.operator import seeding
from schema.operator.seeding import Seeding

from ...settings import Settings
from ..database import Unusable, opened
from ..terminal.output import answer, complain, mentioning


class Wanted(NamedTuple):
    """The options of the command."""

    organization: str
    appointments: int
    random_seed: int
    add: bool


def seed(wanted: Wanted, settings: Settings, program: str, *, is_quiet: bool) -> int:
    """Makes the appointments and says how long it took; returns 0, or 1 when it failed."""
    if not 1 <= wanted.appointments <= seeding.MOST:
        complain(f"--appointments: give a number from 1 to {seeding.MOST:,}")
        return 1
    kept = timedelta(days=settings.events_kept_days)
    try:
        with Progress(is_quiet=is_quiet) as progress:
            line = asyncio.run(_seed(Seeding(*wanted, kept), settings, program, progress))
    except ValidationFailed as failed:
        complain("; ".join(field.message for field in failed.fields))
        return 1
    except (Problem, Unusable, DatabaseUnavailable) as error:
        complain(str(error))
        return 1
    with mentioning(line):
        answer(line)
    return 0


async def _seed(wanted: Seeding, settings: Settings, program: str, progress: Progress) -> str:
    begun = time.monotonic()
    async with opened(settings, program) as database:
        progress.begin(f"seeding {wanted.appointments:,} appointments", wanted.appointments)
        organization = await seeding.seed(database, wanted, datetime.now(UTC), progress.add)
    took = f"{time.monotonic() - begun:.0f} s"
    return f"{organization.id}  “{organization.name}”: {wanted.appointments:,} more, {took}"
