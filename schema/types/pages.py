"""What every Relay connection has; what is not selected is not built or counted."""

from typing import Any, NamedTuple

import strawberry
from strawberry import Info, Parent

from ..operation.call import Call
from ..operation.pace import SHORT
from ..resolvers.pages import Page

NODES = "The nodes of this page, without cursors."
TOTAL = "Size of the whole filtered list; counted only when selected."


class Edge(NamedTuple):
    """A row with the cursor that resumes behind it."""

    cursor: str
    node: Any


def edges_of(page: Page[Any], info: Info[Call, Call]) -> Any:
    """Returns the rows of a page with their cursors."""
    return info.root_value.services.pace.paced([Edge(page.cursor(row), row) for row in page.rows])


def nodes_of(page: Page[Any], info: Info[Call, Call]) -> Any:
    """Returns the rows of a page."""
    rows = page.rows
    return rows if len(rows) <= SHORT else info.root_value.services.pace.paced(rows)


def total_of(page: Page[Any]) -> Any:
    """Returns how many rows the whole list has, counting them where that is not known."""
    return page.total if page.count is None else page.count()


@strawberry.type(description="Where a page lies (Relay).")
class PageInfo:
    """The ends of a page, and whether there is more beyond them."""

    @strawberry.field(description="Cursor of the first edge; null on an empty page.")
    def start_cursor(page: Parent[Page[Any]]) -> str | None:
        return page.cursor(page.rows[0]) if page.rows else None

    @strawberry.field(description="Cursor of the last edge; null on an empty page.")
    def end_cursor(page: Parent[Page[Any]]) -> str | None:
        return page.end or (page.cursor(page.rows[-1]) if page.rows else None)

    @strawberry.field(description="Whether there is more after this page.")
    def has_next_page(page: Parent[Page[Any]]) -> bool:
        return page.has_next

    @strawberry.field(description="Whether there is more before this page.")
    def has_previous_page(page: Parent[Page[Any]]) -> bool:
        return page.has_previous
