"""Handlers of the steps of an appointment's life: additions that the original service did not have.

Each takes the call and the request, and calls one resolver.
"""

from db.models import AppointmentRow
from schema.operation.call import Call
from schema.resolvers.lifecycle import (
    cancel_appointment,
    complete_appointment,
    start_appointment,
)

from . import bodies, shapes
from .appointments import of_existing
from .wire.answer import Answer, Header, etag, ignored_fields
from .wire.request import Request


async def start(call: Call, request: Request) -> Answer:
    """Returns the appointment, which is active now."""
    row = await start_appointment(call, id=request.appointment_id, with_participants=True)
    return _answer(call, row)


async def complete(call: Call, request: Request) -> Answer:
    """Returns the appointment, which is completed now."""
    row = await complete_appointment(call, id=request.appointment_id, with_participants=True)
    return _answer(call, row)


async def cancel(call: Call, request: Request) -> Answer:
    """Returns the appointment, which is cancelled now."""
    id = request.appointment_id
    async with of_existing(call, id):
        sent = bodies.cancellation(request.body())
    row = await cancel_appointment(call, id=id, reason=sent.value.reason, with_participants=True)
    return _answer(call, row, ignored_fields(sent.ignored))


def _answer(call: Call, row: AppointmentRow, headers: tuple[Header, ...] = ()) -> Answer:
    return Answer(200, shapes.appointment(call, row), (etag(row.version), *headers))
