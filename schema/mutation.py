"""The table of writes: field = resolver.

Every field holds the very function that REST calls.
"""

import strawberry

from .fields import Cost, ListSize, operation, rest
from .resolvers.appointments import create_appointment, delete_appointment, update_appointment
from .resolvers.lifecycle import cancel_appointment, complete_appointment, start_appointment
from .resolvers.participants import (
    add_participants,
    remove_participant,
    remove_participants,
    rotate_access_link,
    update_participant,
)
from .types.results import (
    AddParticipantsResult,
    AppointmentTransitionResult,
    CreateAppointmentResult,
    DeleteAppointmentResult,
    RemoveParticipantResult,
    RemoveParticipantsResult,
    RotateAccessLinkResult,
    UpdateAppointmentResult,
    UpdateParticipantResult,
)

APPOINTMENT = "/appointments/{id}/"
PARTICIPANT = "/appointments/{id}/participants/{participant_id}/"
COST = Cost(weight=10)


@strawberry.type(
    description="Root of writes. Each field is one transaction: all of it or none. A field is null "
    "only when it failed with an error, which never undoes the others. Under an `Idempotency-Key` "
    "each is made once, however often it is sent."
)
class Mutation:
    """Writes."""

    create_appointment: CreateAppointmentResult | None = operation(
        create_appointment,
        COST,
        ListSize(assumed_size=0, slicing_arguments=["input.participants"]),
        rest("POST", "/appointments/", "appointments_create"),
    )
    update_appointment: UpdateAppointmentResult | None = operation(
        update_appointment, COST, rest("PATCH", APPOINTMENT, "appointments_partial_update")
    )
    delete_appointment: DeleteAppointmentResult | None = operation(
        delete_appointment, COST, rest("DELETE", APPOINTMENT, "appointments_destroy")
    )
    add_participants: AddParticipantsResult | None = operation(
        add_participants,
        COST,
        ListSize(
            assumed_size=0,
            slicing_arguments=["participants"],
            sized_fields=["added", "alreadyPresent"],
        ),
        rest(
            "POST",
            "/appointments/{id}/participants/add/",
            "appointments_participants_add_create",
        ),
    )
    remove_participants: RemoveParticipantsResult | None = operation(
        remove_participants,
        COST,
        ListSize(assumed_size=0, slicing_arguments=["participantIds"]),
        rest(
            "POST",
            "/appointments/{id}/participants/remove/",
            "appointments_participants_remove_create",
        ),
    )
    update_participant: UpdateParticipantResult | None = operation(
        update_participant,
        COST,
        rest("PATCH", PARTICIPANT, "appointments_participants_partial_update"),
    )
    remove_participant: RemoveParticipantResult | None = operation(
        remove_participant,
        COST,
        rest("DELETE", PARTICIPANT, "appointments_participants_destroy"),
    )
    rotate_access_link: RotateAccessLinkResult | None = operation(rotate_access_link, COST)
    start_appointment: AppointmentTransitionResult | None = operation(start_appointment, COST)
    complete_appointment: AppointmentTransitionResult | None = operation(complete_appointment, COST)
    cancel_appointment: AppointmentTransitionResult | None = operation(cancel_appointment, COST)
