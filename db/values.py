"""Converters between Python values and what each database stores, by kind.

Imports no SQLAlchemy.
"""

from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from enum import StrEnum
from functools import lru_cache
from typing import Any

import orjson

from .models import AppointmentStatus, EventSource, ParticipantRole, SeatState

Processor = Callable[[Any], Any]

SQLITE, POSTGRESQL = "sqlite", "postgresql"
INSTANT, DOCUMENT, FLAG, ID, LIST = "instant", "document", "flag", "id", "list"


# Cached, because one write stores the same instant many times: thirty times for ten participants.
@lru_cache(maxsize=256)
def store_instant(value: datetime | None) -> str | None:
    """Returns an aware datetime as RFC 3339 text of constant width, in UTC.

    Raises ValueError when it is naive.
    """
    instant = in_utc(value)
    if instant is None:
        return None
    return instant.replace(tzinfo=None).isoformat(timespec="microseconds") + "Z"


def in_utc(value: datetime | None) -> datetime | None:
    """Returns the same instant in UTC; raises ValueError when it is naive."""
    if value is None or value.tzinfo is UTC:
        return value
    if value.tzinfo is None:
        raise ValueError("an instant needs an offset")
    return value.astimezone(UTC)


def store_document(value: Any) -> str | None:
    """Returns a small document as JSON text."""
    return None if value is None else orjson.dumps(value).decode()


def store_list(values: Sequence[str]) -> str:
    """Returns texts as the JSON that `json_each` unfolds."""
    return orjson.dumps(values).decode()


def read_instant(value: datetime) -> datetime:
    """Returns an instant as the driver of PostgreSQL read it, in UTC.

    The first and the last instant of Python are stored as the infinite ones, and read naive.
    """
    return value if value.tzinfo is UTC else value.replace(tzinfo=UTC)


def store_word(value: StrEnum | str | None) -> str | None:
    """Returns the text of a member of an enumeration."""
    return None if value is None else str(value)


def store_flag(value: bool | None) -> int | None:
    """Returns 1 for true and 0 for false."""
    return None if value is None else int(value)


WORDS: tuple[type[StrEnum], ...] = (AppointmentStatus, EventSource, ParticipantRole, SeatState)

WORD_STORES: Mapping[str, Processor] = {words.__name__: store_word for words in WORDS}
WORD_READS: Mapping[str, Processor] = {
    words.__name__: {word.value: word for word in words}.__getitem__ for words in WORDS
}

# By database. A kind that is missing is stored, or read, as it is.
STORES: Mapping[str, Mapping[str, Processor]] = {
    SQLITE: {
        INSTANT: store_instant,
        DOCUMENT: store_document,
        FLAG: store_flag,
        LIST: store_list,
        **WORD_STORES,
    },
    POSTGRESQL: {INSTANT: in_utc, DOCUMENT: store_document, LIST: list, **WORD_STORES},
}
# Never called for NULL.
READS: Mapping[str, Mapping[str, Processor]] = {
    SQLITE: {
        INSTANT: datetime.fromisoformat,
        DOCUMENT: orjson.loads,
        FLAG: bool,
        **WORD_READS,
    },
    POSTGRESQL: {INSTANT: read_instant, DOCUMENT: orjson.loads, ID: str, **WORD_READS},
}
