"""Cursors of lists: opaque text for a position that a page resumes behind or before."""

from base64 import urlsafe_b64decode, urlsafe_b64encode
from binascii import Error as NotBase64
from datetime import UTC, datetime
from functools import lru_cache
from hashlib import blake2b
from typing import NamedTuple

from db.ids import canonical
from db.queries.appointments import Position
from db.queries.filters import OrderField

from ..domain.errors import BadInput

LONGEST_NUMBER = 18
# Characters of an event's id that tell whether the log was restored since.
TAIL = 8


def write_cursor(field: OrderField, key: datetime, id: str) -> str:
    """Returns the opaque cursor of a position."""
    return opaque(f"{field}|{key.isoformat()}|{id}")


def read_cursor(cursor: str | None, field: OrderField, name: str) -> Position | None:
    """Reads a cursor of `write_cursor`; raises BadInput for any other text."""
    if cursor is None:
        return None
    try:
        sorted_by, key, id = _clear(cursor).split("|")
        position = Position(datetime.fromisoformat(key), id)
        # Also those that leave the calendar on their way to UTC, which is how they are stored.
        is_ours = write_cursor(field, position.key.astimezone(UTC), id) == cursor
    except (ValueError, OverflowError):
        raise _bad_cursor(name) from None
    if sorted_by != field or not is_ours or canonical(id) != id:
        raise _bad_cursor(name)
    return position


def read_participant_cursor(cursor: str | None, name: str) -> str | None:
    """Reads the cursor of a participant; raises BadInput for any other text."""
    if cursor is None:
        return None
    try:
        id = _clear(cursor)
    except ValueError:
        raise _bad_cursor(name) from None
    if canonical(id) != id:
        raise _bad_cursor(name)
    return id


class EventPlace(NamedTuple):
    """A place in an event log: behind a number, and the end of the id of the event that has it.

    It is empty where there is no such event, and in cursors of earlier releases.
    """

    seq: int
    tail: str = ""

    def is_of(self, id: str | None) -> bool:
        """Whether the event of that number may be the one with this id."""
        return not self.tail or (id or "").endswith(self.tail)


def write_event_cursor(organization_id: str, seq: int, id: str | None = None) -> str:
    """Returns the cursor of a place in the event log of an organization, behind an event."""
    place = f"{seq}|{_log_of(organization_id)}"
    return opaque(f"{place}|{id[-TAIL:]}" if id else place)


def read_event_cursor(cursor: str, organization_id: str) -> EventPlace:
    """Reads the cursor of a place in this log; raises BadInput for any other text."""
    try:
        number, _, *tails = _clear(cursor).split("|")
        seq, tail = int(number[:LONGEST_NUMBER]), "".join(tails)
    except ValueError:
        raise _bad_event_cursor() from None
    # Of another organization's cursor it is not even said that it is one.
    if seq < 0 or write_event_cursor(organization_id, seq, tail) != cursor:
        raise _bad_event_cursor()
    return EventPlace(seq, tail)


@lru_cache(maxsize=1024)
def _log_of(organization_id: str) -> str:
    return blake2b(organization_id.encode(), digest_size=6, person=b"event log").hexdigest()


def _bad_event_cursor() -> BadInput:
    return BadInput(
        "`after`, or `Last-Event-ID`, is not a cursor of this event log: "
        "take one from an event or a page, as it is."
    )


def _bad_cursor(name: str) -> BadInput:
    return BadInput(
        f"`{name}` is not a cursor of this list: take one from `pageInfo` or `edges`, "
        "with the same `orderBy`."
    )


def opaque(text: str) -> str:
    """Returns text in a form that nobody is tempted to take apart."""
    return urlsafe_b64encode(text.encode()).decode().rstrip("=")


def _clear(cursor: str) -> str:
    try:
        return urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)).decode()
    except (NotBase64, UnicodeError) as error:
        raise ValueError("not a cursor") from error
