"""What OPTIONS tells about a path, in the words of the original service.

Used by `rest.face`; limits are read off `schema.inputs`.
"""

from collections.abc import Mapping
from typing import Any

from annotated_types import Ge, Le, MaxLen

from db.models import ParticipantRole
from schema.constraints import rules_of
from schema.inputs import NewAppointment, NewParticipant

from .wire.request import FORM, JSON, MULTIPART

Json = dict[str, Any]

LIMITS = {MaxLen: ("max_length", "max_length"), Ge: ("min_value", "ge"), Le: ("max_value", "le")}


def _field(
    label: str,
    type: str,
    *,
    required: bool = False,
    read_only: bool = False,
    help_text: str = "",
    of: Any = None,
    **more: Any,
) -> Json:
    told: Json = {"type": type, "required": required, "read_only": read_only, "label": label}
    if help_text:
        told["help_text"] = help_text
    for constraint in rules_of(of[0])[of[1]].constraints if of else ():
        if constraint.__class__ in LIMITS:
            name, attribute = LIMITS[constraint.__class__]
            told[name] = getattr(constraint, attribute)
    return told | more


PARTICIPANT: Json = {
    "id": _field("Id", "string", read_only=True),
    "unique_id": _field(
        "Unique id",
        "string",
        required=True,
        help_text="Unique participant identifier (email, username, etc.)",
        of=(NewParticipant, "unique_id"),
    ),
    "display_name": _field(
        "Display name",
        "string",
        help_text="Display name for the participant",
        of=(NewParticipant, "display_name"),
    ),
    "role": _field(
        "Role",
        "choice",
        required=True,
        help_text="Role of the participant",
        choices=[
            {"value": role.value, "display_name": role.value.capitalize()}
            for role in ParticipantRole
        ],
    ),
    "access_link": _field("Access link", "field", read_only=True),
}

APPOINTMENT: Json = {
    "id": _field("Id", "string", read_only=True),
    "title": _field(
        "Title",
        "string",
        required=True,
        help_text="Appointment title",
        of=(NewAppointment, "title"),
    ),
    "start_date_time": _field(
        "Start date time", "datetime", required=True, help_text="Appointment start datetime (UTC)"
    ),
    "duration_minutes": _field(
        "Duration minutes",
        "integer",
        required=True,
        help_text="Duration in minutes",
        of=(NewAppointment, "duration_minutes"),
    ),
    # The length is that of the original service's column; the status itself cannot be sent.
    "status": _field("Status", "string", max_length=20),
    "config": _field("Config", "field"),
    "participants": _field(
        "Participants",
        "field",
        required=True,
        child={
            "type": "nested object",
            "required": True,
            "read_only": False,
            "children": PARTICIPANT,
        },
    ),
    "created_at": _field("Created at", "datetime", read_only=True),
    "updated_at": _field("Updated at", "datetime", read_only=True),
}

# The bodies that OPTIONS describes, by the names of their components.
BODIES: Mapping[str, Json] = {
    "NewAppointment": APPOINTMENT,
    "AddedParticipants": PARTICIPANT,
    "RemovedParticipants": PARTICIPANT,
}


def options(name: str, takes: Mapping[str, Any] | None) -> Json:
    """What OPTIONS answers; `takes` describes the body of a POST that the caller may send."""
    told: Json = {
        "name": name,
        "description": "",
        "renders": [JSON],
        "parses": [JSON, FORM, MULTIPART],
    }
    return told | {"actions": {"POST": takes}} if takes else told
