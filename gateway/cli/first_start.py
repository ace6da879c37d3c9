"""The first start: an embedded database with a demo in it, of which there is never a half."""

import asyncio
import os
import shutil
from dataclasses import replace
from datetime import UTC, datetime

from db.engine import DatabaseUnavailable
from db.migrate import holds_organizations
from db.upkeep.first import fill, put
from db.upkeep.progress import Progress

from ..logs import unsaid
from ..services import open_services
from ..settings import Settings
from .database import Unusable, migrate_apart

# Beside the database, so that moving from there is one step of the file system.
DRAFT = "connect.new"


def make_demo(settings: Settings) -> str | None:
    """Makes the database with its demo and returns the token; None if anything is stored already.

    What ends this process on the way leaves no half of it: the next start begins anew. Raises
    Unusable.
    """
    file, place = settings.embedded_file, put
    if os.path.lexists(file):
        migrate_apart(settings)
        if holds_organizations(settings.database):
            return None
        # `migrate` has made it, say. Other commands may have it open, so it stays where it is.
        place = fill
    folder = settings.data_dir / DRAFT
    shutil.rmtree(folder, ignore_errors=True)
    draft = replace(settings, data_dir=folder, secret_keys=settings.signing_keys())
    try:
        migrate_apart(draft)
        token = _seed(draft)
        return token if place(draft.embedded_file, file) else None
    except (OSError, DatabaseUnavailable) as error:
        raise Unusable(f"{settings.database} cannot be made: {error}") from error
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _seed(settings: Settings) -> str:
    with unsaid(), Progress() as progress:
        progress.begin("making the demo")
        return asyncio.run(_seeded(settings))


async def _seeded(settings: Settings) -> str:
    from . import demo

    clock = demo.StagedClock(datetime.now(UTC))
    async with open_services(settings, clock) as services:
        return await demo.seed(services, clock)
