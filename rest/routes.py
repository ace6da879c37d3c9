"""The table of the REST face: method, path, operationId, resolver, handler."""

import re
from collections.abc import Awaitable, Callable, Iterable, Mapping
from typing import Any, NamedTuple

from schema.operation.call import Call
from schema.resolvers.appointments import (
    create_appointment,
    delete_appointment,
    get_appointment,
    list_appointments,
    update_appointment,
)
from schema.resolvers.lifecycle import (
    cancel_appointment,
    complete_appointment,
    start_appointment,
)
from schema.resolvers.participants import (
    add_participants,
    get_participant,
    list_participants,
    remove_participant,
    remove_participants,
    update_participant,
)

from . import appointments, lifecycle, metadata, participants
from .wire.answer import Answer
from .wire.request import CANONICAL_ID, Request

ITEMS_A_POINT = 10

Resolver = Callable[..., Awaitable[Any]]
Handler = Callable[[Call, Request], Awaitable[Answer]]


class Operation(NamedTuple):
    """One operation: `handler` speaks HTTP around `resolver`, which GraphQL holds as well."""

    method: str
    path: str
    operation_id: str
    resolver: Resolver
    handler: Handler

    @property
    def takes_body(self) -> bool:
        """Whether its body is read; of the others it is passed over."""
        return self.method in ("POST", "PATCH")

    def points(self, request: Request) -> int:
        """What a request costs: 1 point, and for a page 1 more for each 10 items it can hold."""
        if not self.operation_id.endswith("_list"):
            return 1
        return 1 + request.query.size(request.page_size) // ITEMS_A_POINT


LIST = "/appointments/"
INSTANCE = "/appointments/{id}/"
PEOPLE = "/appointments/{id}/participants/"
PERSON = "/appointments/{id}/participants/{participant_id}/"
ADD = "/appointments/{id}/participants/add/"
REMOVE = "/appointments/{id}/participants/remove/"
START = "/appointments/{id}/start/"
COMPLETE = "/appointments/{id}/complete/"
CANCEL = "/appointments/{id}/cancel/"

OPERATIONS = (
    Operation("GET", LIST, "appointments_list", list_appointments, appointments.list_page),
    Operation("POST", LIST, "appointments_create", create_appointment, appointments.create),
    Operation("GET", INSTANCE, "appointments_retrieve", get_appointment, appointments.retrieve),
    Operation(
        "PATCH",
        INSTANCE,
        "appointments_partial_update",
        update_appointment,
        appointments.partial_update,
    ),
    Operation("DELETE", INSTANCE, "appointments_destroy", delete_appointment, appointments.destroy),
    Operation(
        "GET", PEOPLE, "appointments_participants_list", list_participants, participants.list_page
    ),
    Operation(
        "GET", PERSON, "appointments_participants_retrieve", get_participant, participants.retrieve
    ),
    Operation(
        "PATCH",
        PERSON,
        "appointments_participants_partial_update",
        update_participant,
        participants.partial_update,
    ),
    Operation(
        "DELETE",
        PERSON,
        "appointments_participants_destroy",
        remove_participant,
        participants.destroy,
    ),
    Operation(
        "POST", ADD, "appointments_participants_add_create", add_participants, participants.add
    ),
    Operation(
        "POST",
        REMOVE,
        "appointments_participants_remove_create",
        remove_participants,
        participants.remove,
    ),
    # Additions of our own: the original service had no life cycle to ask for.
    Operation("POST", START, "appointments_start_create", start_appointment, lifecycle.start),
    Operation(
        "POST", COMPLETE, "appointments_complete_create", complete_appointment, lifecycle.complete
    ),
    Operation("POST", CANCEL, "appointments_cancel_create", cancel_appointment, lifecycle.cancel),
)

# What OPTIONS calls a path, and what it tells about the body of its POST.
DESCRIBED: Mapping[str, tuple[str, Mapping[str, Any] | None]] = {
    LIST: ("Appointment List", metadata.APPOINTMENT),
    INSTANCE: ("Appointment Instance", None),
    PEOPLE: ("Participant List", None),
    PERSON: ("Participant Instance", None),
    ADD: ("Add", metadata.PARTICIPANT),
    REMOVE: ("Remove", metadata.PARTICIPANT),
    START: ("Start", None),
    COMPLETE: ("Complete", None),
    CANCEL: ("Cancel", None),
}

# The original service read the id of an appointment in any form, but below it only this one.
ANY_ID = "([^/.]+)"
ONE_ID = f"({CANONICAL_ID.pattern})"
PLACEHOLDER = re.compile(r"\{\w+\}")


class Path:
    """One path with its operations by method."""

    __slots__ = ("allow", "match", "name", "operations", "takes")

    def __init__(self, prefix: str, template: str, operations: Iterable[Operation]) -> None:
        self.operations = {each.method: each for each in operations}
        if "GET" in self.operations:
            self.operations["HEAD"] = self.operations["GET"]
        self.allow = ", ".join([*self.operations, "OPTIONS"]).encode()
        self.name, self.takes = DESCRIBED[template]
        form = ONE_ID if template.startswith(PEOPLE) else ANY_ID
        pattern = PLACEHOLDER.sub(lambda _: form, re.escape(prefix) + template.rstrip("/"))
        self.match = re.compile(pattern + "/?").fullmatch


def paths(prefix: str) -> list[Path]:
    """The paths of the table below `prefix`, in the order of the table."""
    templates = dict.fromkeys(each.path for each in OPERATIONS)
    return [
        Path(prefix, template, [each for each in OPERATIONS if each.path == template])
        for template in templates
    ]
