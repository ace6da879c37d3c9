"""The clock's own work: appointments that nobody moved on are missed or completed in time.

Several processes may run it; each step happens once.
"""

from datetime import datetime, timedelta
from typing import NamedTuple

import structlog

from db.models import EventSource
from db.queries import appointments, system

from ..domain import rules
from ..domain.errors import NotAllowedInStatus
from ..operation.call import Call, Caller, Services
from ..operation.work import unit_of_work
from .lifecycle import step

BATCH = 100

log = structlog.get_logger("connect.clock")


class Due(NamedTuple):
    """An appointment whose grace has passed."""

    organization_id: str
    id: str


async def tick(services: Services) -> int:
    """Takes every step that is due, unless the clock holds still; returns how many it took."""
    now = look(services)
    return 0 if now is None else await advance(services, services.window.closes_after, now)


def look(services: Services) -> datetime | None:
    """Compares the clock with the time elapsed; returns the instant, or None while it holds still.

    Also for processes that take no steps: the one that takes over has to know of a jump.
    """
    steadiness, now = services.steadiness, services.clock.now()
    held = steadiness.is_holding
    jump = steadiness.look(now, services.clock.elapsed())
    if jump:
        log.warning(
            "clock_jumped",
            seconds=round(jump),
            advice="nothing is moved on until the clock has been steady for five minutes; "
            "a restart confirms it at once",
        )
    if held and not steadiness.is_holding:
        log.info("clock_steady")
    return None if steadiness.is_holding else now


async def advance(services: Services, grace: timedelta, now: datetime | None = None) -> int:
    """Takes every step that is due at `now`; returns how many it took."""
    taken = 0
    # One instant for the whole pass: the clock may jump between two of its transactions.
    before = (now or services.clock.now()) - grace
    while True:
        async with services.database.read() as transaction:
            due = await system.due_appointments(transaction, before, BATCH)
        moved = 0
        for organization_id, id in due:
            moved += await _advance_one(services, Due(organization_id, id), before)
        taken += moved
        # A batch that cannot be moved would come again and again.
        if len(due) < BATCH or not moved:
            return taken


async def lag(services: Services) -> float:
    """Returns for how many seconds the oldest step has been due; 0 when none is.

    Raises DatabaseUnavailable.
    """
    before = services.clock.now() - services.window.closes_after
    async with services.database.read() as transaction:
        oldest = await system.oldest_due(transaction, before)
    return 0.0 if oldest is None else (before - oldest).total_seconds()


async def _advance_one(services: Services, due: Due, before: datetime) -> int:
    caller = Caller(due.organization_id, "", "system", "clock", ("write",))
    call = Call(caller, services, EventSource.CLOCK, "clock", actor="system")
    async with unit_of_work(services, due.organization_id) as work:
        bound = work.bind(call)
        row = await appointments.get(bound.tx, due.id)
        # Between the look and the lock somebody may have moved it on, or to another time.
        if row is None or row.clock_end_at is None or row.clock_end_at > before:
            return 0
        transition = rules.due_transition(row.status)
        if transition is None:
            return 0
        try:
            await step(bound, row, transition)
        except NotAllowedInStatus:
            return 0
    log.info("appointment_moved_on", appointment_id=due.id, step=transition.verb)
    return 1
