"""How each body becomes an input of `schema.inputs`, or all of its errors at once.

The tables name the parser of each field; what a value must then satisfy is declared of the inputs.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, NamedTuple

from schema.constraints import rule_of
from schema.domain.codes import FieldProblemCode
from schema.inputs import (
    AppointmentChanges,
    NewAppointment,
    NewParticipant,
    NewParticipants,
    ParticipantChanges,
    ParticipantIds,
)

from .fields import APPOINTMENT, PARTICIPANT, parsers
from .input.forms import Form
from .input.objects import WHOLE, Findings, InvalidInput, Parser, Shape, listed, plain, switches
from .input.values import uuid


@dataclass
class RemovedParticipant:
    """A participant to remove, named by its id."""

    id: str


PERSON = {name: plain(parse) for name, parse in parsers(PARTICIPANT).items()}
NEW_PARTICIPANT = Shape(NewParticipant, PERSON)
# The original service accepts a null name at create, but not here.
ADDED_PARTICIPANT = Shape(NewParticipant, PERSON, not_null=["display_name"])
PARTICIPANT_CHANGES = Shape(ParticipantChanges, PERSON, partial=True)
BOOKING = {name: plain(parse) for name, parse in parsers(APPOINTMENT).items()}
BOOKING |= {"participants": listed(NEW_PARTICIPANT), "config": switches}
NEW_APPOINTMENT = Shape(NewAppointment, BOOKING)
APPOINTMENT_CHANGES = Shape(AppointmentChanges, BOOKING, partial=True)
ADDED_PARTICIPANTS = listed(ADDED_PARTICIPANT)(rule_of(NewParticipants))
REMOVED_PARTICIPANT = Shape(RemovedParticipant, {"id": plain(uuid)})
REMOVED_PARTICIPANTS = listed(REMOVED_PARTICIPANT)(rule_of(ParticipantIds))


class ParsedBody(NamedTuple):
    """The input that a body became, and the names in it that were ignored."""

    value: Any
    ignored: Iterable[str]


class AddedBody(NamedTuple):
    """A body that the original service did not have: its shape, and OpenAPI's examples of it.

    It stands beside its handler, and an entry of `rest.routes` names it.
    """

    shape: Shape
    example: dict[str, Any]
    refusal: dict[str, list[str]]

    @property
    def name(self) -> str:
        """The name of its component; that of its errors ends in `Errors`."""
        return self.shape.kind.__name__

    def parse(self, sent: Any) -> ParsedBody:
        """Parses the body; raises InvalidInput."""
        return _object(self.shape, sent)


def new_appointment(sent: Any) -> ParsedBody:
    """Parses a NewAppointment; raises InvalidInput."""
    return _object(NEW_APPOINTMENT, sent, lists=["participants"], objects=["config"])


def appointment_changes(sent: Any) -> ParsedBody:
    """Parses AppointmentChanges; raises InvalidInput."""
    return _object(APPOINTMENT_CHANGES, sent, objects=["config"])


def participant_changes(sent: Any) -> ParsedBody:
    """Parses ParticipantChanges; raises InvalidInput."""
    return _object(PARTICIPANT_CHANGES, sent)


def added_participants(sent: Any) -> ParsedBody:
    """Parses a list of NewParticipant; raises InvalidInput."""
    return _list(ADDED_PARTICIPANTS, sent)


def removed_participants(sent: Any) -> ParsedBody:
    """Parses the ids of participants; raises InvalidInput."""
    parsed = _list(REMOVED_PARTICIPANTS, sent)
    return ParsedBody([each.id for each in parsed.value], parsed.ignored)


def _object(
    shape: Shape, sent: Any, lists: Iterable[str] = (), objects: Iterable[str] = ()
) -> ParsedBody:
    unused: list[str] = []
    if isinstance(sent, Form):
        sent, unused = sent.as_object(lists, objects)
    return _parse(shape.parse, sent, unused)


def _list(parse: Parser, sent: Any) -> ParsedBody:
    return _parse(parse, sent.as_list() if isinstance(sent, Form) else sent, [])


def _parse(parse: Parser, sent: Any, unused: list[str]) -> ParsedBody:
    findings = Findings()
    if sent is None:
        findings.add_error((WHOLE,), FieldProblemCode.INVALID, "No data provided")
        raise InvalidInput(findings.errors, sent)
    value = parse(sent, (), findings)
    if findings.errors:
        raise InvalidInput(findings.errors, sent)
    return ParsedBody(value, [*findings.ignored, *unused])
