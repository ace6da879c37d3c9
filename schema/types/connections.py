"""The connection of appointments; that of participants stands beside their type."""

from typing import Any

import strawberry
from strawberry import Info, Parent

from ..fields import Cost
from ..operation.call import Call
from ..resolvers.pages import Page
from .appointments import Appointment
from .pages import NODES, TOTAL, PageInfo, edges_of, nodes_of, total_of


@strawberry.type(description="An appointment in a list.")
class AppointmentEdge:
    """An appointment with its cursor."""

    cursor: str = strawberry.field(description="Opaque keyset cursor.")
    node: Appointment = strawberry.field(description="The appointment.")


@strawberry.type(description="A page of appointments.")
class AppointmentConnection:
    """A page of appointments, over a Page."""

    @strawberry.field(description="The appointments of this page with their cursors.")
    def edges(page: Parent[Page[Any]], info: Info[Call, Call]) -> list[AppointmentEdge]:
        return edges_of(page, info)  # type: ignore[no-any-return]

    @strawberry.field(description=NODES)
    def nodes(page: Parent[Page[Any]], info: Info[Call, Call]) -> list[Appointment]:
        return nodes_of(page, info)  # type: ignore[no-any-return]

    @strawberry.field(description="Where this page lies.")
    def page_info(page: Parent[Page[Any]]) -> PageInfo:
        return page  # type: ignore[return-value]

    @strawberry.field(description=TOTAL, directives=[Cost(weight=5)])
    def total_count(page: Parent[Page[Any]]) -> int:
        return total_of(page)  # type: ignore[no-any-return]
