"""Appointments and their participants, which lead to each other: over the plain rows of resolvers.

Scalars are plain attributes of the rows; one query per connection, nothing asynchronous per field.
"""

from datetime import datetime
from typing import Annotated, Any

import strawberry
from strawberry import ID, UNSET, Info, Parent

from db.models import (
    AppointmentItem,
    AppointmentRow,
    AppointmentStatus,
    ParticipantItem,
    ParticipantRole,
    ParticipantRow,
)
from db.models.appointment import DURATION_MINUTES, TITLE
from db.models.participant import DISPLAY_NAME, UNIQUE_ID

from ..domain import rules
from ..fields import FORWARDS, PAGE, Cost, ListSize, rest
from ..inputs import After, Before, First, Last, PageSize
from ..operation.call import Call
from ..resolvers.events import list_events
from ..resolvers.pages import DEFAULT_SIZE, FIRST_PAGE, Connection, Page
from ..resolvers.participants import admission_of, appointment_of, attendance_of, list_participants
from ..scalars import Url
from .details import Admission, AppointmentConfig, Attendance
from .events import EventConnection
from .nodes import Node, Organization
from .pages import NODES, TOTAL, PageInfo, edges_of, nodes_of, total_of
from .recognition import RowsOf

# Two hundred events are read for each person, however few stays are asked for.
ATTENDANCE_COST = [
    Cost(weight=20),
    ListSize(assumed_size=DEFAULT_SIZE, slicing_arguments=["last"]),
]


@strawberry.type(description="A person invited to one appointment.")
class Participant(Node):
    """A participant, over a ParticipantRow."""

    unique_id: str = strawberry.field(
        description="The caller's own identifier for the person (an e-mail, a user name); "
        f"unique within the appointment. {UNIQUE_ID}."
    )
    display_name: str | None = strawberry.field(
        description=f"{DISPLAY_NAME}; null when none was given."
    )
    role: ParticipantRole = strawberry.field(description="What the person may do in the room.")
    created_at: datetime = strawberry.field(description="When the person was added.")
    updated_at: datetime = strawberry.field(description="When the person was last changed.")

    @strawberry.field(
        description="Personal link into the appointment. Secret: whoever holds it can join."
    )
    def access_link(row: Parent[ParticipantRow], info: Info[Call, Call]) -> Url:
        # A page has sixty links: `Url` is a name only, and calling it would cost a call.
        return info.root_value.services.links.url(row.id, row.link_version)  # type: ignore[return-value]

    @strawberry.field(description="The appointment that the person is invited to.")
    async def appointment(row: Parent[ParticipantRow], info: Info[Call, Call]) -> "Appointment":
        return await appointment_of(info.root_value, row)  # type: ignore[return-value]

    @strawberry.field(
        description="When the person joined and left, as far as the room service reports.",
        directives=ATTENDANCE_COST,
    )
    async def attendance(
        row: Parent[ParticipantRow],
        info: Info[Call, Call],
        last: Annotated[
            int | None, strawberry.argument(description="The latest so many stays, 1 to 100.")
        ] = DEFAULT_SIZE,
    ) -> list[Attendance]:
        return await attendance_of(info.root_value, row, last)  # type: ignore[return-value]

    @strawberry.field(description="Whether the person's access link leads in now, or why not.")
    async def admission(row: Parent[ParticipantRow], info: Info[Call, Call]) -> Admission:
        return await admission_of(info.root_value, row)  # type: ignore[return-value]

    is_type_of = RowsOf(ParticipantRow, ParticipantItem)


@strawberry.type(description="A participant in a list.")
class ParticipantEdge:
    """A participant with its cursor."""

    cursor: str = strawberry.field(description="Opaque keyset cursor.")
    node: Participant = strawberry.field(description="The participant.")


@strawberry.type(description="A page of participants.")
class ParticipantConnection:
    """A page of participants, over a Page."""

    @strawberry.field(description="The participants of this page with their cursors.")
    def edges(page: Parent[Page[Any]], info: Info[Call, Call]) -> list[ParticipantEdge]:
        return edges_of(page, info)  # type: ignore[no-any-return]

    @strawberry.field(description=NODES)
    def nodes(page: Parent[Page[Any]], info: Info[Call, Call]) -> list[Participant]:
        return nodes_of(page, info)  # type: ignore[no-any-return]

    @strawberry.field(description="Where this page lies.")
    def page_info(page: Parent[Page[Any]]) -> PageInfo:
        return page  # type: ignore[return-value]

    @strawberry.field(description=TOTAL, directives=[Cost(weight=5)])
    def total_count(page: Parent[Page[Any]]) -> int:
        return total_of(page)  # type: ignore[no-any-return]


@strawberry.type(description="A scheduled video appointment.")
class Appointment(Node):
    """An appointment, over an AppointmentRow."""

    title: str = strawberry.field(description=f"{TITLE}.")
    start_date_time: datetime = strawberry.field(description="Planned start, UTC.")
    duration_minutes: int = strawberry.field(description=f"{DURATION_MINUTES}.")
    end_date_time: datetime = strawberry.field(
        description="`startDateTime` plus `durationMinutes`."
    )
    status: AppointmentStatus = strawberry.field(description="Where it is in its life cycle.")
    started_at: datetime | None = strawberry.field(description="When it became active.")
    ended_at: datetime | None = strawberry.field(
        description="When it was completed, cancelled or missed."
    )
    cancel_reason: str | None = strawberry.field(description="Why it was cancelled.")
    config: AppointmentConfig | None = strawberry.field(
        description="Room features set for this appointment; null when none were given."
    )
    participant_count: int = strawberry.field(
        description="Number of participants, without loading them."
    )
    version: int = strawberry.field(
        description="Raised by one at every change; the ETag over REST."
    )
    created_at: datetime = strawberry.field(description="When it was booked.")
    updated_at: datetime = strawberry.field(description="When it was last changed.")

    @strawberry.field(description="Whether `updateAppointment` would be accepted now.")
    def is_editable(row: Parent[AppointmentRow]) -> bool:
        return rules.is_editable(row)

    @strawberry.field(
        description="Room features that were set but that the room service in use cannot express."
    )
    def unsupported_config(row: Parent[AppointmentRow], info: Info[Call, Call]) -> list[str]:
        return info.root_value.services.rooms.unsupported(row.config)

    @strawberry.field(description="The tenant that owns it.")
    def organization(row: Parent[AppointmentRow], info: Info[Call, Call]) -> Organization:
        return info.root_value.caller.organization  # type: ignore[return-value]

    @strawberry.field(
        description="Participants in the order in which they were added. "
        "`first` or `last` is 1 to 100; 20 when neither is given.",
        directives=[
            PAGE,
            rest("GET", "/appointments/{id}/participants/", "appointments_participants_list"),
        ],
    )
    def participants(
        row: Parent[AppointmentRow],
        info: Info[Call, Call],
        first: First = UNSET,
        after: After = UNSET,
        last: Last = UNSET,
        before: Before = UNSET,
    ) -> ParticipantConnection:
        page = FIRST_PAGE
        is_sized = first is not UNSET or last is not UNSET
        if is_sized or after is not UNSET or before is not UNSET:
            given: tuple[Any, ...] = (first, after, last, before)
            page = Connection(*[None if each is UNSET else each for each in given])
        return list_participants(info.root_value, row.id, page=page, row=row)  # type: ignore[return-value]

    @strawberry.field(
        description="What happened to it, oldest first. `first` is 1 to 100; 20 when absent.",
        directives=[FORWARDS],
    )
    async def events(
        row: Parent[AppointmentRow],
        info: Info[Call, Call],
        first: PageSize = UNSET,
        after: After = UNSET,
    ) -> EventConnection:
        return await list_events(  # type: ignore[return-value]
            info.root_value,
            None if first is UNSET else first,
            None if after is UNSET else after,
            appointment_id=ID(row.id),
        )

    is_type_of = RowsOf(AppointmentRow, AppointmentItem)
