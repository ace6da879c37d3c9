"""The command that fills an organization with an invented agenda."""

import argparse
import asyncio
import time
from datetime import UTC, datetime, timedelta

from db.engine import DatabaseUnavailable
from db.upkeep.progress import Progress
from schema.domain.errors import Problem, ValidationFailed
from schema.operator import seeding
from schema.operator.seeding import Seeding

from ...settings import Settings
from ..admin import answer, remark
from ..database import Unusable, opened


def seed(given: argparse.Namespace, settings: Settings, program: str) -> int:
    """Makes the appointments and says how long it took; returns 0, or 1 when it failed."""
    if not 1 <= given.appointments <= seeding.MOST:
        remark(f"--appointments: give a number from 1 to {seeding.MOST:,}")
        return 1
    wanted = Seeding(
        given.organization,
        given.appointments,
        given.random_seed,
        given.add,
        timedelta(days=settings.events_kept_days),
    )
    try:
        asyncio.run(_seed(wanted, settings, program))
    except ValidationFailed as failed:
        remark("; ".join(field.message for field in failed.fields))
        return 1
    except (Problem, Unusable, DatabaseUnavailable) as error:
        remark(str(error))
        return 1
    return 0


async def _seed(wanted: Seeding, settings: Settings, program: str) -> None:
    begun = time.monotonic()
    progress = Progress("seeding", wanted.appointments)
    async with opened(settings, program) as database:
        organization = await seeding.seed(database, wanted, datetime.now(UTC), progress.add)
    progress.end()
    took = f"{time.monotonic() - begun:.0f} s"
    answer(f"{organization.id}  “{organization.name}”: {wanted.appointments:,} more, {took}")
