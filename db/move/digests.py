"""Counts and digests of rows by table and organization, in whatever order they come."""

from collections import defaultdict
from collections.abc import Iterable
from datetime import UTC, datetime
from hashlib import blake2b
from typing import Any

from .layout import MovedTable, plain

Figures = dict[str, list[int]]  # by table and organization: how many rows, the sum of their digests
MODULUS = 1 << 64


def add(figures: Figures, table: MovedTable, records: Iterable[tuple[Any, ...]]) -> None:
    """Adds converted records of a table to the figures."""
    place = table.organization_at
    for record in records:
        figure = figures[f"{table.name} of {record[place]}"]
        figure[0] += 1
        figure[1] = (figure[1] + _digest(table, record)) % MODULUS


def empty() -> Figures:
    """Returns the figures of nothing."""
    return defaultdict(lambda: [0, 0])


def _digest(table: MovedTable, record: tuple[Any, ...]) -> int:
    values = [_form(value) for value in record]
    for at in table.documents_at:
        values[at] = None if record[at] is None else plain(record[at])
    return int.from_bytes(blake2b(repr(values).encode(), digest_size=8).digest(), "big")


def _form(value: Any) -> Any:
    """Returns a value in one form: drivers have classes of their own for ids and time zones."""
    if isinstance(value, datetime):
        # The first and the last instant come back without a zone.
        return value.replace(tzinfo=value.tzinfo or UTC).astimezone(UTC).isoformat()
    if value is None or isinstance(value, str | int | bytes):
        return value
    return str(value)
