"""What callers send: every field with its constraints, said here and nowhere else.

The gate checks them for both faces, and both descriptions print the same
"""

from datetime import datetime
from typing import Annotated

import strawberry
from annotated_types import Ge, Le, MaxLen, MinLen
from strawberry import ID, UNSET, Maybe, argument

from db.models import AppointmentStatus, EventType, ParticipantRole
from db.models.appointment import CANCEL_REASON, DURATION_MINUTES, MAX_PARTICIPANTS, TITLE
from db.models.participant import DISPLAY_NAME, UNIQUE_ID
from db.queries.filters import OrderField

from .constraints import DistinctBy, NotNull, Storable, Trimmed
from .scalars import OrderDirection

Title = Annotated[str, Trimmed(), MinLen(TITLE.least), MaxLen(TITLE.most), Storable()]
UniqueId = Annotated[str, Trimmed(), MinLen(UNIQUE_ID.least), MaxLen(UNIQUE_ID.most), Storable()]
DisplayName = Annotated[str, Trimmed(), MaxLen(DISPLAY_NAME.most), Storable()]
CancelReason = Annotated[str, Trimmed(), MaxLen(CANCEL_REASON.most), Storable()]
DurationMinutes = Annotated[int, Ge(DURATION_MINUTES.least), Le(DURATION_MINUTES.most)]


@strawberry.input(description="Room features; null means not set.")
class AppointmentConfigInput:
    """The six documented switches."""

    breakout_rooms_enabled: bool | None = strawberry.field(
        default=UNSET, description="Whether the room can be split into smaller ones."
    )
    whiteboard_enabled: bool | None = strawberry.field(
        default=UNSET, description="Whether there is a shared whiteboard."
    )
    chat_enabled: bool | None = strawberry.field(
        default=UNSET, description="Whether people can write to each other."
    )
    join_screen_enabled: bool | None = strawberry.field(
        default=UNSET, description="Whether devices are checked before joining."
    )
    screenshare_enabled: bool | None = strawberry.field(
        default=UNSET, description="Whether people can share their screens."
    )
    raise_hand_enabled: bool | None = strawberry.field(
        default=UNSET, description="Whether people can raise a hand."
    )


@strawberry.input(description="A participant to add.")
class NewParticipant:
    """A person to invite."""

    unique_id: UniqueId = strawberry.field(
        description=f"The caller's own identifier for the person. {UNIQUE_ID}."
    )
    display_name: DisplayName | None = strawberry.field(
        default=UNSET, description=f"{DISPLAY_NAME}."
    )
    role: ParticipantRole = strawberry.field(description="What the person may do in the room.")


NewParticipants = Annotated[list[NewParticipant], MaxLen(MAX_PARTICIPANTS), DistinctBy("unique_id")]
ParticipantIds = Annotated[list[Annotated[ID, Storable()]], MaxLen(MAX_PARTICIPANTS)]


@strawberry.input(description="A new appointment.")
class NewAppointment:
    """An appointment to book."""

    title: Title = strawberry.field(description=f"{TITLE}.")
    start_date_time: datetime = strawberry.field(description="Planned start.")
    duration_minutes: DurationMinutes = strawberry.field(description=f"{DURATION_MINUTES}.")
    participants: NewParticipants = strawberry.field(description=f"At most {MAX_PARTICIPANTS}.")
    config: AppointmentConfigInput | None = strawberry.field(
        default=UNSET, description="Room features to set."
    )


@strawberry.input(description="Changes to an appointment; absent fields stay as they are.")
class AppointmentChanges:
    """What to change; each field is absent, null or a value."""

    title: Annotated[Maybe[Title | None], NotNull()] = strawberry.field(
        default=None, description=f"{TITLE}."
    )
    start_date_time: Annotated[Maybe[datetime | None], NotNull()] = strawberry.field(
        default=None, description="Planned start."
    )
    duration_minutes: Annotated[Maybe[DurationMinutes | None], NotNull()] = strawberry.field(
        default=None, description=f"{DURATION_MINUTES}."
    )
    config: Maybe[AppointmentConfigInput | None] = strawberry.field(
        default=None, description="Replaces the whole configuration; null clears it."
    )


@strawberry.input(description="Changes to a participant; absent fields stay as they are.")
class ParticipantChanges:
    """What to change; each field is absent, null or a value."""

    display_name: Maybe[DisplayName | None] = strawberry.field(
        default=None, description=f"{DISPLAY_NAME}; null clears it."
    )
    role: Annotated[Maybe[ParticipantRole | None], NotNull()] = strawberry.field(
        default=None, description="What the person may do in the room."
    )


@strawberry.input(
    description="Conditions joined by AND; an absent or null condition does not restrict."
)
class AppointmentFilter:
    """Which appointments to list."""

    participant_unique_id: Annotated[str, Trimmed(), Storable()] | None = strawberry.field(
        default=UNSET,
        description="Only appointments that have a participant with this `uniqueId`.",
    )
    starts_from: datetime | None = strawberry.field(
        default=UNSET, description="Only appointments that start at or after this instant."
    )
    starts_until: datetime | None = strawberry.field(
        default=UNSET, description="Only appointments that start at or before this instant."
    )
    status: list[AppointmentStatus] | None = strawberry.field(
        default=UNSET, description="Only appointments in one of these states."
    )
    updated_since: datetime | None = strawberry.field(
        default=UNSET, description="Only appointments changed at or after this instant."
    )


@strawberry.input(description="How to sort appointments; ties are broken by id.")
class AppointmentOrder:
    """The order of a list; ascending is the exact reverse of descending."""

    field: OrderField = strawberry.field(
        default=OrderField.START_DATE_TIME, description="What to sort by."
    )
    direction: OrderDirection = strawberry.field(
        default=OrderDirection.DESC, description="Latest first or earliest first."
    )

    def __hash__(self) -> int:
        """Hashed because Strawberry keeps argument defaults in a dictionary."""
        return hash((self.field, self.direction))


AppointmentId = Annotated[ID, argument(description="The appointment.")]
ParticipantId = Annotated[ID, argument(description="The participant.")]
NodeId = Annotated[ID, argument(description="The object.")]
NodeIds = Annotated[list[ID], argument(description="The objects.")]

PageSize = Annotated[int | None, argument(description="Page size.")]
SeenUntil = Annotated[str | None, argument(description="Cursor of the last event that was seen.")]
OfTypes = Annotated[list[EventType] | None, argument(description="Only these types.")]
OfAppointment = Annotated[ID | None, argument(description="Only events of this appointment.")]
First = Annotated[int | None, argument(description="Page size, from the start.")]
After = Annotated[str | None, argument(description="Cursor: what comes after it.")]
Last = Annotated[int | None, argument(description="Page size, from the end.")]
Before = Annotated[str | None, argument(description="Cursor: what comes before it.")]
Which = Annotated[AppointmentFilter | None, argument(description="Which of them.")]
OrderBy = Annotated[
    AppointmentOrder | None, argument(description="How they are sorted; null is the default.")
]

ToBook = Annotated[NewAppointment, argument(description="What to book.")]
ToChange = Annotated[AppointmentChanges, argument(description="What to change.")]
ToChangeOfParticipant = Annotated[ParticipantChanges, argument(description="What to change.")]
ToAdd = Annotated[NewParticipants, argument(description=f"Who to add; at most {MAX_PARTICIPANTS}.")]
ToRemove = Annotated[
    ParticipantIds, argument(description=f"Who to remove; at most {MAX_PARTICIPANTS}.")
]
ExpectedVersion = Annotated[
    int | None, argument(description="Refuse unless it is at this version.")
]
Reason = Annotated[
    CancelReason | None,
    argument(description=f"Why; kept as `cancelReason`. {CANCEL_REASON}."),
]
