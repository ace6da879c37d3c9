"""Column types: how ids, instants, enumerations and documents are stored in each database.

All other code sees Python values only. Result processors are never called for NULL.
"""

from collections.abc import Callable
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any, TypeVar

from sqlalchemy import CHAR, TIMESTAMP, Dialect, String, Text, Uuid
from sqlalchemy.types import TypeDecorator, TypeEngine

from . import values

E = TypeVar("E", bound=StrEnum)


class Id(TypeDecorator[str]):
    """A UUID as its canonical text, the form that both faces send, so reads convert nothing."""

    impl = CHAR(36)
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        """Returns the native type on PostgreSQL, 36 characters on SQLite."""
        native = dialect.name == "postgresql"
        return dialect.type_descriptor(Uuid(as_uuid=False) if native else CHAR(36))


class UtcDateTime(TypeDecorator[datetime]):
    """An instant in UTC; naive values are refused.

    SQLite stores RFC 3339 text of constant width, which sorts like the instants.
    """

    impl = String(27)
    cache_ok = True
    kind = values.INSTANT

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        """Returns `timestamptz` on PostgreSQL, 27 characters on SQLite."""
        native = dialect.name == "postgresql"
        return dialect.type_descriptor(TIMESTAMP(timezone=True) if native else String(27))

    def bind_processor(self, dialect: Dialect) -> Callable[[datetime | None], Any]:
        """Returns the function from an aware datetime to the stored value."""
        return values.in_utc if dialect.name == "postgresql" else values.store_instant

    def result_processor(self, dialect: Dialect, coltype: object) -> Callable[[Any], Any]:
        """Returns the function from the stored value to a datetime in UTC."""
        if dialect.name == "postgresql":
            return lambda value: value.astimezone(UTC)
        return values.READS[self.kind]


class Word(TypeDecorator[E]):
    """A member of an enumeration, stored as its text."""

    impl = String(20)
    cache_ok = True

    def __init__(self, words: type[E]) -> None:
        super().__init__()
        self.words = words

    @property
    def kind(self) -> str:
        """The name of the converter in `db.values`."""
        return self.words.__name__

    def bind_processor(self, dialect: Dialect) -> Callable[[Any], Any]:
        """Returns the function from a member to its text."""
        return values.store_word

    def result_processor(self, dialect: Dialect, coltype: object) -> Callable[[Any], Any]:
        """Returns the function from the text to its member."""
        return values.READS[self.kind]


class JsonDocument(TypeDecorator[Any]):
    """A small JSON document."""

    impl = Text
    cache_ok = True
    kind = values.DOCUMENT

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        """Returns `jsonb` on PostgreSQL, text on SQLite."""
        if dialect.name != "postgresql":
            return dialect.type_descriptor(Text())
        from sqlalchemy.dialects.postgresql import JSONB

        return dialect.type_descriptor(JSONB())

    def bind_processor(self, dialect: Dialect) -> Callable[[Any], Any]:
        """Returns the function from a document to its JSON."""
        return values.store_document

    def result_processor(self, dialect: Dialect, coltype: object) -> Callable[[Any], Any]:
        """Returns the function from JSON to the document."""
        return values.READS[self.kind]
