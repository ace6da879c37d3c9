"""The table of the REST face: one entry for each operation, with all that is said about it."""

from schema.resolvers.appointments import (
    create_appointment,
    delete_appointment,
    get_appointment,
    list_appointments,
    update_appointment,
)
from schema.resolvers.events import list_events
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

from . import appointments, event_stream, events, lifecycle, participants
from .bodies import AddedBody
from .operation import Operation, Resource

LIST = Resource("/appointments/", "Appointment List")
INSTANCE = Resource("/appointments/{id}/", "Appointment Instance")
PEOPLE = Resource("/appointments/{id}/participants/", "Participant List")
PERSON = Resource("/appointments/{id}/participants/{participant_id}/", "Participant Instance")
ADD = Resource("/appointments/{id}/participants/add/", "Add")
REMOVE = Resource("/appointments/{id}/participants/remove/", "Remove")
START = Resource("/appointments/{id}/start/", "Start")
COMPLETE = Resource("/appointments/{id}/complete/", "Complete")
CANCEL = Resource("/appointments/{id}/cancel/", "Cancel")
EVENTS = Resource("/events/", "Event List")

PAGE = ("page", "page_size")
CONDITIONS = ("participant_unique_id", "start_date", "end_date", "status", "ordering")
REPEATABLE = "Safe to send again: a step that was made already answers the current state."

OPERATIONS = (
    Operation(
        "GET",
        LIST,
        "appointments_list",
        list_appointments,
        appointments.list_page,
        answer="AppointmentPage",
        errors="FilterErrors",
        query=(*PAGE, *CONDITIONS),
        has_digest=True,
        title="List appointments, the latest start first.",
        note="Conditions are joined by AND; an empty one does not restrict. "
        "`status` and `ordering` are additions: the original service passed over them.",
    ),
    Operation(
        "POST",
        LIST,
        "appointments_create",
        create_appointment,
        appointments.create,
        status=201,
        body="NewAppointment",
        answer="Appointment",
        errors="NewAppointmentErrors",
        has_version=True,
        takes_conditions=False,
        note="Each `unique_id` may stand once among the participants.",
    ),
    Operation(
        "GET",
        INSTANCE,
        "appointments_retrieve",
        get_appointment,
        appointments.retrieve,
        answer="Appointment",
        has_version=True,
        title="One appointment with its participants.",
        note="All of its participants are listed, at most 1,000, in the order in which they were "
        "added.",
    ),
    Operation(
        "PATCH",
        INSTANCE,
        "appointments_partial_update",
        update_appointment,
        appointments.partial_update,
        body="AppointmentChanges",
        answer="AppointmentChanged",
        errors="AppointmentChangesErrors",
        has_version=True,
        note="Active and completed appointments cannot be updated. "
        "What is left out stays as it is; `config` is replaced as a whole, null clears it.",
    ),
    Operation(
        "DELETE",
        INSTANCE,
        "appointments_destroy",
        delete_appointment,
        appointments.destroy,
        status=204,
        note="In any status, with its participants; their links stop working. Cannot be undone.",
    ),
    Operation(
        "GET",
        PEOPLE,
        "appointments_participants_list",
        list_participants,
        participants.list_page,
        answer="ParticipantPage",
        query=PAGE,
        has_digest=True,
        title="List the participants of one appointment in the order in which they were added.",
        note="The same participants that the appointment itself shows, page by page.",
    ),
    Operation(
        "GET",
        PERSON,
        "appointments_participants_retrieve",
        get_participant,
        participants.retrieve,
        answer="Participant",
        has_digest=True,
        title="One participant.",
        note="With the personal link into the appointment, which is secret.",
    ),
    Operation(
        "PATCH",
        PERSON,
        "appointments_participants_partial_update",
        update_participant,
        participants.partial_update,
        body="ParticipantChanges",
        answer="ParticipantChanged",
        errors="ParticipantChangesErrors",
        has_digest=True,
        note="What is left out stays as it is; a null `display_name` clears it.",
    ),
    Operation(
        "DELETE",
        PERSON,
        "appointments_participants_destroy",
        remove_participant,
        participants.destroy,
        status=204,
        note="The personal link stops working at once. Participants of completed and cancelled "
        "appointments cannot be changed.",
    ),
    Operation(
        "POST",
        ADD,
        "appointments_participants_add_create",
        add_participants,
        participants.add,
        body="AddedParticipants",
        answer="Appointment",
        errors="NewParticipantsErrors",
        has_version=True,
        note="Safe to send again: who is in the appointment already is left as they are.",
    ),
    Operation(
        "POST",
        REMOVE,
        "appointments_participants_remove_create",
        remove_participants,
        participants.remove,
        body="RemovedParticipants",
        answer="Appointment",
        errors="RemovedParticipantsErrors",
        has_version=True,
        note="Safe to send again: ids that are not in the appointment are passed over.",
    ),
    # Additions of our own: the original service had no life cycle to ask for.
    Operation(
        "POST",
        START,
        "appointments_start_create",
        start_appointment,
        lifecycle.start,
        answer="Appointment",
        has_version=True,
        note=REPEATABLE,
        is_addition=True,
    ),
    Operation(
        "POST",
        COMPLETE,
        "appointments_complete_create",
        complete_appointment,
        lifecycle.complete,
        answer="Appointment",
        has_version=True,
        note=REPEATABLE,
        is_addition=True,
    ),
    Operation(
        "POST",
        CANCEL,
        "appointments_cancel_create",
        cancel_appointment,
        lifecycle.cancel,
        body=lifecycle.CANCELLATION,
        answer="Appointment",
        has_version=True,
        note=REPEATABLE,
        is_addition=True,
    ),
    Operation(
        "GET",
        EVENTS,
        "events_list",
        list_events,
        events.list_page,
        answer="EventPage",
        errors="EventErrors",
        query=("after", "limit"),
        has_digest=True,
        title="List what happened, the oldest event first.",
        note="Go on with `next_cursor`, also later: nothing is missed, and 410 says when events "
        "that you have not seen are no longer kept. With `Accept: text/event-stream` events are "
        "pushed as they happen, from `after` or `Last-Event-ID`, without either from now on.",
        is_addition=True,
        size="limit",
        can_expire=True,
        stream=event_stream.follow,
    ),
)

# The bodies that the original service did not have, by the names of their components.
ADDED_BODIES = {
    each.body.name: each.body for each in OPERATIONS if isinstance(each.body, AddedBody)
}
