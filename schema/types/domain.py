"""The domain types of the GraphQL face: they read the plain rows that resolvers return.

Scalars are plain attributes of the rows; one query per connection, nothing asynchronous per field.
"""

from datetime import datetime
from typing import Annotated

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
from db.queries.filters import OrderField  # noqa: F401  (registered with the scalars)

from ..domain import rules
from ..domain.admission import AdmissionCode
from ..fields import PAGE, Cost, ListSize, rest
from ..operation.call import Call, Caller, OrganizationView
from ..resolvers.pages import DEFAULT_SIZE, UNASKED, Arguments, is_loaded, participants_within
from ..resolvers.participants import admission_of, appointment_of, attendance_of, participants_of
from ..scalars import Url
from .connections import ParticipantConnection
from .recognition import RowsOf

# Two hundred events are read for each person, however few stays are asked for.
ATTENDANCE_COST = [
    Cost(weight=20),
    ListSize(assumed_size=DEFAULT_SIZE, slicing_arguments=["last"]),
]


@strawberry.interface(description="An object that can be refetched by its id.")
class Node:
    """Anything with an id."""

    id: ID = strawberry.field(description="The UUID that REST, webhooks and the event log use too.")


@strawberry.type(
    description="The tenant that owns appointments; every API token belongs to exactly one."
)
class Organization(Node):
    """The caller's organization."""

    name: str = strawberry.field(description="Display name; the REST field `organization_name`.")

    is_type_of = RowsOf(OrganizationView)


@strawberry.type(
    description="Room features. Null: the appointment did not set the flag, "
    "and the platform default applies."
)
class AppointmentConfig:
    """The six documented switches, read from the stored document."""

    @strawberry.field(description="Whether the room can be split into smaller ones.")
    def breakout_rooms_enabled(row: Parent[dict[str, bool]]) -> bool | None:
        return row.get("breakout_rooms_enabled")

    @strawberry.field(description="Whether there is a shared whiteboard.")
    def whiteboard_enabled(row: Parent[dict[str, bool]]) -> bool | None:
        return row.get("whiteboard_enabled")

    @strawberry.field(description="Whether people can write to each other.")
    def chat_enabled(row: Parent[dict[str, bool]]) -> bool | None:
        return row.get("chat_enabled")

    @strawberry.field(description="Whether devices are checked before joining.")
    def join_screen_enabled(row: Parent[dict[str, bool]]) -> bool | None:
        return row.get("join_screen_enabled")

    @strawberry.field(description="Whether people can share their screens.")
    def screenshare_enabled(row: Parent[dict[str, bool]]) -> bool | None:
        return row.get("screenshare_enabled")

    @strawberry.field(description="Whether people can raise a hand.")
    def raise_hand_enabled(row: Parent[dict[str, bool]]) -> bool | None:
        return row.get("raise_hand_enabled")


@strawberry.type(description="A scheduled video appointment.")
class Appointment(Node):
    """An appointment, over an AppointmentRow."""

    title: str = strawberry.field(description="1 to 255 characters.")
    start_date_time: datetime = strawberry.field(description="Planned start, UTC.")
    duration_minutes: int = strawberry.field(description="15 to 720.")
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
        first: int | None = UNSET,
        after: str | None = UNSET,
        last: int | None = UNSET,
        before: str | None = UNSET,
    ) -> ParticipantConnection:
        given: Arguments = UNASKED
        is_sized = first is not UNSET or last is not UNSET
        if is_sized or after is not UNSET or before is not UNSET:
            given = [None if each is UNSET else each for each in (first, after, last, before)]
        if is_loaded(row, given):
            return participants_within(row, given)  # type: ignore[return-value]
        return participants_of(info.root_value, row, given)  # type: ignore[return-value]

    is_type_of = RowsOf(AppointmentRow, AppointmentItem)


@strawberry.type(description="One stay in the room.")
class Attendance:
    """One stay, over a Stay."""

    joined_at: datetime = strawberry.field(description="When the person came in.")
    left_at: datetime | None = strawberry.field(
        description="When the person left; null when the room service did not tell."
    )


@strawberry.type(description="Whether an access link leads in now, or why not.")
class Admission:
    """The decision that the join page shows, too."""

    code: AdmissionCode = strawberry.field(description="The decision.")
    message: str = strawberry.field(description="The decision in a sentence for people.")
    opens_at: datetime = strawberry.field(description="When the link opens.")
    closes_at: datetime = strawberry.field(description="When the link closes.")
    server_time: datetime = strawberry.field(description="The instant of the decision.")


@strawberry.type(description="A person invited to one appointment.")
class Participant(Node):
    """A participant, over a ParticipantRow."""

    unique_id: str = strawberry.field(
        description="The caller's own identifier for the person (an e-mail, a user name); "
        "unique within the appointment. 1 to 255 characters."
    )
    display_name: str | None = strawberry.field(
        description="At most 60 characters; null when none was given."
    )
    role: ParticipantRole = strawberry.field(description="What the person may do in the room.")
    created_at: datetime = strawberry.field(description="When the person was added.")
    updated_at: datetime = strawberry.field(description="When the person was last changed.")

    @strawberry.field(
        description="Personal link into the appointment. Secret: whoever holds it can join."
    )
    def access_link(row: Parent[ParticipantRow], info: Info[Call, Call]) -> Url:
        # A page draws sixty links: `Url` is a name only, and calling it would cost a call.
        return info.root_value.services.links.url(row.id, row.link_version)  # type: ignore[return-value]

    @strawberry.field(description="The appointment that the person is invited to.")
    async def appointment(row: Parent[ParticipantRow], info: Info[Call, Call]) -> Appointment:
        return await appointment_of(info.root_value, row)  # type: ignore[return-value]

    @strawberry.field(
        description="When the person joined and left, as far as the room service tells.",
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


@strawberry.type(description="The caller, derived from the API token.")
class Viewer:
    """The caller, over a Caller."""

    token_name: str = strawberry.field(description="Name of the token.")
    scopes: list[str] = strawberry.field(description="What the token may do.")

    @strawberry.field(description="The caller's organization.")
    def organization(row: Parent[Caller]) -> Organization:
        return row.organization  # type: ignore[return-value]
