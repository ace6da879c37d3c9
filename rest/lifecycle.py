"""Handlers of the steps of an appointment's life: additions that the original service did not have.

Each takes the call and the request, and calls one resolver.
"""

from dataclasses import dataclass

from db.models import AppointmentRow
from schema.inputs import CancelReason
from schema.operation.call import Call
from schema.resolvers.lifecycle import (
    cancel_appointment,
    complete_appointment,
    start_appointment,
)

from . import shapes
from .appointments import of_existing
from .bodies import AddedBody
from .input.objects import Shape, plain
from .input.values import text
from .wire.answer import Answer, Header, ignored_fields
from .wire.conditions import version_tag
from .wire.request import Request


@dataclass
class Cancellation:
    """Why an appointment is cancelled."""

    reason: CancelReason | None = None


CANCELLATION = AddedBody(
    Shape(Cancellation, {"reason": plain(text)}),
    {"reason": "The interpreter is ill."},
    {"reason": ["Ensure this field has no more than 1000 characters."]},
)


async def start(call: Call, request: Request) -> Answer:
    """Returns the appointment, which is active now."""
    row = await start_appointment(
        call, id=request.appointment_id, with_participants=True, condition=request.condition()
    )
    return _answer(call, row)


async def complete(call: Call, request: Request) -> Answer:
    """Returns the appointment, which is completed now."""
    row = await complete_appointment(
        call, id=request.appointment_id, with_participants=True, condition=request.condition()
    )
    return _answer(call, row)


async def cancel(call: Call, request: Request) -> Answer:
    """Returns the appointment, which is cancelled now."""
    id = request.appointment_id
    async with of_existing(call, request):
        sent = CANCELLATION.parse(request.body())
    row = await cancel_appointment(
        call, id=id, reason=sent.value.reason, with_participants=True, condition=request.condition()
    )
    return _answer(call, row, ignored_fields(sent.ignored))


def _answer(call: Call, row: AppointmentRow, headers: tuple[Header, ...] = ()) -> Answer:
    return Answer(200, shapes.appointment(call, row), headers, version_tag(row))
