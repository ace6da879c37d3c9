"""Callers who follow the event log, and events to follow."""

import asyncio
from collections.abc import AsyncGenerator
from typing import Any

from db.engine import Tenancy
from db.ids import new_id
from db.models import AppointmentRow, EventSource, EventType, LoggedEvent, ParticipantRole
from db.queries import system
from schema.domain.token_text import digest
from schema.inputs import NewAppointment, NewParticipant
from schema.operation.call import Call, Caller, Services
from schema.operation.work import unit_of_work
from schema.resolvers.appointments import create_appointment
from schema.resolvers.cursors import write_event_cursor
from tests.people import Tenant

SECONDS = 10.0


def cursor(call: Call, seq: int) -> str:
    """Returns the cursor of the event of a number."""
    return write_event_cursor(call.caller.organization_id, seq)


async def call_of(services: Services, tenant: Tenant, scope: str = "read") -> Call:
    """Returns a call with the tenant's token of a scope."""
    async with services.database.read() as transaction:
        row = await system.token_by_digest(transaction, digest(getattr(tenant, scope)))
    assert row is not None
    caller = Caller(tenant.id, tenant.name, row.id, row.name, (scope,))
    return Call(caller, services, EventSource.REST, "request")


async def happen(
    call: Call,
    *types: EventType,
    appointment_id: str | None = None,
    participant_id: str | None = None,
) -> None:
    """Lets something happen, all of it in one transaction."""
    async with unit_of_work(call.services, call.caller.organization_id) as work:
        bound = work.bind(call)
        for type in types or (EventType.APPOINTMENT_UPDATED,):
            bound.record(type, appointment_id or new_id(), participant_id=participant_id)


async def next_of(stream: AsyncGenerator[LoggedEvent, None]) -> LoggedEvent:
    """Returns the next event; fails when none comes."""
    async with asyncio.timeout(SECONDS):
        return await anext(stream)


async def some_of(stream: AsyncGenerator[LoggedEvent, None], count: int) -> list[int]:
    """Returns the numbers of the next events."""
    return [(await next_of(stream)).seq for _ in range(count)]


async def until(condition: Any) -> None:
    """Waits until a condition holds."""
    async with asyncio.timeout(SECONDS):
        while not condition():  # noqa: ASYNC110  (of what has no event to wait for)
            await asyncio.sleep(0.005)


def tenancy(call: Call, transaction: Any) -> Tenancy:
    """Returns a transaction seen from the caller's organization."""
    return Tenancy(transaction, call.caller.organization_id)


async def booked(call: Call) -> AppointmentRow:
    """Books an appointment with a moderator that starts now."""
    return await create_appointment(
        call,
        NewAppointment(
            title="Passport",
            start_date_time=call.now(),
            duration_minutes=30,
            participants=[NewParticipant(unique_id="a", role=ParticipantRole.MODERATOR)],
        ),
    )
