"""Numbered pages: which there are, and that nothing is counted that the first page tells."""

from types import SimpleNamespace
from typing import Any

import pytest

from schema.resolvers.pages import InvalidPage, Page, PageNumber

SIZE = 5
CALL: Any = SimpleNamespace(tx=None)


class Listing:
    """A list of so many rows, and how often they were counted."""

    def __init__(self, length: int) -> None:
        self.all = list(range(length))
        self.counts = 0

    async def count(self, _: object = None) -> int:
        self.counts += 1
        return len(self.all)

    async def rows_from(self, _: object, limit: int, offset: int) -> list[int]:
        assert offset < max(1, len(self.all)), "a page that is not there is not looked for"
        return self.all[offset : offset + limit]

    async def page(self, number: int | None) -> Page[int]:
        return await PageNumber(number, SIZE).read(CALL, self)  # type: ignore[arg-type]


@pytest.mark.parametrize("length", [0, 1, 4, 5, 6, 10, 11])
async def test_every_page_tells_what_it_is_a_part_of(length: int) -> None:
    listing = Listing(length)
    last = max(1, -(-length // SIZE))
    for number in range(1, last + 1):
        page = await listing.page(number)
        assert page.rows == listing.all[(number - 1) * SIZE : number * SIZE]
        told = (page.total, page.number, page.has_previous, page.has_next)
        assert told == (length, number, number > 1, number < last)
    assert await listing.page(None) == await listing.page(last)
    for number in (last + 1, 0, -1, 2**70):
        with pytest.raises(InvalidPage):
            await listing.page(number)


@pytest.mark.parametrize(("length", "counts"), [(0, 0), (4, 0), (5, 1), (6, 1)])
async def test_a_first_page_that_is_not_full_is_not_counted(length: int, counts: int) -> None:
    listing = Listing(length)
    await listing.page(1)
    assert listing.counts == counts
