"""Scalars and enumerations of the GraphQL face.

Registered by `schema.build`; `db.models` owns the enumerations themselves.
"""

import re
from datetime import UTC, datetime
from enum import Enum, StrEnum
from typing import NewType

import strawberry
from graphql import GraphQLError
from strawberry.types.scalar import ScalarDefinition

from db.models import AppointmentStatus, EventSource, EventType, ParticipantRole
from db.queries.filters import OrderField

from .domain.admission import AdmissionCode
from .domain.codes import FieldProblemCode, ProblemCode

RFC_3339 = re.compile(
    r"\d{4}-\d\d-\d\d[Tt ]\d\d:\d\d:\d\d(\.\d{1,9})?([Zz]|[+-]\d\d:\d\d)", re.ASCII
)


@strawberry.enum(description="Which end of the order comes first.")
class OrderDirection(Enum):
    """Latest first or earliest first."""

    ASC = strawberry.enum_value("asc", description="Earliest first.")
    DESC = strawberry.enum_value("desc", description="Latest first.")


def described(kind: type[StrEnum], description: str, values: dict[str, str]) -> None:
    """Makes an enumeration of `db.models` one of the GraphQL face, with descriptions."""
    strawberry.enum(kind, description=description)
    definition = kind.__strawberry_definition__  # type: ignore[attr-defined]
    for value in definition.values:
        value.description = values[value.name]


described(
    AppointmentStatus,
    "Life cycle of an appointment. Clients must tolerate values added later.",
    {
        "SCHEDULED": "Planned; may be updated.",
        "ACTIVE": "In progress; cannot be updated.",
        "COMPLETED": "Finished; cannot be updated.",
        "CANCELLED": "Called off before it started.",
        "NO_SHOW": "Its end passed and nobody started it; "
        "a new time in the future makes it scheduled again.",
    },
)
described(
    ParticipantRole,
    "What a participant may do in the room.",
    {"MODERATOR": "Runs the room.", "PARTICIPANT": "Attends."},
)
described(
    AdmissionCode,
    "Whether an access link leads in now, or why not.",
    {
        "TOO_EARLY": "The link opens later.",
        "OPEN": "Come in.",
        "WAITING_FOR_MODERATOR": "The moderator has not opened the appointment yet.",
        "ENDED": "The appointment is over, or was missed.",
        "CANCELLED": "The appointment was called off.",
        "REMOVED": "The person is no longer invited, or the link was replaced.",
        "UNKNOWN_LINK": "The link was never given out here.",
    },
)
described(
    ProblemCode,
    "Why a write was refused. Clients must tolerate values added later.",
    {
        "VALIDATION_FAILED": "`ValidationFailed`.",
        "NOT_FOUND": "`NotFound`.",
        "NOT_ALLOWED_IN_STATUS": "`NotAllowedInStatus`.",
        "OUTSIDE_JOIN_WINDOW": "`OutsideJoinWindow`.",
        "VERSION_CONFLICT": "`VersionConflict`.",
    },
)
described(
    FieldProblemCode,
    "What is wrong with one value. Clients must tolerate values added later.",
    {
        "REQUIRED": "Absent.",
        "NULL": "Null where a value is needed.",
        "BLANK": "Only white space.",
        "TOO_LONG": "Too many characters.",
        "TOO_SMALL": "Below the least value.",
        "TOO_LARGE": "Above the greatest value.",
        "TOO_MANY": "Too many items.",
        "INVALID": "Not of the kind that is expected.",
        "INVALID_CHOICE": "Not one of the known values.",
        "OUT_OF_RANGE": "An instant that cannot be stored.",
        "DUPLICATE": "Listed more than once.",
    },
)
described(
    OrderField,
    "What appointments can be sorted by.",
    {
        "START_DATE_TIME": "The planned start.",
        "CREATED_AT": "When the appointment was booked.",
        "UPDATED_AT": "When the appointment was last changed.",
    },
)
OrderField.__strawberry_definition__.name = "AppointmentOrderField"  # type: ignore[attr-defined]


described(
    EventType,
    "What happened.",
    {
        "APPOINTMENT_CREATED": "Booked.",
        "APPOINTMENT_UPDATED": "Changed, its time not.",
        "APPOINTMENT_RESCHEDULED": "Given another time.",
        "APPOINTMENT_STARTED": "Opened.",
        "APPOINTMENT_COMPLETED": "Ended.",
        "APPOINTMENT_CANCELLED": "Called off.",
        "APPOINTMENT_MISSED": "Nobody started it.",
        "APPOINTMENT_DELETED": "Deleted.",
        "PARTICIPANT_ADDED": "Invited.",
        "PARTICIPANT_UPDATED": "Name or role changed.",
        "PARTICIPANT_REMOVED": "No longer invited.",
        "PARTICIPANT_LINK_ROTATED": "Given a new access link.",
        "PARTICIPANT_JOINED": "Came in.",
        "PARTICIPANT_LEFT": "Left.",
        "PARTICIPANT_ADMITTED": "Let in by a moderator after waiting.",
        "PARTICIPANT_ERASED": "Name and identifier erased by the operator.",
    },
)
described(
    EventSource,
    "Where a change came from.",
    {
        "REST": "The REST face.",
        "GRAPHQL": "The GraphQL face.",
        "CLI": "The command line.",
        "CLOCK": "The clock.",
        "LINK": "An access link.",
    },
)


def write_date_time(value: datetime) -> str:
    """Returns RFC 3339 in UTC with `Z`, six fraction digits or none."""
    return value.astimezone(UTC).replace(tzinfo=None).isoformat() + "Z"


def read_date_time(value: object) -> datetime:
    """Reads an RFC 3339 date-time with its offset; raises GraphQLError for anything else."""
    match = RFC_3339.fullmatch(value) if isinstance(value, str) else None
    if match is None:
        raise GraphQLError(
            "Give an RFC 3339 date-time with an offset, such as 2025-10-30T15:26:22Z."
        )
    try:
        return datetime.fromisoformat(_microseconds(match)).astimezone(UTC)
    except (ValueError, OverflowError):
        raise GraphQLError("This date-time is not in the calendar (years 1 to 9999).") from None


def _microseconds(match: re.Match[str]) -> str:
    """Returns what was matched with six digits of its fraction at most, in upper case."""
    fraction, text = match[1] or "", match[0].upper()
    end = match.start(1) + 7
    return text[:end] + text[match.end(1) :] if len(fraction) > 7 else text


Url = NewType("Url", str)

SCALARS: dict[object, ScalarDefinition] = {
    datetime: strawberry.scalar(
        name="DateTime",
        description="RFC 3339 date-time. Input must carry an offset; "
        "output is always UTC with a `Z` suffix.",
        specified_by_url="https://scalars.graphql.org/chillicream/date-time.html",
        serialize=write_date_time,
        parse_value=read_date_time,
    ),
    Url: strawberry.scalar(
        name="URL",
        description="An absolute http or https URL.",
        specified_by_url="https://url.spec.whatwg.org/",
    ),
}
