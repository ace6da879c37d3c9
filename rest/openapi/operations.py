"""What the OpenAPI document says about each operation, one entry an operation.

Read by `rest.openapi.document`; the summary of a write is the docstring of its resolver.
"""

from collections.abc import Callable, Mapping
from inspect import getdoc
from typing import Any, NamedTuple

from schema.inputs import AppointmentFilter
from schema.resolvers.appointments import (
    create_appointment,
    delete_appointment,
    update_appointment,
)
from schema.resolvers.lifecycle import (
    cancel_appointment,
    complete_appointment,
    start_appointment,
)
from schema.resolvers.pages import MAX_SIZE
from schema.resolvers.participants import (
    add_participants,
    remove_participant,
    remove_participants,
    update_participant,
)

from ..wire.request import FORM, JSON, MULTIPART
from .examples import SENT
from .forms import flat, form_of, form_of_list
from .schemas import INPUTS, INSTANT, TEXT, UUID, Json, descriptions, ref

PAGE = ("page", "page_size")
CONDITIONS = ("participant_unique_id", "start_date", "end_date")


class Told(NamedTuple):
    """One operation: what it is called, takes and answers, and how it refuses what was sent.

    `takes`, `answers` and `wrong` name components; `is_addition` marks what the original service
    did not have.
    """

    summary: str
    status: int = 200
    answers: str | None = None
    takes: str | None = None
    wrong: str | None = None
    query: tuple[str, ...] = ()
    has_version: bool = False
    note: str = ""
    is_addition: bool = False


def says(resolver: Callable[..., Any]) -> str:
    """The first paragraph of a resolver's docstring."""
    return " ".join((getdoc(resolver) or "").partition("\n\n")[0].split())


def _step(resolver: Callable[..., Any], takes: str | None = None, wrong: str | None = None) -> Told:
    return Told(
        says(resolver),
        answers="Appointment",
        takes=takes,
        wrong=wrong,
        has_version=True,
        note="Safe to send again: a step that was made already answers the current state.",
        is_addition=True,
    )


TOLD: Mapping[str, Told] = {
    "appointments_list": Told(
        "List appointments, the latest start first.",
        answers="AppointmentPage",
        wrong="FilterErrors",
        query=(*PAGE, *CONDITIONS),
        note="Conditions are joined by AND; an empty one does not restrict.",
    ),
    "appointments_create": Told(
        says(create_appointment),
        201,
        answers="Appointment",
        takes="NewAppointment",
        wrong="NewAppointmentErrors",
        has_version=True,
        note="Each `unique_id` may stand once among the participants.",
    ),
    "appointments_retrieve": Told(
        "One appointment with its participants.", answers="Appointment", has_version=True
    ),
    "appointments_partial_update": Told(
        says(update_appointment),
        answers="AppointmentChanged",
        takes="AppointmentChanges",
        wrong="AppointmentChangesErrors",
        has_version=True,
        note="What is left out stays as it is; `config` is replaced as a whole, null clears it.",
    ),
    "appointments_destroy": Told(says(delete_appointment), 204),
    "appointments_participants_list": Told(
        "List the participants of one appointment in the order in which they were added.",
        answers="ParticipantPage",
        query=PAGE,
    ),
    "appointments_participants_retrieve": Told("One participant.", answers="Participant"),
    "appointments_participants_partial_update": Told(
        says(update_participant),
        answers="ParticipantChanged",
        takes="ParticipantChanges",
        wrong="ParticipantChangesErrors",
        note="What is left out stays as it is; a null `display_name` clears it.",
    ),
    "appointments_participants_destroy": Told(says(remove_participant), 204),
    "appointments_participants_add_create": Told(
        says(add_participants),
        answers="Appointment",
        takes="AddedParticipants",
        wrong="NewParticipantsErrors",
        has_version=True,
        note="Safe to send again: who is in the appointment already is left as they are.",
    ),
    "appointments_participants_remove_create": Told(
        says(remove_participants),
        answers="Appointment",
        takes="RemovedParticipants",
        wrong="RemovedParticipantsErrors",
        has_version=True,
        note="Safe to send again: ids that are not in the appointment are passed over.",
    ),
    "appointments_start_create": _step(start_appointment),
    "appointments_complete_create": _step(complete_appointment),
    "appointments_cancel_create": _step(cancel_appointment, "Cancellation", "CancellationErrors"),
}


def _body(name: str, schema: Json) -> Json:
    """A body in each of the three media types; one that asks for nothing may be left out."""
    as_form = {"schema": ref("schemas", f"{name}Form"), "example": flat(SENT[name])}
    as_json = {"schema": ref("schemas", name), "example": SENT[name]}
    return {
        "required": "required" in schema or schema["type"] == "array",
        "content": {JSON: as_json, FORM: as_form, MULTIPART: as_form},
    }


FORMS: Json = {
    f"{name}Form": form_of_list(schema) if schema["type"] == "array" else form_of(schema)
    for name, schema in INPUTS.items()
    if name in SENT
}
BODIES: Json = {name: _body(name, INPUTS[name]) for name in SENT}


def _parameter(name: str, place: str, schema: Json, description: str, **more: Any) -> Json:
    return {"name": name, "in": place, "schema": schema, "description": description, **more}


def _in_path(name: str, description: str) -> Json:
    return _parameter(name, "path", UUID, description, required=True)


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
    "format": ({"const": "json"}, "Answers are JSON, asked for or not."),
}
PARAMETERS: Json = {
    **PATH_IDS,
    **{name: _parameter(name, "query", *told) for name, told in QUERY.items()},
}
