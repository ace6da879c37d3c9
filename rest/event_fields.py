"""The table of an event's fields: what answers show and OpenAPI says; nobody sends one."""

from dataclasses import dataclass

from db.models import EventSource, EventType

from .fields import ID, INSTANT, TEXT, Field, Kind, Table

LOGGED = "Event"
EVENT_TYPE = Kind("choice", {"$ref": "#/components/schemas/EventType"})
EVENT_SOURCE = Kind("choice", {"$ref": "#/components/schemas/EventSource"})
ID_OR_NULL = Kind("string", {"type": ["string", "null"], "format": "uuid"})
NAMES = Kind("list", {"type": "array", "items": {"type": "string"}})


@dataclass
class Nothing:
    """What can be sent of an event."""


EVENT = Table(
    Nothing,
    (
        Field("id", ID, (LOGGED,), "0199fb9e-9163-7d0a-8c1f-3f6f1c2b9a54"),
        Field(
            "cursor",
            TEXT,
            (LOGGED,),
            "N3w0NmI5NTc5ZGE2MWI",
            description="Give it as `after` to get what follows.",
            value="write_cursor(log_of, seq, id)",
        ),
        Field("type", EVENT_TYPE, (LOGGED,), EventType.PARTICIPANT_JOINED.value),
        Field("occurred_at", INSTANT, (LOGGED,), "2025-10-30T15:26:40.103822Z"),
        Field("source", EVENT_SOURCE, (LOGGED,), EventSource.LINK.value),
        Field(
            "changed_fields", NAMES, (LOGGED,), [], description="Names of the fields that changed."
        ),
        Field("appointment_id", ID, (LOGGED,), "0199fb9e-9160-72a8-bd1b-98b633ffb7ca"),
        Field(
            "participant_id",
            ID_OR_NULL,
            (LOGGED,),
            "0199fb9e-9161-73f9-88ec-fc44ec86139d",
            description="Null in an event that is about the appointment as a whole.",
        ),
    ),
)
