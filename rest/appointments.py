"""Handlers of the five operations on appointments.

Each takes the call and the request, and calls one resolver.
"""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import partial
from typing import Any

from strawberry import ID

from db.models import AppointmentRow
from schema.domain import rules
from schema.domain.errors import NotFound, Problem
from schema.operation.call import Call
from schema.resolvers.appointments import (
    create_appointment,
    delete_appointment,
    get_appointment,
    list_appointments,
    update_appointment,
)
from schema.resolvers.pages import Page

from . import bodies, shapes
from .input.query import page_of
from .wire.answer import NOTHING, Answer, ignored_fields
from .wire.body import BodyTooLarge
from .wire.conditions import version_tag
from .wire.problems import UnsupportedMediaType
from .wire.request import Request

# What is wrong with a body before anything in it is read: conditions are not looked at then.
UNREAD = (BodyTooLarge, UnsupportedMediaType)


async def list_page(call: Call, request: Request) -> Answer:
    """Returns one page of appointments."""
    query = request.query
    wanted, (order_by, *then_by) = query.wanted()
    page: Page[Any] = await list_appointments(
        call,
        order_by=order_by,
        then_by=then_by,
        filter=wanted,
        page=query.page(request.page_size),
    )
    return Answer(
        200,
        page_of(page, partial(shapes.appointment_items, call), query, request.address),
    )


async def create(call: Call, request: Request) -> Answer:
    """Returns the appointment that was booked."""
    new = bodies.new_appointment(request.body())
    row = await create_appointment(call, input=new.value)
    return Answer(201, shapes.appointment(call, row), ignored_fields(new.ignored), version_tag(row))


async def retrieve(call: Call, request: Request) -> Answer:
    """Returns one appointment."""
    id = request.appointment_id
    await ensure_not_held(call, request)
    row = await get_appointment(call, id=id, with_participants=True, with_participant_items=True)
    if row is None:
        raise NotFound("Appointment", id)
    return Answer(200, shapes.appointment(call, row), tag=version_tag(row))


async def partial_update(call: Call, request: Request) -> Answer:
    """Returns the fields that can be changed, as they are now."""
    id = request.appointment_id
    async with of_existing(call, request):
        changes = bodies.appointment_changes(request.body())
    row = await update_appointment(
        call, id=id, changes=changes.value, condition=request.condition()
    )
    return Answer(
        200,
        shapes.appointment_changed(call, row),
        ignored_fields(changes.ignored),
        version_tag(row),
    )


async def destroy(call: Call, request: Request) -> Answer:
    """Returns an empty answer: the appointment was deleted."""
    await delete_appointment(call, id=request.appointment_id, condition=request.condition())
    return Answer(204, NOTHING)


@asynccontextmanager
async def of_existing(call: Call, request: Request) -> AsyncIterator[None]:
    """Reports a missing appointment, and a condition that fails, before a problem of the body."""
    try:
        yield
    except Problem as problem:
        row = await ensure_exists(call, request.appointment_id)
        if not isinstance(problem, UNREAD):
            rules.ensure_version(row, None, request.condition())
        raise


async def ensure_exists(call: Call, appointment_id: ID) -> AppointmentRow:
    """Returns the appointment; raises NotFound when the caller may see none of this id."""
    row = await get_appointment(call, id=appointment_id)
    if row is None:
        raise NotFound("Appointment", appointment_id)
    return row


async def ensure_not_held(call: Call, request: Request) -> None:
    """Spares who holds the current version the participants; raises NotModified then."""
    conditions = request.conditions
    if conditions is not None:
        row = await ensure_exists(call, request.appointment_id)
        conditions.ensure(version_tag(row))
