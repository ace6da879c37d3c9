"""Column types: how ids, instants, words and flags are stored on each database.

Everything above sees the Python values only. Result processors are called for values that are
there, never for NULL.
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
    """A UUID as its canonical text: what both faces print, so that no read has to build objects."""

    impl = CHAR(36)
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        """PostgreSQL has a type of its own; SQLite keeps the 36 characters."""
        native = dialect.name == "postgresql"
        return dialect.type_descriptor(Uuid(as_uuid=False) if native else CHAR(36))


class UtcDateTime(TypeDecorator[datetime]):
    """An instant in UTC; naive values are refused.

    SQLite keeps RFC 3339 text of constant width, so that sorting text sorts instants.
    """

    impl = String(27)
    cache_ok = True
    kind = values.INSTANT

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        """`timestamptz` on PostgreSQL, 27 characters on SQLite."""
        native = dialect.name == "postgresql"
        return dialect.type_descriptor(TIMESTAMP(timezone=True) if native else String(27))

    def bind_processor(self, dialect: Dialect) -> Callable[[datetime | None], Any]:
        """Returns the function that turns an aware instant into what is stored."""
        return values.in_utc if dialect.name == "postgresql" else values.store_instant

    def result_processor(self, dialect: Dialect, coltype: object) -> Callable[[Any], Any]:
        """Returns the function that reads an instant back, in UTC."""
        if dialect.name == "postgresql":
            return lambda value: value.astimezone(UTC)
        return values.READS[self.kind]


class Word(TypeDecorator[E]):
    """One of the words of an enumeration, stored as text."""

    impl = String(20)
    cache_ok = True

    def __init__(self, words: type[E]) -> None:
        super().__init__()
        self.words = words

    @property
    def kind(self) -> str:
        """What `db.values` calls it."""
        return self.words.__name__

    def bind_processor(self, dialect: Dialect) -> Callable[[Any], Any]:
        """Returns the function that stores the word itself."""
        return values.store_word

    def result_processor(self, dialect: Dialect, coltype: object) -> Callable[[Any], Any]:
        """Returns the look-up from the word to its member."""
        return values.READS[self.kind]


class JsonDocument(TypeDecorator[Any]):
    """A small JSON document."""

    impl = Text
    cache_ok = True
    kind = values.DOCUMENT

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        """`jsonb` on PostgreSQL, text on SQLite."""
        if dialect.name != "postgresql":
            return dialect.type_descriptor(Text())
        from sqlalchemy.dialects.postgresql import JSONB

        return dialect.type_descriptor(JSONB())

    def bind_processor(self, dialect: Dialect) -> Callable[[Any], Any]:
        """Returns the function that writes the document."""
        return values.store_document

    def result_processor(self, dialect: Dialect, coltype: object) -> Callable[[Any], Any]:
        """Returns the function that reads the document."""
        return values.READS[self.kind]
