"""The Strawberry target: its own ASGI view and its own resolvers over the floor's statements.
`serve.py` starts it; nothing of the gateway's way of running operations is in it."""

from functools import cached_property
from pathlib import Path
from typing import Any

import strawberry
from starlette.requests import HTTPConnection
from strawberry.asgi import GraphQL
from strawberry.schema.config import StrawberryConfig

from .floor.callers import Caller, Callers
from .floor.reads import EARLIEST, LATEST, PAGE_SIZE, Reads, Row
from .floor.storage import connect
from .floor.writes import Writes
from .strawberry_types import (
    SCALARS,
    Appointment,
    AppointmentConnection,
    AppointmentCreated,
    AppointmentFilter,
    AppointmentStatus,
    CreateAppointmentResult,
    FieldProblem,
    NewAppointment,
    Organization,
    PageInfo,
    Participant,
    ParticipantRole,
    ValidationFailed,
)

Info = strawberry.Info[dict[str, Any], None]


class Storage:
    """The floor's readers and writers of one file."""

    def __init__(self, path: Path) -> None:
        reader = connect(path)
        self.callers = Callers(reader)
        self.reads = Reads(reader)
        self.writes = Writes(connect(path))


class Together:
    """The appointments of one answer; the first asked for participants loads those of all."""

    def __init__(self, reads: Reads, organization: str, keys: list[str]) -> None:
        self.reads, self.organization, self.keys = reads, organization, keys

    @cached_property
    def people(self) -> dict[str, list[Row]]:
        return self.reads.nested(self.organization, self.keys)

    def of(self, key: str) -> list[Participant]:
        return [guest(row) for row in self.people[key][:PAGE_SIZE]]


def guest(row: Row) -> Participant:
    return Participant(
        id=row[0],
        unique_id=row[1],
        display_name=row[2],
        role=ParticipantRole(row[3]),
        version=row[4],
    )


def caller(info: Info) -> Caller:
    found: Caller = info.context["caller"]
    return found


def storage(info: Info) -> Storage:
    found: Storage = info.context["storage"]
    return found


def detailed(row: Row, people: list[Row], who: Caller) -> Appointment:
    """Make an appointment of a whole row and its participants."""
    return Appointment(
        id=row[0],
        title=row[1],
        start_date_time=row[2],
        duration_minutes=row[3],
        status=AppointmentStatus(row[4]),
        config_text=row[5],
        created_at=row[6],
        updated_at=row[7],
        participant_count=len(people),
        organization=Organization(name=who.name),
        guests=lambda key: [guest(each) for each in people[:PAGE_SIZE]],
    )


def listed(row: Row, who: Caller, together: Together) -> Appointment:
    """Make an appointment of a row of a page."""
    return Appointment(
        id=row[0],
        title=row[1],
        start_date_time=row[2],
        duration_minutes=row[3],
        status=AppointmentStatus(row[4]),
        participant_count=row[5],
        created_at=row[6],
        updated_at=row[6],
        config_text=None,
        organization=Organization(name=who.name),
        guests=together.of,
    )


@strawberry.type
class Query:
    @strawberry.field
    def appointment(self, info: Info, id: strawberry.ID) -> Appointment | None:
        who = caller(info)
        found = storage(info).reads.one(who.organization_id, id)
        return detailed(*found, who) if found else None

    @strawberry.field
    def appointments(
        self, info: Info, first: int = PAGE_SIZE, filter: AppointmentFilter | None = None
    ) -> AppointmentConnection:
        if not 1 <= first <= 100:
            raise ValueError("Give `first` from 1 to 100.")
        who, reads = caller(info), storage(info).reads
        begin = (filter and filter.starts_from) or EARLIEST
        end = (filter and filter.starts_until) or LATEST
        rows, total = reads.in_window(who.organization_id, begin, end, 1, first)
        together = Together(reads, who.organization_id, [row[0] for row in rows])
        return AppointmentConnection(
            total_count=total,
            page_info=PageInfo(has_next_page=total > first),
            nodes=[listed(row, who, together) for row in rows],
        )


def problems(given: NewAppointment) -> list[FieldProblem]:
    """Check what the type of a field cannot say."""
    checked = [
        (["input", "title"], 1 <= len(given.title.strip()) <= 255),
        (["input", "durationMinutes"], 15 <= given.duration_minutes <= 720),
    ]
    for at, each in enumerate(given.participants):
        path = ["input", "participants", str(at)]
        checked.append(([*path, "uniqueId"], 1 <= len(each.unique_id.strip()) <= 255))
        checked.append(([*path, "displayName"], len(each.display_name or "") <= 60))
    return [
        FieldProblem(path=path, code="invalid", message="") for path, fine in checked if not fine
    ]


@strawberry.type
class Mutation:
    @strawberry.mutation
    async def create_appointment(
        self, info: Info, input: NewAppointment
    ) -> CreateAppointmentResult | None:
        if broken := problems(input):
            return ValidationFailed(message="The input is invalid.", fields=broken)
        who = caller(info)
        body = {
            "title": input.title,
            "start_date_time": input.start_date_time,
            "duration_minutes": input.duration_minutes,
            "participants": [
                {
                    "unique_id": each.unique_id,
                    "display_name": each.display_name,
                    "role": each.role.value,
                }
                for each in input.participants
            ],
            "config": input.config and input.config.stored(),
        }
        row, people = await storage(info).writes.create(who.organization_id, body, "graphql")
        return AppointmentCreated(appointment=detailed(row, people, who))


class View(GraphQL[dict[str, Any], None]):
    """Strawberry's own view; the context names the caller."""

    opened: Storage

    async def get_context(self, request: HTTPConnection, response: Any) -> dict[str, Any]:
        header = request.headers.get("authorization", "")
        found = self.opened.callers.named(header.encode())
        if found is None:
            raise PermissionError("Sign in.")
        return {"caller": found, "storage": self.opened}


def application(path: Path) -> View:
    """Return the application over this file."""
    config = StrawberryConfig(scalar_map=SCALARS)
    view = View(strawberry.Schema(Query, Mutation, config=config), graphql_ide=None)
    view.opened = Storage(path)
    return view
