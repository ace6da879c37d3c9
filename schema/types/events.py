"""Events and pages of them, over the rows of the log."""

from datetime import datetime
from typing import TYPE_CHECKING, Annotated, Any

import strawberry
from strawberry import ID, Info, Parent
from strawberry.utils.str_converters import to_camel_case

from db import models
from db.models import EventSource, EventType, LoggedEvent

from ..operation.call import Call
from ..resolvers.cursors import write_event_cursor
from ..resolvers.events import appointment_of, participant_of
from ..resolvers.pages import Page
from .pages import PageInfo, edges_of, nodes_of
from .recognition import RowsOf

if TYPE_CHECKING:
    from .appointments import Appointment, Participant

# These lead to each other: an appointment to its events, and they to it.
AppointmentOf = Annotated["Appointment", strawberry.lazy(".appointments")]
ParticipantOf = Annotated["Participant", strawberry.lazy(".appointments")]


@strawberry.interface(
    description="Something that happened. Events of one organization are in order, "
    "each at least once, none missing."
)
class Event:
    """An event, over a LoggedEvent."""

    id: ID = strawberry.field(description="The same on every face.")
    type: EventType = strawberry.field(description="What happened.")
    occurred_at: datetime = strawberry.field(description="When.")
    source: EventSource = strawberry.field(description="Where the change came from.")
    appointment_id: ID = strawberry.field(description="The appointment that it is about.")

    @strawberry.field(description="Resume point: pass it as `after` to get what was missed.")
    def cursor(row: Parent[LoggedEvent], info: Info[Call, Call]) -> str:
        return write_event_cursor(info.root_value.caller.organization_id, row.seq, row.id)

    @strawberry.field(description="Names of the fields that changed.")
    def changed_fields(row: Parent[LoggedEvent]) -> list[str]:
        return [to_camel_case(name) for name in row.changed_fields]

    @strawberry.field(description="The appointment as it is now; null once it is deleted.")
    async def appointment(row: Parent[LoggedEvent], info: Info[Call, Call]) -> AppointmentOf | None:
        return await appointment_of(info.root_value, row)  # type: ignore[return-value]


@strawberry.type(description="Something that happened to an appointment.")
class AppointmentEvent(Event):
    """An event of an appointment."""

    is_type_of = RowsOf(models.AppointmentEvent)


@strawberry.type(description="Something that happened to a participant.")
class ParticipantEvent(Event):
    """An event of a participant."""

    participant_id: ID = strawberry.field(description="The participant that it is about.")

    @strawberry.field(description="The participant as it is now; null once it is removed.")
    async def participant(
        row: Parent[models.ParticipantEvent], info: Info[Call, Call]
    ) -> ParticipantOf | None:
        return await participant_of(info.root_value, row)  # type: ignore[return-value]

    is_type_of = RowsOf(models.ParticipantEvent)


@strawberry.type(description="An event in a list.")
class EventEdge:
    """An event with its cursor."""

    cursor: str = strawberry.field(description="The event's own cursor.")
    node: Event = strawberry.field(description="The event.")


@strawberry.type(description="A page of events.")
class EventConnection:
    """A page of events, over a Page."""

    @strawberry.field(description="The events of this page with their cursors.")
    def edges(page: Parent[Page[Any]], info: Info[Call, Call]) -> list[EventEdge]:
        return edges_of(page, info)  # type: ignore[no-any-return]

    @strawberry.field(description="The events of this page.")
    def nodes(page: Parent[Page[Any]], info: Info[Call, Call]) -> list[Event]:
        return nodes_of(page, info)  # type: ignore[no-any-return]

    @strawberry.field(description="Where this page lies.")
    def page_info(page: Parent[Page[Any]]) -> PageInfo:
        return page  # type: ignore[return-value]
