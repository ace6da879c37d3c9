"""What is moved: the tables in the order of their references, and how values change their form."""

from collections.abc import Callable
from datetime import datetime
from typing import Any, NamedTuple

import orjson
from sqlalchemy import Boolean, Column
from sqlmodel import SQLModel

import db.tables  # noqa: F401  (registers the tables)

from ..types import JsonDocument, UtcDateTime

# Leases belong to processes, which begin anew, and so do messages between them. Seats come along:
# whoever does not take one up again has left.
LEFT = frozenset({"lease", "room_message"})
# Triggers of the target fill it as the appointments come.
DERIVED = "appointment_histogram"
Converter = Callable[[Any], Any]


class MovedTable(NamedTuple):
    """A table, its columns, and functions from what SQLite stores; None leaves a value as it is."""

    name: str
    columns: tuple[str, ...]
    converters: tuple[Converter | None, ...]
    organization_at: int
    documents_at: tuple[int, ...]

    def converted(self, record: tuple[Any, ...]) -> tuple[Any, ...]:
        """Returns a record of SQLite as the driver of PostgreSQL takes it, and would read it."""
        return tuple(
            value if value is None or convert is None else convert(value)
            for value, convert in zip(record, self.converters, strict=True)
        )


def tables() -> list[MovedTable]:
    """Returns the tables, each behind those that it refers to."""
    return [
        _moved(table.name, list(table.columns))
        for table in SQLModel.metadata.sorted_tables
        if table.name not in LEFT | {DERIVED} and table.metadata is SQLModel.metadata
    ]


def _moved(name: str, columns: list[Column[Any]]) -> MovedTable:
    names = tuple(column.name for column in columns)
    return MovedTable(
        name,
        names,
        tuple(_converter(column) for column in columns),
        names.index("organization_id" if "organization_id" in names else "id"),
        tuple(at for at, column in enumerate(columns) if isinstance(column.type, JsonDocument)),
    )


def _converter(column: Column[Any]) -> Converter | None:
    if isinstance(column.type, UtcDateTime):
        return datetime.fromisoformat
    if isinstance(column.type, Boolean):
        return bool
    return None


def plain(text: str) -> Any:
    """Returns a JSON document in one form, however the database has written it."""
    return orjson.dumps(orjson.loads(text), option=orjson.OPT_SORT_KEYS)
