"""Fills an organization with an invented agenda, for measurements and demonstrations."""

from collections.abc import Callable
from datetime import datetime, timedelta
from random import Random
from typing import Any, NamedTuple

from db.engine import Database, Tenancy
from db.models import LogEnds, OrganizationRow
from db.queries import appointments, events, participants
from db.queries.filters import Filter

from ..domain.errors import Problem
from .agenda import STAYS, Agenda, Booking, Happened
from .cast import ordered_id
from .organizations import ensure_organization

MOST = 10_000_000
# What one transaction writes: about a second's work, while which other writers wait.
BOOKED_AT_ONCE = 4_000


class Seeding(NamedTuple):
    """What is wanted: how many appointments, for whom, from which random numbers."""

    organization: str
    appointments: int
    random_seed: int = 1
    # Whether an organization that has appointments gets more.
    add: bool = False
    events_kept: timedelta = timedelta(days=30)


class NotEmpty(Problem):
    """The organization has appointments already."""

    code = "not_empty"


async def seed(
    database: Database, wanted: Seeding, now: datetime, told: Callable[[int], None]
) -> OrganizationRow:
    """Makes the appointments, and the organization when there is none of that name.

    `told` is called with how many were made each time some are stored. Raises NotEmpty for an
    organization that has appointments, ValidationFailed for a name that is not accepted.
    """
    async with database.write() as tx:
        organization, _ = await ensure_organization(tx, wanted.organization, now)
        tenancy = Tenancy(tx, organization.id)
        present = await appointments.count(tenancy, Filter())
        if present and not wanted.add:
            raise NotEmpty(
                f"“{organization.name}” has {present:,} appointments already: "
                "name another organization, or say --add."
            )
        ends = await events.ends(tenancy)
    await Pen(database, organization.id, wanted, ends).write(now, told)
    return organization


class Pen:
    """Writes an agenda down, some thousand appointments with what happened at a time."""

    def __init__(
        self, database: Database, organization_id: str, wanted: Seeding, ends: LogEnds
    ) -> None:
        self._database = database
        self._organization_id = organization_id
        self._wanted = wanted
        self._first = self._last = ends.last
        self._floor = ends.floor
        # Nothing of it is a secret.
        named = f"{wanted.random_seed} {wanted.organization} {ends.last}"
        self._random = Random(named)  # noqa: S311
        self._booked: list[Booking] = []
        self._events: list[dict[str, Any]] = []

    async def write(self, now: datetime, told: Callable[[int], None]) -> None:
        """Writes everything down."""
        agenda = Agenda(self._wanted.appointments, now, self._random)
        expired_at = now - self._wanted.events_kept
        for each in agenda.play():
            if isinstance(each, Happened):
                self._record(each, expired_at)
                continue
            self._booked.append(each)
            if len(self._booked) == BOOKED_AT_ONCE:
                told(await self._store())
        told(await self._store())

    def _record(self, happened: Happened, expired_at: datetime) -> None:
        """Numbers an event; of what the retention would have removed only stays are kept."""
        self._last += 1
        is_expired = happened.at <= expired_at and not self._first
        if is_expired:
            self._floor = self._last
        if not is_expired or happened.type in STAYS:
            # Numbered by milliseconds and 12 bits; the rest is random.
            id = ordered_id(happened.at, self._last % 4096, self._random)
            self._events.append({**happened.event(id), "seq": self._last})

    async def _store(self) -> int:
        booked, self._booked = self._booked, []
        noted, self._events = self._events, []
        async with self._database.write(self._organization_id) as transaction:
            tx = Tenancy(transaction, self._organization_id)
            await appointments.add_many(tx, [each.row for each in booked])
            await participants.add(tx, [person for each in booked for person in each.people])
            reach = LogEnds(self._floor, self._last)
            await events.add_numbered(tx, noted, reach, len(booked))
        return len(booked)
