"""Handlers of the six operations on participants.

Each takes the call and the request, and calls one resolver.
"""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import partial

from strawberry import ID

from schema.domain.errors import NotFound, Problem
from schema.operation.call import Call
from schema.resolvers.participants import (
    add_participants,
    get_participant,
    list_participants,
    remove_participant,
    remove_participants,
    update_participant,
)

from . import bodies, shapes
from .appointments import ensure_exists, of_existing
from .input.query import page_of
from .wire.answer import NOTHING, Answer, etag, ignored_fields
from .wire.request import Request


async def list_page(call: Call, request: Request) -> Answer:
    """Returns one page of an appointment's participants."""
    page = await list_participants(
        call, appointment_id=request.appointment_id, page=request.query.page(request.page_size)
    )
    return Answer(
        200,
        page_of(page, partial(shapes.participants, call), request.query, request.address),
    )


async def retrieve(call: Call, request: Request) -> Answer:
    """Returns one participant."""
    id, appointment_id = request.participant_id, request.appointment_id
    row = await get_participant(call, id=id, appointment_id=appointment_id)
    if row is None:
        await ensure_exists(call, appointment_id)
        raise NotFound("Participant", id)
    return Answer(200, shapes.participant(call, row))


async def partial_update(call: Call, request: Request) -> Answer:
    """Returns the fields that can be changed, as they are now."""
    id, appointment_id = request.participant_id, request.appointment_id
    async with _of_existing(call, appointment_id, id):
        changes = bodies.participant_changes(request.body())
    row = await update_participant(
        call, id=id, changes=changes.value, appointment_id=appointment_id
    )
    return Answer(200, shapes.participant_changed(call, row), ignored_fields(changes.ignored))


async def destroy(call: Call, request: Request) -> Answer:
    """Returns an empty answer: the participant was removed."""
    await remove_participant(call, id=request.participant_id, appointment_id=request.appointment_id)
    return Answer(204, NOTHING)


async def add(call: Call, request: Request) -> Answer:
    """Returns the appointment with its new participants."""
    id = request.appointment_id
    async with of_existing(call, id):
        new = bodies.added_participants(request.body())
    row = (await add_participants(call, appointment_id=id, participants=new.value)).appointment
    return Answer(
        200, shapes.appointment(call, row), (etag(row.version), *ignored_fields(new.ignored))
    )


async def remove(call: Call, request: Request) -> Answer:
    """Returns the appointment without the participants that were removed."""
    id = request.appointment_id
    async with of_existing(call, id):
        sent = bodies.removed_participants(request.body())
    row = (
        await remove_participants(call, appointment_id=id, participant_ids=sent.value)
    ).appointment
    return Answer(
        200, shapes.appointment(call, row), (etag(row.version), *ignored_fields(sent.ignored))
    )


@asynccontextmanager
async def _of_existing(call: Call, appointment_id: ID, id: ID) -> AsyncIterator[None]:
    try:
        yield
    except Problem:
        if await get_participant(call, id=id, appointment_id=appointment_id) is None:
            await ensure_exists(call, appointment_id)
            raise NotFound("Participant", id) from None
        raise
