"""Relay connections over `schema.resolvers.pages.Page`.

Read by GraphQL only; what is not selected is not built or counted.
"""

from typing import TYPE_CHECKING, Annotated, Any, NamedTuple

import strawberry
from strawberry import Info, Parent

from ..fields import Cost
from ..operation.call import Call
from ..operation.pace import SHORT
from ..resolvers.pages import Page

if TYPE_CHECKING:
    from .domain import Appointment, Participant

LazyAppointment = Annotated["Appointment", strawberry.lazy("schema.types.domain")]
LazyParticipant = Annotated["Participant", strawberry.lazy("schema.types.domain")]

NODES = "The nodes of this page, without cursors."
TOTAL = "Size of the whole filtered list; counted only when selected."


class Edge(NamedTuple):
    """A row with the cursor that resumes behind it."""

    cursor: str
    node: Any


def _edges(page: Page[Any], info: Info[Call, Call]) -> Any:
    return info.root_value.services.pace.paced([Edge(page.cursor(row), row) for row in page.rows])


def _nodes(page: Page[Any], info: Info[Call, Call]) -> Any:
    rows = page.rows
    return rows if len(rows) <= SHORT else info.root_value.services.pace.paced(rows)


def _total(page: Page[Any]) -> Any:
    return page.total if page.count is None else page.count()


@strawberry.type(description="Where a page lies (Relay).")
class PageInfo:
    """The ends of a page, and whether there is more beyond them."""

    @strawberry.field(description="Cursor of the first edge; null on an empty page.")
    def start_cursor(page: Parent[Page[Any]]) -> str | None:
        return page.cursor(page.rows[0]) if page.rows else None

    @strawberry.field(description="Cursor of the last edge; null on an empty page.")
    def end_cursor(page: Parent[Page[Any]]) -> str | None:
        return page.cursor(page.rows[-1]) if page.rows else None

    @strawberry.field(description="Whether there is more after this page.")
    def has_next_page(page: Parent[Page[Any]]) -> bool:
        return page.has_next

    @strawberry.field(description="Whether there is more before this page.")
    def has_previous_page(page: Parent[Page[Any]]) -> bool:
        return page.has_previous


@strawberry.type(description="An appointment in a list.")
class AppointmentEdge:
    """An appointment with its cursor."""

    cursor: str = strawberry.field(description="Opaque keyset cursor.")
    node: LazyAppointment = strawberry.field(description="The appointment.")


@strawberry.type(description="A page of appointments.")
class AppointmentConnection:
    """A page of appointments, over a Page."""

    @strawberry.field(description="The appointments of this page with their cursors.")
    def edges(page: Parent[Page[Any]], info: Info[Call, Call]) -> list[AppointmentEdge]:
        return _edges(page, info)  # type: ignore[no-any-return]

    @strawberry.field(description=NODES)
    def nodes(page: Parent[Page[Any]], info: Info[Call, Call]) -> list[LazyAppointment]:
        return _nodes(page, info)  # type: ignore[no-any-return]

    @strawberry.field(description="Where this page lies.")
    def page_info(page: Parent[Page[Any]]) -> PageInfo:
        return page  # type: ignore[return-value]

    @strawberry.field(description=TOTAL, directives=[Cost(weight=5)])
    def total_count(page: Parent[Page[Any]]) -> int:
        return _total(page)  # type: ignore[no-any-return]


@strawberry.type(description="A participant in a list.")
class ParticipantEdge:
    """A participant with its cursor."""

    cursor: str = strawberry.field(description="Opaque keyset cursor.")
    node: LazyParticipant = strawberry.field(description="The participant.")


@strawberry.type(description="A page of participants.")
class ParticipantConnection:
    """A page of participants, over a Page."""

    @strawberry.field(description="The participants of this page with their cursors.")
    def edges(page: Parent[Page[Any]], info: Info[Call, Call]) -> list[ParticipantEdge]:
        return _edges(page, info)  # type: ignore[no-any-return]

    @strawberry.field(description=NODES)
    def nodes(page: Parent[Page[Any]], info: Info[Call, Call]) -> list[LazyParticipant]:
        return _nodes(page, info)  # type: ignore[no-any-return]

    @strawberry.field(description="Where this page lies.")
    def page_info(page: Parent[Page[Any]]) -> PageInfo:
        return page  # type: ignore[return-value]

    @strawberry.field(description=TOTAL, directives=[Cost(weight=5)])
    def total_count(page: Parent[Page[Any]]) -> int:
        return _total(page)  # type: ignore[no-any-return]
