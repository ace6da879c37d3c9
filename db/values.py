"""Converters between Python values and what SQLite stores, by kind.

Imports no SQLAlchemy.
"""

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from enum import StrEnum
from functools import lru_cache
from typing import Any

import orjson

from .models import AppointmentStatus, EventSource, ParticipantRole

Processor = Callable[[Any], Any]

INSTANT, DOCUMENT, FLAG = "instant", "document", "flag"


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


def store_word(value: StrEnum | str | None) -> str | None:
    """Returns the text of a member of an enumeration."""
    return None if value is None else str(value)


def store_flag(value: bool | None) -> int | None:
    """Returns 1 for true and 0 for false."""
    return None if value is None else int(value)


WORDS: tuple[type[StrEnum], ...] = (AppointmentStatus, EventSource, ParticipantRole)

STORES: Mapping[str, Processor] = {
    INSTANT: store_instant,
    DOCUMENT: store_document,
    FLAG: store_flag,
    **{words.__name__: store_word for words in WORDS},
}
# Never called for NULL.
READS: Mapping[str, Processor] = {
    INSTANT: datetime.fromisoformat,
    DOCUMENT: orjson.loads,
    FLAG: bool,
    **{words.__name__: {word.value: word for word in words}.__getitem__ for words in WORDS},
}
