"""What was sent becomes an input of `schema.inputs`, with everything that is wrong with it at once.

Called by the handlers. The tables say how each field is coerced; what it must then satisfy is
read off the inputs themselves.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, NamedTuple

from schema.constraints import rule_of
from schema.inputs import (
    AppointmentChanges,
    CancelReason,
    NewAppointment,
    NewParticipant,
    NewParticipants,
    ParticipantChanges,
    ParticipantIds,
)

from ..fields import APPOINTMENT, PARTICIPANT, parsers
from .coercion import text, uuid
from .forms import Form
from .reader import WHOLE, Reader, Reading, Refusal, Shape, listed, plain, switches


@dataclass
class Named:
    """A participant to remove, named by its id."""

    id: str


@dataclass
class Cancellation:
    """Why an appointment is called off."""

    reason: CancelReason | None = None


PERSON = {name: plain(parse) for name, parse in parsers(PARTICIPANT).items()}
NEW_PARTICIPANT = Shape(NewParticipant, PERSON)
# The original service takes a null name at create, and refuses it here.
ADDED_PARTICIPANT = Shape(NewParticipant, PERSON, refuses_null=["display_name"])
PARTICIPANT_CHANGES = Shape(ParticipantChanges, PERSON, partial=True)
BOOKING = {name: plain(parse) for name, parse in parsers(APPOINTMENT).items()}
BOOKING |= {"participants": listed(NEW_PARTICIPANT), "config": switches}
CANCELLATION = Shape(Cancellation, {"reason": plain(text)})
NEW_APPOINTMENT = Shape(NewAppointment, BOOKING)
APPOINTMENT_CHANGES = Shape(AppointmentChanges, BOOKING, partial=True)
ADDED_PARTICIPANTS = listed(ADDED_PARTICIPANT)(rule_of(NewParticipants))
REMOVED_PARTICIPANTS = listed(Shape(Named, {"id": plain(uuid)}))(rule_of(ParticipantIds))


class Taken(NamedTuple):
    """What was taken from a body, and the names of what was not."""

    value: Any
    ignored: Iterable[str]


def new_appointment(sent: Any) -> Taken:
    """Reads a NewAppointment; raises Refusal."""
    return _object(NEW_APPOINTMENT, sent, lists=["participants"], objects=["config"])


def appointment_changes(sent: Any) -> Taken:
    """Reads AppointmentChanges; raises Refusal."""
    return _object(APPOINTMENT_CHANGES, sent, objects=["config"])


def participant_changes(sent: Any) -> Taken:
    """Reads ParticipantChanges; raises Refusal."""
    return _object(PARTICIPANT_CHANGES, sent)


def cancellation(sent: Any) -> Taken:
    """Reads a Cancellation; raises Refusal."""
    return _object(CANCELLATION, sent)


def added_participants(sent: Any) -> Taken:
    """Reads a list of NewParticipant; raises Refusal."""
    return _list(ADDED_PARTICIPANTS, sent)


def removed_participants(sent: Any) -> Taken:
    """Reads the ids of participants; raises Refusal."""
    taken = _list(REMOVED_PARTICIPANTS, sent)
    return Taken([named.id for named in taken.value], taken.ignored)


def _object(
    shape: Shape, sent: Any, lists: Iterable[str] = (), objects: Iterable[str] = ()
) -> Taken:
    unused: list[str] = []
    if isinstance(sent, Form):
        sent, unused = sent.as_object(lists, objects)
    return _read(shape.read, sent, unused)


def _list(read: Reader, sent: Any) -> Taken:
    return _read(read, sent.as_list() if isinstance(sent, Form) else sent, [])


def _read(read: Reader, sent: Any, unused: list[str]) -> Taken:
    reading = Reading()
    if sent is None:
        reading.refuse((WHOLE,), "invalid", "No data provided")
        raise Refusal(reading.errors, sent)
    value = read(sent, (), reading)
    if reading.errors:
        raise Refusal(reading.errors, sent)
    return Taken(value, [*reading.ignored, *unused])
