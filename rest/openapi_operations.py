"""What the OpenAPI document says about each operation, one entry an operation.

Read by `rest.openapi`; the summary of a write is the docstring of its resolver.
"""

from collections.abc import Callable, Mapping
from inspect import getdoc
from typing import Any, NamedTuple

from schema.inputs import AppointmentFilter
from schema.pages import MAX_SIZE
from schema.resolvers import appointments, participants

from . import openapi_examples as examples
from .openapi_forms import form_of, form_of_list
from .openapi_parts import INPUTS, INSTANT, TEXT, UUID, Json, descriptions, ref
from .request import FORM, JSON, MULTIPART


def says(resolver: Callable[..., Any]) -> str:
    """The first sentence of a resolver's docstring."""
    text: str = getdoc(resolver) or ""
    return text.split("\n\n", maxsplit=1)[0].partition(". ")[0].rstrip(".") + "."


class Told(NamedTuple):
    """One operation: what it is called, takes, answers, and how it refuses a bad request."""

    summary: str
    status: int
    answers: str | None = None
    query: tuple[str, ...] = ()
    takes: str | None = None
    headers: tuple[str, ...] = ()
    wrong: str | None = None
    note: str = ""
    is_addition: bool = False


class Body(NamedTuple):
    """A body: the component of its schema, its form, and an example of each."""

    name: str
    form: Json
    example: Any
    form_example: Json
    is_required: bool = True

    def drawn(self) -> Json:
        """The body in each of the three media types."""
        form = {"schema": ref("schemas", f"{self.name}Form"), "example": self.form_example}
        json = {"schema": ref("schemas", self.name), "example": self.example}
        return {
            "required": self.is_required,
            "content": {JSON: json, FORM: form, MULTIPART: form},
        }


BODIES: Mapping[str, Body] = {
    name: Body(name, form, *examples.BODIES[name], is_required=name not in ("AppointmentChanges", "ParticipantChanges"))
    for name, form in {
        "NewAppointment": form_of(INPUTS["NewAppointment"]),
        "AppointmentChanges": form_of(INPUTS["AppointmentChanges"]),
        "AddedParticipants": form_of_list(INPUTS["AddedParticipants"]),
        "RemovedParticipants": form_of_list(INPUTS["RemovedParticipants"]),
        "ParticipantChanges": form_of(INPUTS["ParticipantChanges"]),
    }.items()
}
