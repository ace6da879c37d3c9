"""Handlers of the six operations on participants.

Each takes the call and the request, and calls one resolver.
"""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import partial

from db.models import ParticipantRow
from schema.domain import rules
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
from .appointments import UNREAD, ensure_exists, of_existing
from .input.query import page_of
from .wire.answer import NOTHING, Answer, ignored_fields, render
from .wire.conditions import content_tag, version_tag
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
        raise await _missing(call, request)
    return Answer(200, shapes.participant(call, row))


async def partial_update(call: Call, request: Request) -> Answer:
    """Returns the fields that can be changed, as they are now."""
    id, appointment_id = request.participant_id, request.appointment_id
    tag_of = partial(_tag_of, call)
    async with _of_existing(call, request):
        changes = bodies.participant_changes(request.body())
    row = await update_participant(
        call,
        id=id,
        changes=changes.value,
        appointment_id=appointment_id,
        condition=request.condition(tag_of),
    )
    content, headers = shapes.participant_changed(call, row), ignored_fields(changes.ignored)
    return Answer(200, content, headers, tag_of(row))


async def destroy(call: Call, request: Request) -> Answer:
    """Returns an empty answer: the participant was removed."""
    await remove_participant(
        call,
        id=request.participant_id,
        appointment_id=request.appointment_id,
        condition=request.condition(partial(_tag_of, call)),
    )
    return Answer(204, NOTHING)


async def add(call: Call, request: Request) -> Answer:
    """Returns the appointment with its new participants."""
    id = request.appointment_id
    async with of_existing(call, request):
        new = bodies.added_participants(request.body())
    added = await add_participants(
        call, appointment_id=id, participants=new.value, condition=request.condition()
    )
    row = added.appointment
    return Answer(200, shapes.appointment(call, row), ignored_fields(new.ignored), version_tag(row))


async def remove(call: Call, request: Request) -> Answer:
    """Returns the appointment without the participants that were removed."""
    id = request.appointment_id
    async with of_existing(call, request):
        sent = bodies.removed_participants(request.body())
    removed = await remove_participants(
        call, appointment_id=id, participant_ids=sent.value, condition=request.condition()
    )
    row = removed.appointment
    return Answer(
        200, shapes.appointment(call, row), ignored_fields(sent.ignored), version_tag(row)
    )


@asynccontextmanager
async def _of_existing(call: Call, request: Request) -> AsyncIterator[None]:
    try:
        yield
    except Problem as problem:
        id, appointment_id = request.participant_id, request.appointment_id
        row = await get_participant(call, id=id, appointment_id=appointment_id)
        if row is None:
            raise await _missing(call, request) from None
        if not isinstance(problem, UNREAD):
            rules.ensure_condition(row, request.condition(partial(_tag_of, call)))
        raise


async def _missing(call: Call, request: Request) -> NotFound:
    """Returns the problem of a missing participant; raises that of a missing appointment."""
    await ensure_exists(call, request.appointment_id)
    return NotFound("Participant", request.participant_id)


def _tag_of(call: Call, row: ParticipantRow) -> str:
    """The tag of a participant: that of the bytes in which `retrieve` answers."""
    return content_tag(render(shapes.participant(call, row), 0))
