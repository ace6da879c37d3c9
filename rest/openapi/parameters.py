"""The parameters of paths and query strings."""

from typing import Any

from schema.domain.idempotency import LONGEST
from schema.inputs import AppointmentFilter
from schema.resolvers.pages import MAX_SIZE

from ..fields import Json
from ..input.query import ORDERS
from .schemas import INSTANT, TEXT, UUID, descriptions, listed, ref


def _parameter(name: str, place: str, schema: Json, description: str, **more: Any) -> Json:
    return {"name": name, "in": place, "schema": schema, "description": description, **more}


def _in_path(name: str, description: str) -> Json:
    return _parameter(name, "path", UUID, description, required=True)


# What is accepted, but for escapes and parameters in the form with quotation marks.
KEY_PATTERN = rf'^("[ !#-\[\]-~]{{1,{LONGEST}}}"|[!#-+.-:<-\[\]-~-]{{1,{LONGEST}}})$'
WORDS = descriptions(AppointmentFilter)
PATH_IDS: Json = {
    "id": _in_path("id", "The appointment."),
    "participant_id": _in_path("participant_id", "The participant."),
}
QUERY: Json = {
    "page": (
        {"anyOf": [{"type": "integer", "minimum": 1}, {"const": "last"}]},
        "Number of the page, from 1, or `last`.",
    ),
    "page_size": (
        {"type": "integer", "minimum": 1, "maximum": MAX_SIZE},
        "Items on a page; the operator sets how many there are otherwise.",
    ),
    "participant_unique_id": (
        TEXT,
        "Only appointments that have a participant with this `unique_id`.",
    ),
    "start_date": (INSTANT, WORDS["starts_from"]),
    "end_date": (INSTANT, WORDS["starts_until"]),
    "status": (
        listed(ref("schemas", "AppointmentStatus")),
        f"{WORDS['status']} Repeat it or separate states by commas.",
    ),
    "ordering": (
        listed({**TEXT, "enum": list(ORDERS)}),
        "What to sort by, separated by commas: ties of one field are sorted by the next, and by "
        "`id` in the end. `-` puts the latest first. By default `-start_date_time`.",
    ),
    "after": (
        TEXT,
        "Cursor of an event or a page, for what follows; without one, or with an empty one, the "
        "oldest event that is kept is the first.",
    ),
    "limit": (
        {"type": "integer", "minimum": 1, "maximum": MAX_SIZE},
        "How many events; the operator sets how many there are otherwise.",
    ),
}
TAGS = "Entity tags as `ETag` shows them, separated by commas, or `*`."
CONDITIONS: Json = {
    "If-Match": _parameter(
        "If-Match",
        "header",
        TEXT,
        f"{TAGS} Answers 412 and does nothing unless one of them is current.",
    ),
    "If-None-Match": _parameter(
        "If-None-Match",
        "header",
        TEXT,
        f"{TAGS} When one of them is current, a read answers 304, a write 412.",
    ),
}
PARAMETERS: Json = {
    **PATH_IDS,
    **CONDITIONS,
    **{name: _parameter(name, "query", *each) for name, each in QUERY.items()},
}
PARAMETERS["Idempotency-Key"] = _parameter(
    "Idempotency-Key",
    "header",
    {**TEXT, "pattern": KEY_PATTERN},
    "Makes the write once, however often it is sent within a day: a new key for each new request, "
    f"such as a UUID, of 1 to {LONGEST} printable ASCII characters, in quotation marks or bare.",
    example="8e03978e-40d5-43e8-bc93-6894a57f9324",
)
PARAMETERS["ordering"]["explode"] = False
