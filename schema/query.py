"""The table of reads: field = resolver.

Every field holds the very function that REST calls.
"""

import strawberry

from .fields import FORWARDS, PAGE, ListSize, operation, rest
from .resolvers.appointments import get_appointment, list_appointments
from .resolvers.events import list_events
from .resolvers.nodes import get_node, get_nodes, get_viewer
from .resolvers.participants import get_participant
from .types.appointments import Appointment, Participant
from .types.connections import AppointmentConnection
from .types.events import EventConnection
from .types.nodes import Node, Viewer


@strawberry.type(description="Root of reads. Every field is limited to the caller's organization.")
class Query:
    """Reads."""

    appointment: Appointment | None = operation(
        get_appointment, rest("GET", "/appointments/{id}/", "appointments_retrieve")
    )
    appointments: AppointmentConnection = operation(
        list_appointments, PAGE, rest("GET", "/appointments/", "appointments_list")
    )
    participant: Participant | None = operation(
        get_participant,
        rest(
            "GET",
            "/appointments/{id}/participants/{participant_id}/",
            "appointments_participants_retrieve",
        ),
    )
    node: Node | None = operation(get_node)
    nodes: list[Node | None] = operation(
        get_nodes, ListSize(assumed_size=0, slicing_arguments=["ids"])
    )
    events: EventConnection = operation(list_events, FORWARDS)
    viewer: Viewer = operation(get_viewer)
