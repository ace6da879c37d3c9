"""What mutations answer: a payload that says what was done, or the problem that stood in the way.

The unions of `schema.mutation`; their plain counterparts come from the resolvers.
"""

from typing import Annotated, Any

import strawberry
from strawberry import ID, Info, Parent

from db.models import AppointmentRow, ParticipantRow

from ..operation.call import Call
from ..resolvers.people import Added, Removed, RemovedOne
from .appointments import Appointment, Participant
from .problems import (
    NotAllowedInStatus,
    NotFound,
    OutsideJoinWindow,
    ValidationFailed,
    VersionConflict,
)
from .recognition import RowsOf

APPOINTMENT = "The appointment as it is now."

# A payload is read from what the resolver returned: no object is made for it.


def itself(row: Parent[Any]) -> Any:
    """Returns the row: a payload shows what was written."""
    return row


def as_it_is_now(row: str) -> Any:
    """Returns a field that shows the written row itself."""
    return strawberry.field(resolver=itself, description=f"The {row} as it is now.")


@strawberry.type(description="An appointment was booked.")
class AppointmentCreated:
    """What was booked."""

    appointment: Appointment = strawberry.field(resolver=itself, description="The new appointment.")

    is_type_of = RowsOf(AppointmentRow)


@strawberry.type(description="An appointment was changed.")
class AppointmentUpdated:
    """What was changed."""

    appointment: Appointment = as_it_is_now("appointment")

    is_type_of = RowsOf(AppointmentRow)


@strawberry.type(description="An appointment is gone.")
class AppointmentDeleted:
    """What was deleted."""

    @strawberry.field(description="The id that it had.")
    def deleted_appointment_id(row: Parent[AppointmentRow]) -> ID:
        return row.id  # type: ignore[return-value]

    is_type_of = RowsOf(AppointmentRow)


@strawberry.type(
    description="An appointment went a step on; repeating a step that was made answers "
    "the current state."
)
class AppointmentTransitioned:
    """The step that was made."""

    appointment: Appointment = as_it_is_now("appointment")

    is_type_of = RowsOf(AppointmentRow)


@strawberry.type(description="Participants were added.")
class ParticipantsAdded:
    """Who was added, and who was there before."""

    appointment: Appointment = strawberry.field(description=APPOINTMENT)

    @strawberry.field(description="Who was added.")
    def added(row: Parent[Added], info: Info[Call, Call]) -> list[Participant]:
        return info.root_value.services.pace.paced(row.added)  # type: ignore[return-value]

    @strawberry.field(description="Asked for, but in the appointment before; left as they are.")
    def already_present(row: Parent[Added], info: Info[Call, Call]) -> list[Participant]:
        return info.root_value.services.pace.paced(row.already_present)  # type: ignore[return-value]

    is_type_of = RowsOf(Added)


@strawberry.type(description="Participants were removed.")
class ParticipantsRemoved:
    """Who was removed, and who was not there."""

    appointment: Appointment = strawberry.field(description=APPOINTMENT)
    removed_participant_ids: list[ID] = strawberry.field(
        description="Ids of those who were removed."
    )
    unknown_ids: list[ID] = strawberry.field(description="Asked for, but not in the appointment.")

    is_type_of = RowsOf(Removed)


@strawberry.type(description="A participant was changed.")
class ParticipantUpdated:
    """Who was changed."""

    participant: Participant = as_it_is_now("participant")

    is_type_of = RowsOf(ParticipantRow)


@strawberry.type(description="A participant is gone.")
class ParticipantRemoved:
    """Who was removed."""

    appointment: Appointment = strawberry.field(description=APPOINTMENT)
    removed_participant_id: ID = strawberry.field(description="The id that the participant had.")

    is_type_of = RowsOf(RemovedOne)


@strawberry.type(description="A participant has a new link; the old one stopped working.")
class AccessLinkRotated:
    """Who has a new link."""

    participant: Participant = strawberry.field(
        resolver=itself, description="The participant with the new link."
    )

    is_type_of = RowsOf(ParticipantRow)


CreateAppointmentResult = Annotated[
    AppointmentCreated | ValidationFailed,
    strawberry.union("CreateAppointmentResult", description="What was booked, or why not."),
]
UpdateAppointmentResult = Annotated[
    AppointmentUpdated | NotAllowedInStatus | NotFound | ValidationFailed | VersionConflict,
    strawberry.union("UpdateAppointmentResult", description="What was changed, or why not."),
]
DeleteAppointmentResult = Annotated[
    AppointmentDeleted | NotFound | VersionConflict,
    strawberry.union("DeleteAppointmentResult", description="What was deleted, or why not."),
]
AddParticipantsResult = Annotated[
    NotAllowedInStatus | NotFound | ParticipantsAdded | ValidationFailed,
    strawberry.union("AddParticipantsResult", description="Who was added, or why nobody."),
]
RemoveParticipantsResult = Annotated[
    NotAllowedInStatus | NotFound | ParticipantsRemoved | ValidationFailed,
    strawberry.union("RemoveParticipantsResult", description="Who was removed, or why nobody."),
]
UpdateParticipantResult = Annotated[
    NotAllowedInStatus | NotFound | ParticipantUpdated | ValidationFailed,
    strawberry.union("UpdateParticipantResult", description="Who was changed, or why not."),
]
RemoveParticipantResult = Annotated[
    NotAllowedInStatus | NotFound | ParticipantRemoved,
    strawberry.union("RemoveParticipantResult", description="Who was removed, or why not."),
]
RotateAccessLinkResult = Annotated[
    AccessLinkRotated | NotAllowedInStatus | NotFound,
    strawberry.union("RotateAccessLinkResult", description="The new link, or why there is none."),
]
AppointmentTransitionResult = Annotated[
    AppointmentTransitioned
    | NotAllowedInStatus
    | NotFound
    | OutsideJoinWindow
    | ValidationFailed
    | VersionConflict,
    strawberry.union(
        "AppointmentTransitionResult", description="The step that was made, or why not."
    ),
]
