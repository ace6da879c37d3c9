"""Runs one command of the operator's on an open database, and says in one line why it failed."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime

from db.engine import Database, DatabaseUnavailable
from schema.domain.errors import Problem, ValidationFailed

from ..settings import Settings
from .database import Unusable, opened
from .terminal.output import complain

Administration = Callable[[Database, datetime], Awaitable[None]]


def administer(command: Administration, settings: Settings, program: str) -> int:
    """Runs one administrative command; returns 0, or 1 when it failed."""
    try:
        asyncio.run(_administer(command, settings, program))
    except ValidationFailed as failed:
        for field in failed.fields:
            complain(f"{', '.join(map(str, field.path))}: {field.message}")
        return 1
    except (Problem, Unusable, DatabaseUnavailable) as error:
        complain(str(error))
        return 1
    return 0


async def _administer(command: Administration, settings: Settings, program: str) -> None:
    async with opened(settings, program) as database:
        await command(database, datetime.now(UTC))
