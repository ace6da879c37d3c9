"""The query string: page number, filters, order, and the links that lead to other pages."""

import re
from collections.abc import Callable, Container, Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from functools import lru_cache
from operator import itemgetter
from typing import Any, TypeVar
from urllib.parse import quote_plus

from strawberry import UNSET

from db.models import AppointmentStatus
from db.queries.filters import OrderField
from schema.domain.codes import FieldProblemCode
from schema.domain.errors import FieldError
from schema.inputs import AppointmentFilter, AppointmentOrder
from schema.resolvers.pages import MAX_SIZE, InvalidPage, Page, PageNumber
from schema.scalars import OrderDirection

from .forms import parse_fields
from .objects import InvalidInput
from .values import InvalidValue, date_time

R = TypeVar("R")
C = TypeVar("C")

LONGEST_KEPT = 64
ONE_TO_HUNDRED = re.compile("[1-9][0-9]?|100")
BAD_LIMIT = f"Enter a whole number from 1 to {MAX_SIZE}."
BAD_DATE = "Enter a valid date/time."
BAD_CHOICE = "Select a valid choice. {} is not one of the available choices."
LONGEST_CHOICE = 100
STATUSES = {each.value: each for each in AppointmentStatus}
ORDERS = {
    sign + field.value: AppointmentOrder(field=field, direction=direction)
    for field in OrderField
    for sign, direction in (("", OrderDirection.ASC), ("-", OrderDirection.DESC))
}
LATEST_FIRST = (AppointmentOrder(),)


class Query:
    """The parameters of a request; of a repeated one the last value counts, but for lists."""

    __slots__ = ("pairs", "values")

    def __init__(self, raw: bytes) -> None:
        self.pairs = parse_fields(raw) if raw else []
        self.values = dict(self.pairs)

    def page(self, default_size: int) -> PageNumber:
        """The page asked for; raises InvalidPage when it is not a number."""
        asked = self.values.get("page") or "1"
        if asked == "last":
            return PageNumber(None, self.size(default_size))
        try:
            return PageNumber(int(asked), self.size(default_size))
        except ValueError:
            raise InvalidPage from None

    def size(self, default: int, name: str = "page_size") -> int:
        """How many items the page can hold, 1 to 100; `default` when it is not such a number."""
        try:
            size = int(self.values.get(name, default))
        except ValueError:
            return default
        return min(size, MAX_SIZE) if size > 0 else default

    def limit(self, default: int) -> int:
        """How many events are asked for, 1 to 100; raises InvalidInput for anything else."""
        asked = self.values.get("limit") or str(default)
        if ONE_TO_HUNDRED.fullmatch(asked):
            return int(asked)
        raise InvalidInput(
            [FieldError(("limit",), FieldProblemCode.INVALID, BAD_LIMIT)], self.values
        )

    def wanted(self) -> tuple[AppointmentFilter, Sequence[AppointmentOrder]]:
        """The conditions of the list, and what to sort by: ties of one order by the next.

        Raises InvalidInput for an invalid date, an unknown status and an unknown order.
        """
        errors: list[FieldError] = []
        starts_from = self._date("start_date", errors)
        starts_until = self._date("end_date", errors)
        statuses = self._choices("status", STATUSES, errors)
        orders = self._choices("ordering", ORDERS, errors)
        if errors:
            raise InvalidInput(errors, self.values)
        filter = AppointmentFilter(
            # Stored without the blanks around it; nothing but blanks is an empty value.
            participant_unique_id=self.values.get("participant_unique_id", "").strip() or None,
            starts_from=starts_from,
            starts_until=starts_until,
            status=statuses or UNSET,
        )
        return filter, _distinct(orders) or LATEST_FIRST

    def _choices(self, name: str, known: Mapping[str, C], errors: list[FieldError]) -> list[C]:
        """The values of a list, each once; it may be repeated, separated by commas, or both."""
        found: dict[str, C] = {}
        for text in self._listed(name) if name in self.values else ():
            if text not in known:
                message = BAD_CHOICE.format(text[:LONGEST_CHOICE])
                errors.append(FieldError((name,), FieldProblemCode.INVALID_CHOICE, message))
                return []
            found[text] = known[text]
        return list(found.values())

    def _listed(self, name: str) -> Iterator[str]:
        for key, value in self.pairs:
            if key == name:
                yield from filter(None, map(str.strip, value.split(",")))

    def unread(self, names: Container[str]) -> list[str]:
        """The parameters that are not among `names`, and so have no effect."""
        return [name for name in self.values if name and name not in names and name != "format"]

    def _date(self, name: str, errors: list[FieldError]) -> datetime | None:
        text = self.values.get(name)
        if not text:
            return None
        try:
            return _parse_date(text)
        except InvalidValue:
            errors.append(FieldError((name,), FieldProblemCode.INVALID, BAD_DATE))
            return None

    def with_page(self, number: int) -> str:
        """The query string that leads to another page; the first one has no number."""
        pairs = [pair for pair in self.pairs if pair[0] != "page"]
        if number > 1:
            pairs.append(("page", str(number)))
        return "&".join(
            f"{_quoted(name)}={_quoted(value)}" for name, value in sorted(pairs, key=itemgetter(0))
        )


def _distinct(orders: Iterable[AppointmentOrder]) -> tuple[AppointmentOrder, ...]:
    """The orders without those of a field that came before: nothing is left to sort by it."""
    by_field: dict[OrderField, AppointmentOrder] = {}
    for each in orders:
        by_field.setdefault(each.field, each)
    return tuple(by_field.values())


def _quoted(text: str) -> str:
    return _kept(text) if len(text) <= LONGEST_KEPT else quote_plus(text)


# Names of parameters, and the dates of whoever turns pages: quoting them anew costs 5 us each.
_kept = lru_cache(maxsize=1024)(quote_plus)


def _parse_date(text: str) -> datetime:
    """Parses a date-time, also one whose `+` was not encoded and so arrived as a space."""
    try:
        return date_time(text)
    except InvalidValue:
        return date_time("+".join(text.rsplit(" ", 1)))


def page_of(
    page: Page[R], render: Callable[[Sequence[R]], list[dict[str, Any]]], query: Query, address: str
) -> dict[str, Any]:
    """The documented page around rows, with its links."""
    following = _link(address, query, page.number + 1) if page.has_next else None
    preceding = _link(address, query, page.number - 1) if page.has_previous else None
    return {
        "count": page.total,
        "next": following,
        "previous": preceding,
        "results": render(page.rows),
    }


def _link(address: str, query: Query, number: int) -> str:
    text = query.with_page(number)
    return f"{address}?{text}" if text else address
