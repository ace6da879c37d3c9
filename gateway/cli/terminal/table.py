"""Listings: aligned columns for people, JSON for programs."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from .output import answer


def show(heads: Sequence[str], lines: Sequence[Sequence[str]]) -> None:
    """Writes lines under their heads, in columns."""
    widths = [max(map(len, column)) for column in zip(heads, *lines, strict=True)]
    for line in (heads, *lines):
        cells = (cell.ljust(width) for cell, width in zip(line, widths, strict=True))
        answer("  ".join(cells).rstrip())


def show_json(rows: Sequence[Mapping[str, Any]]) -> None:
    """Writes a JSON array of objects."""
    import orjson

    answer(orjson.dumps(rows, option=orjson.OPT_INDENT_2).decode())


def minute(instant: datetime) -> str:
    """Returns an instant for people, in UTC."""
    return instant.strftime("%Y-%m-%d %H:%MZ")


def timestamp(instant: datetime | None) -> str | None:
    """Returns an instant for programs, as RFC 3339 in UTC; None for none."""
    if instant is None:
        return None
    return instant.astimezone(UTC).isoformat().replace("+00:00", "Z")
