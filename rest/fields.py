"""The table of REST fields: what answers show, what OPTIONS and OpenAPI say, how values are parsed.

Limits, defaults and most descriptions are those of `schema.inputs`; a field is added there and
here, and everything else in `rest` follows.
"""

from collections.abc import Callable
from dataclasses import MISSING, fields
from typing import Any, NamedTuple

from db.models import ParticipantRole
from schema.constraints import Rule, rules_of
from schema.inputs import NewAppointment, NewParticipant

from .input.values import date_time, one_of, text, whole_number

Json = dict[str, Any]

# The answers that show a field, by the names of their components.
ITEM = "AppointmentItem"
DETAIL = "Appointment"
CHANGED = "AppointmentChanged"
PERSON = "Participant"
PERSON_CHANGED = "ParticipantChanged"


class Kind(NamedTuple):
    """A kind of value: its type in OPTIONS, its schema in OpenAPI, and how one is parsed.

    `details` is what OPTIONS adds. Without `parse` it cannot be sent, or `rest.bodies` parses it.
    """

    type: str
    schema: Json
    parse: Callable[[Any], Any] | None = None
    details: Json | None = None


class Field(NamedTuple):
    """One field of an appointment or a participant.

    `help_text` is for OPTIONS; `description` for OpenAPI, instead of the one of the input.
    `value` is the expression that renders it, over the columns of the row; its name by default.
    `is_addition` marks what the original service did not have.
    """

    name: str
    kind: Kind
    shown_in: tuple[str, ...]
    example: Any = None
    help_text: str = ""
    description: str = ""
    value: str = ""
    is_read_only: bool = False
    is_addition: bool = False

    @property
    def label(self) -> str:
        """The name for people."""
        return self.name.replace("_", " ").capitalize()


class Table(NamedTuple):
    """The fields of one kind of object in the documented order; `input` creates one."""

    input: type[Any]
    fields: tuple[Field, ...]

    def shown(self, answer: str) -> list[Field]:
        """The fields that an answer shows."""
        return [each for each in self.fields if answer in each.shown_in]

    def rules(self) -> dict[str, Rule]:
        """What is declared of the fields that can be sent."""
        return rules_of(self.input)

    def required(self) -> frozenset[str]:
        """The names of the fields that must be sent."""
        return frozenset(
            each.name
            for each in fields(self.input)
            if each.default is MISSING and each.default_factory is MISSING
        )


def _ref(name: str) -> Json:
    return {"$ref": f"#/components/schemas/{name}"}


def _list_of(name: str) -> Json:
    return {"type": "array", "items": _ref(name)}


ROLES = [{"value": each.value, "display_name": each.value.capitalize()} for each in ParticipantRole]

TEXT = Kind("string", {"type": "string"}, text)
NUMBER = Kind("integer", {"type": "integer"}, whole_number)
COUNT = Kind("integer", {"type": "integer", "minimum": 0})
INSTANT = Kind("datetime", {"type": "string", "format": "date-time"}, date_time)
ID = Kind("string", {"type": "string", "format": "uuid"})
URL = Kind("field", {"type": "string", "format": "uri"})
ROLE = Kind("choice", _ref("ParticipantRole"), one_of(ParticipantRole), {"choices": ROLES})
# The length is that of the original service's column; the status itself cannot be sent.
STATUS = Kind("string", _ref("AppointmentStatus"), details={"max_length": 20})
CONFIG = Kind("field", _ref("AppointmentConfig"))
PEOPLE = Kind("field", _list_of("Participant"))

PARTICIPANT = Table(
    NewParticipant,
    (
        Field("id", ID, (PERSON,), "0199fb9e-9161-73f9-88ec-fc44ec86139d", is_read_only=True),
        Field(
            "unique_id",
            TEXT,
            (PERSON,),
            "admin@example.com",
            help_text="Unique participant identifier (email, username, etc.)",
        ),
        Field(
            "display_name",
            TEXT,
            (PERSON, PERSON_CHANGED),
            "Admin User",
            help_text="Display name for the participant",
        ),
        Field(
            "role",
            ROLE,
            (PERSON, PERSON_CHANGED),
            "moderator",
            help_text="Role of the participant",
        ),
        Field(
            "access_link",
            URL,
            (PERSON,),
            "http://127.0.0.1:8000/join/personal-and-secret",
            description="Personal link into the appointment. Secret: whoever holds it can join.",
            value="link_to(id, link_version)",
            is_read_only=True,
        ),
    ),
)

APPOINTMENT = Table(
    NewAppointment,
    (
        Field("id", ID, (DETAIL, ITEM), "0199fb9e-9160-72a8-bd1b-98b633ffb7ca", is_read_only=True),
        Field(
            "title",
            TEXT,
            (DETAIL, ITEM, CHANGED),
            "Consultation Meeting",
            help_text="Appointment title",
        ),
        Field(
            "start_date_time",
            INSTANT,
            (DETAIL, ITEM, CHANGED),
            "2025-10-30T15:26:22.539536Z",
            help_text="Appointment start datetime (UTC)",
            description="Planned start, UTC.",
        ),
        Field(
            "duration_minutes",
            NUMBER,
            (DETAIL, ITEM, CHANGED),
            60,
            help_text="Duration in minutes",
        ),
        Field("status", STATUS, (DETAIL, ITEM), "scheduled"),
        Field(
            "config",
            CONFIG,
            (DETAIL, CHANGED),
            {"chat_enabled": True, "screenshare_enabled": True},
        ),
        Field("participants", PEOPLE, (DETAIL,), value="render_people(call, participants or ())"),
        Field("participant_count", COUNT, (ITEM,), 1),
        Field(
            "organization_name",
            TEXT,
            (ITEM,),
            "Consulate General",
            description="The organization that the token belongs to.",
        ),
        Field(
            "created_at", INSTANT, (DETAIL, ITEM), "2025-10-29T09:00:00.482913Z", is_read_only=True
        ),
        Field("updated_at", INSTANT, (DETAIL,), "2025-10-29T09:00:00.482913Z", is_read_only=True),
    ),
)


def parsers(table: Table) -> dict[str, Callable[[Any], Any]]:
    """How the plain values of an object are parsed, by name."""
    sendable = table.rules().keys()
    return {
        each.name: each.kind.parse
        for each in table.fields
        if each.kind.parse and each.name in sendable
    }
