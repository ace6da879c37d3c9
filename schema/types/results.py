"""What mutations answer: what was done, or the problem that stood in the way.

The unions of `schema.mutation`; their plain counterparts come from the resolvers.
"""

from typing import Annotated

import strawberry
from strawberry import ID, Info, Parent

from db.models import AppointmentRow

from ..operation.call import Call
from ..resolvers.participants import Added, Removed, RemovedOne
from .appointments import Appointment, Participant
from .problems import (
    NotAllowedInStatus,
    NotFound,
    OutsideJoinWindow,
    ValidationFailed,
    VersionConflict,
)
from .recognition import RowsOf


@strawberry.type(description="An appointment that is gone.")
class DeletedAppointment:
    """What was deleted."""

    id: ID = strawberry.field(description="The id that it had.")

    is_type_of = RowsOf(AppointmentRow)


@strawberry.type(description="A participant that is gone.")
class RemovedParticipant:
    """Who was removed."""

    id: ID = strawberry.field(description="The id that the participant had.")
    appointment: Appointment = strawberry.field(description="The appointment as it is now.")

    is_type_of = RowsOf(RemovedOne)


@strawberry.type(description="Participants that were added.")
class ParticipantsAdded:
    """Who was added, and who was there before."""

    appointment: Appointment = strawberry.field(description="The appointment as it is now.")

    @strawberry.field(description="Who was added.")
    def added(row: Parent[Added], info: Info[Call, Call]) -> list[Participant]:
        return info.root_value.services.pace.paced(row.added)  # type: ignore[return-value]

    @strawberry.field(description="Asked for, but in the appointment before; left as they are.")
    def already_present(row: Parent[Added], info: Info[Call, Call]) -> list[Participant]:
        return info.root_value.services.pace.paced(row.already_present)  # type: ignore[return-value]

    is_type_of = RowsOf(Added)


@strawberry.type(description="Participants that were removed.")
class ParticipantsRemoved:
    """Who was removed, and who was not there."""

    appointment: Appointment = strawberry.field(description="The appointment as it is now.")
    removed_ids: list[ID] = strawberry.field(description="Ids of those who were removed.")
    unknown_ids: list[ID] = strawberry.field(description="Asked for, but not in the appointment.")

    is_type_of = RowsOf(Removed)


CreateAppointmentResult = Annotated[
    Appointment | ValidationFailed,
    strawberry.union("CreateAppointmentResult", description="The appointment, or why not."),
]
UpdateAppointmentResult = Annotated[
    Appointment | NotAllowedInStatus | NotFound | ValidationFailed | VersionConflict,
    strawberry.union("UpdateAppointmentResult", description="The appointment, or why not."),
]
DeleteAppointmentResult = Annotated[
    DeletedAppointment | NotFound | VersionConflict,
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
    Participant | NotAllowedInStatus | NotFound | ValidationFailed,
    strawberry.union("UpdateParticipantResult", description="The participant, or why not."),
]
AppointmentTransitionResult = Annotated[
    Appointment
    | NotAllowedInStatus
    | NotFound
    | OutsideJoinWindow
    | ValidationFailed
    | VersionConflict,
    strawberry.union("AppointmentTransitionResult", description="The appointment, or why not."),
]
RemoveParticipantResult = Annotated[
    NotAllowedInStatus | NotFound | RemovedParticipant,
    strawberry.union("RemoveParticipantResult", description="Who was removed, or why nobody."),
]
