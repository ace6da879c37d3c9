"""What the writes of an organization lead to, applied in the order of its events."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from .operations import Operation

# The steps of the clock: from which status to which.
CLOCK = {
    "appointment.missed": ("scheduled", "no_show"),
    "appointment.completed": ("active", "completed"),
}
Events = list[dict[str, Any]]


@dataclass
class Person:
    """A participant as it must stand in the database."""

    display_name: str | None
    role: str
    link_version: int = 1
    id: str = ""


@dataclass
class Appointment:
    """An appointment as it must stand in the database; people by their unique ids."""

    title: str
    start: datetime
    duration: int
    status: str = "scheduled"
    version: int = 1
    reason: str | None = None
    people: dict[str, Person] = field(default_factory=dict)

    def person(self, id: str) -> tuple[str, Person]:
        """Returns the participant of this id with its unique id; raises KeyError for none."""
        for unique_id, person in self.people.items():
            if person.id == id:
                return unique_id, person
        raise KeyError(f"participant {id}")


class Model:
    """The appointments of one organization."""

    def __init__(self) -> None:
        self.appointments: dict[str, Appointment] = {}

    def apply(self, operation: Operation, events: Events, told: dict[str, str]) -> None:
        """Does what the operation does; raises KeyError when it cannot have been done now.

        `told` are the ids in its answer, as in `Entry`.
        """
        if operation.kind == "create":
            self._create(operation.values, events[0]["appointment_id"], told)
            return
        row = self.appointments[operation.appointment]
        if operation.expected not in (None, row.version):
            raise KeyError(f"version {operation.expected} was seen, {row.version} was overwritten")
        if operation.kind == "delete":
            del self.appointments[operation.appointment]
            return
        _STEPS[operation.kind](row, operation, events)
        # A join changes the appointment only when it starts it.
        row.version += operation.kind != "join" or len(events) > 1
        for unique_id in told.keys() & row.people.keys():
            if told[unique_id] != row.people[unique_id].id:
                raise KeyError(f"another id was told for {unique_id}")

    def _create(self, values: dict[str, Any], id: str, told: dict[str, str]) -> None:
        if id in self.appointments or told.get("", id) != id:
            raise KeyError(f"{id} was created twice, or another id was told")
        start = datetime.fromisoformat(values["start_date_time"])
        people = {
            each["unique_id"]: _person(each, told.get(each["unique_id"], ""))
            for each in values["participants"]
        }
        row = Appointment(values["title"], start, values["duration_minutes"], people=people)
        self.appointments[id] = row

    def move_on(self, event: dict[str, Any]) -> None:
        """Takes a step of the clock; raises KeyError when it was taken already."""
        row = self.appointments[event["appointment_id"]]
        source, target = CLOCK[event["type"]]
        if row.status != source:
            raise KeyError(f"{event['type']} of an appointment that is {row.status}")
        row.status = target
        row.version += 1


def _person(values: dict[str, Any], id: str = "") -> Person:
    return Person(values.get("display_name"), values["role"], id=id)


def _rename(row: Appointment, operation: Operation, events: Events) -> None:
    row.title = operation.values["title"]


def _move(row: Appointment, operation: Operation, events: Events) -> None:
    row.start = datetime.fromisoformat(operation.values["start_date_time"])
    row.duration = operation.values["duration_minutes"]


def _step(row: Appointment, operation: Operation, events: Events) -> None:
    row.status = {"start": "active", "complete": "completed", "cancel": "cancelled"}[operation.kind]
    row.reason = operation.values["reason"] if operation.kind == "cancel" else None


def _join(row: Appointment, operation: Operation, events: Events) -> None:
    row.person(operation.participant)
    row.status = "active"


def _add(row: Appointment, operation: Operation, events: Events) -> None:
    for values, event in zip(operation.values, events, strict=True):
        row.people[values["unique_id"]] = _person(values, event["participant_id"])


def _remove(row: Appointment, operation: Operation, events: Events) -> None:
    del row.people[row.person(operation.participant)[0]]


def _rename_person(row: Appointment, operation: Operation, events: Events) -> None:
    row.person(operation.participant)[1].display_name = operation.values["display_name"]


def _rotate(row: Appointment, operation: Operation, events: Events) -> None:
    row.person(operation.participant)[1].link_version += 1


_STEPS = {
    "rename": _rename,
    "rename_if": _rename,
    "move": _move,
    "start": _step,
    "complete": _step,
    "cancel": _step,
    "join": _join,
    "add": _add,
    "remove": _remove,
    "remove_one": _remove,
    "rename_person": _rename_person,
    "rotate": _rotate,
}
