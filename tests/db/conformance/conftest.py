"""A database of each engine, with two organizations, and what the tests do with it."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime
from typing import Any, NamedTuple

import pytest

from db.connect import open_database
from db.engine import Database, Tenancy
from db.ids import new_id
from db.location import Location
from db.models import (
    AppointmentRow,
    AppointmentStatus,
    EventRow,
    OrganizationRow,
    ParticipantRole,
    ParticipantRow,
)
from db.queries import appointments, events, system

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)


class Pair(NamedTuple):
    """Two organizations of one database."""

    one: str
    other: str


@pytest.fixture
async def database(location: Location) -> AsyncIterator[Database]:
    database = await open_database(location)
    yield database
    await database.close()


@pytest.fixture
async def pair(database: Database) -> Pair:
    made = []
    async with database.write() as tx:
        for name in ("One", "Other"):
            made.append(new_id())
            await system.add_organization(tx, OrganizationRow(made[-1], name, True, NOON))
    return Pair(*made)


def appointment(**values: Any) -> AppointmentRow:
    """An appointment of half an hour at noon."""
    row = AppointmentRow(
        new_id(), "Visa", NOON, 30, None, AppointmentStatus.SCHEDULED, 1,
        None, None, None, None, None, NOON, NOON, 0,
    )  # fmt: skip
    return row._replace(**values)


def person(appointment_id: str, **values: Any) -> ParticipantRow:
    """A participant of an appointment."""
    id = new_id()
    row = ParticipantRow(
        id, appointment_id, f"u-{id}", None, ParticipantRole.PARTICIPANT, 1, NOON, NOON
    )
    return row._replace(**values)


def event(**values: Any) -> dict[str, Any]:
    """An event, ready to be appended."""
    return {
        "id": new_id(), "type": "appointment.updated", "appointment_id": new_id(),
        "participant_id": None, "changed_fields": [], "data": None, "actor": "a",
        "source": "rest", "request_id": "r", "occurred_at": NOON, **values,
    }  # fmt: skip


async def stored(database: Database, organization_id: str, row: AppointmentRow) -> AppointmentRow:
    """Adds an appointment and returns it as it is read again."""
    async with database.write(organization_id) as tx:
        await appointments.add(Tenancy(tx, organization_id), row)
    found = await read(database, organization_id, row.id)
    assert found is not None
    return found


async def read(database: Database, organization_id: str, id: str) -> AppointmentRow | None:
    async with database.read(organization_id) as tx:
        return await appointments.get(Tenancy(tx, organization_id), id)


async def log(database: Database, organization_id: str) -> list[EventRow]:
    async with database.read(organization_id) as tx:
        return await events.after(Tenancy(tx, organization_id), 0, 10_000)
