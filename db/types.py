"""Column types: how ids, instants, enumerations and documents are stored in each database.

All other code sees Python values only. Result processors are never called for NULL.
"""

from collections.abc import Callable
from datetime import datetime
from enum import StrEnum
from typing import Any, TypeVar

from sqlalchemy import (
    ARRAY,
    CHAR,
    JSON,
    TIMESTAMP,
    BigInteger,
    Dialect,
    Integer,
    String,
    Text,
    Uuid,
)
from sqlalchemy.types import TypeDecorator, TypeEngine

from . import values

T = TypeVar("T")
E = TypeVar("E", bound=StrEnum)


class Converted(TypeDecorator[T]):
    """A type whose values are converted by `db.values`, under the name in `kind`."""

    impl: type[TypeEngine[Any]] | TypeEngine[Any] = Text
    cache_ok = True
    kind = ""
    # What PostgreSQL stores; other databases store `impl`.
    native: TypeEngine[Any] | None = None

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        """Returns the type of the column in this database."""
        is_native = dialect.name == values.POSTGRESQL and self.native is not None
        return dialect.type_descriptor(self.native if is_native else self.impl_instance)  # type: ignore[arg-type]

    def bind_processor(self, dialect: Dialect) -> Callable[[Any], Any] | None:
        """Returns the function from a value to the stored one; None where it is stored as it is."""
        return values.STORES[dialect.name].get(self.kind)

    def result_processor(self, dialect: Dialect, coltype: object) -> Callable[[Any], Any] | None:
        """Returns the function from the stored value; None where it is read as it is."""
        return values.READS[dialect.name].get(self.kind)


class Id(Converted[str]):
    """A UUID, known everywhere as its canonical text; `uuid` on PostgreSQL."""

    impl = CHAR(36)
    cache_ok = True
    kind = values.ID
    native = Uuid(as_uuid=False)


class UtcDateTime(Converted[datetime]):
    """An instant in UTC; naive values are refused. `timestamptz` on PostgreSQL.

    SQLite stores RFC 3339 text of constant width, which sorts like the instants.
    """

    impl = String(27)
    cache_ok = True
    kind = values.INSTANT
    native = TIMESTAMP(timezone=True)


class Word(Converted[E]):
    """A member of an enumeration, stored as its text."""

    impl = String(20)
    cache_ok = True

    def __init__(self, words: type[E]) -> None:
        super().__init__()
        self.words = words
        self.kind = words.__name__


class JsonDocument(Converted[Any]):
    """A small JSON document. On PostgreSQL `json`, which keeps the order of keys as it was sent."""

    impl = Text
    cache_ok = True
    kind = values.DOCUMENT
    native = JSON()


# Numbers that only grow: SQLite's integers have 64 bits whatever their name.
BigNumber = BigInteger().with_variant(Integer, values.SQLITE)


class TextList(Converted[list[str]]):
    """A list of texts that a statement compares with; no column has this type."""

    impl = Text
    cache_ok = True
    kind = values.LIST
    native = ARRAY(Text)
