"""Pages of lists, in two styles: Relay connections with keyset cursors, and numbered pages.

A resolver is handed the style with the page, and reads either from the same `Listing`.
"""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Any, Generic, NamedTuple, Protocol, TypeVar

from db.engine import Tenancy

from ..domain.errors import BadInput, Problem
from ..operation.call import Call

R = TypeVar("R")

DEFAULT_SIZE = 20
MAX_SIZE = 100


class InvalidPage(Problem):
    """There is no page of this number."""

    code = "invalid_page"

    def __init__(self) -> None:
        super().__init__("Invalid page.")


@dataclass(slots=True)
class Page(Generic[R]):
    """Rows of a list, with what is known about the rest of it."""

    rows: Sequence[R]
    has_next: bool = False
    has_previous: bool = False
    cursor: Callable[[R], str] = str
    count: Callable[[], Awaitable[int]] | None = None
    total: int = 0
    number: int = 1
    # Where to go on, when that is not behind the last row.
    end: str | None = None


class Slice(NamedTuple):
    """Which part of a list is asked for: `size` rows from one of its ends or cursors."""

    size: int
    backwards: bool
    after: str | None
    before: str | None

    def page_of(self, rows: Sequence[R], cursor: Callable[[R], str], **known: Any) -> Page[R]:
        """Returns the page that begins with `rows`, of which one too many tells that more follow.

        `known` is what the page says of the whole list.
        """
        more = len(rows) > self.size
        if more:
            rows = rows[-self.size :] if self.backwards else rows[: self.size]
        return Page(
            rows,
            has_next=self.before is not None if self.backwards else more,
            has_previous=more if self.backwards else self.after is not None,
            cursor=cursor,
            **known,
        )


class Listing(Protocol[R]):
    """A filtered and sorted list of an organization, of which pages are read."""

    @property
    def total(self) -> int | None:
        """How many rows it has, where that is known without counting."""

    async def count(self, tx: Tenancy, /) -> int:
        """Returns how many rows it has."""

    async def rows_from(self, tx: Tenancy, limit: int, offset: int, /) -> Sequence[R]:
        """Returns `limit` rows from `offset` on."""

    async def rows_of(self, tx: Tenancy, part: Slice, limit: int, /) -> Sequence[R]:
        """Returns up to `limit` rows of a part; raises BadInput for a cursor of another list."""

    def cursor(self, row: R, /) -> str:
        """Returns the cursor of a row."""


class PageNumber(NamedTuple):
    """A numbered page: 1 is the first, None the last."""

    number: int | None
    size: int

    async def read(self, call: Call, listing: Listing[R]) -> Page[R]:
        """Returns the page of this number; raises InvalidPage when there is none."""
        tx = call.tx
        if self.number == 1:
            found = await listing.rows_from(tx, self.size, 0)
            # A page that is not full tells by itself how many there are.
            total = len(found) if len(found) < self.size else await listing.count(tx)
            return Page(found, total > self.size, total=total)
        total = await listing.count(tx)
        pages = max(1, -(-total // self.size))
        number = pages if self.number is None else self.number
        if not 1 <= number <= pages:
            raise InvalidPage
        offset = (number - 1) * self.size
        found = await listing.rows_from(tx, self.size, offset) if total else []
        return Page(found, number < pages, number > 1, total=total, number=number)


class Connection(NamedTuple):
    """A page of a Relay connection, by the arguments of its field."""

    first: int | None = None
    after: str | None = None
    last: int | None = None
    before: str | None = None

    def part(self) -> Slice:
        """Returns the part that is asked for; raises BadInput when the arguments make no sense."""
        first, after, last, before = self
        if first is not None and last is not None:
            raise BadInput("Give `first` or `last`, not both.")
        size = size_of("first", first) if last is None else size_of("last", last)
        return Slice(size, last is not None, after, before)

    async def read(self, call: Call, listing: Listing[R]) -> Page[R]:
        """Returns the page; what is not known of the whole list is counted when it is asked for."""
        part = self.part()
        rows = await listing.rows_of(call.tx, part, part.size + 1)
        if listing.total is not None:
            return part.page_of(rows, listing.cursor, total=listing.total)
        return part.page_of(rows, listing.cursor, count=lambda: call.snapshot.read(listing.count))


PageStyle = PageNumber | Connection
FIRST_PAGE = Connection()


def size_of(name: str, value: int | None) -> int:
    """Returns how many are asked for, 20 when absent; raises BadInput unless it is 1 to 100."""
    if value is None:
        return DEFAULT_SIZE
    if not 1 <= value <= MAX_SIZE:
        raise BadInput(f"Give `{name}` from 1 to {MAX_SIZE}.")
    return value
