"""How one value is parsed, as leniently as the original service did.

What a value must then satisfy is declared in `schema.inputs`.
"""

import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta, timezone
from enum import StrEnum
from typing import Any
from uuid import UUID

from schema.domain.codes import FieldProblemCode

LONGEST_NUMBER = 1_000
ZERO_FRACTION = re.compile(r"\.0*\s*$")
# What Python's own parser refuses and old clients send: one-digit parts, blanks before the offset,
# an offset of more than 59 minutes. Digits of any script count.
LOOSE_DATE_TIME = re.compile(
    r"(\d{4})-(\d{1,2})-(\d{1,2})[T ](\d{1,2}):(\d{1,2})"
    r"(?::(\d{1,2})(?:[.,](\d{1,6})\d{0,6})?)?"
    r"\s*(Z|[+-]\d\d(?::?\d\d)?)?\n?\Z"
)
TRUE = frozenset({"t", "y", "yes", "true", "on", "1", 1})
FALSE = frozenset({"f", "n", "no", "false", "off", "0", 0})

WRONG_DATE_TIME = (
    "Datetime has wrong format. Use one of these formats instead: "
    "YYYY-MM-DDThh:mm[:ss[.uuuuuu]][+HH:MM|-HH:MM|Z]."
)
OUT_OF_RANGE = "Datetime value out of range."


class InvalidValue(Exception):
    """The value is not valid for its kind; `message` says so in the documented words."""

    def __init__(self, message: str, code: FieldProblemCode = FieldProblemCode.INVALID) -> None:
        super().__init__(message)
        self.message = message
        self.code = code


def text(value: Any) -> str:
    """Accepts text and numbers."""
    if isinstance(value, str):
        return value
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise InvalidValue("Not a valid string.")
    return str(value)


def whole_number(value: Any) -> int:
    """Accepts whole numbers, also written as text or with a fraction of zeros."""
    if type(value) is int:
        return value
    written = str(value)
    if isinstance(value, str) and len(written) > LONGEST_NUMBER:
        raise InvalidValue("String value too large.")
    try:
        return int(ZERO_FRACTION.sub("", written))
    except ValueError:
        raise InvalidValue("A valid integer is required.") from None


def date_time(value: Any) -> datetime:
    """Accepts ISO 8601 text as the contract spells it out; without an offset it is UTC."""
    if not isinstance(value, str):
        raise InvalidValue(WRONG_DATE_TIME)
    try:
        found = _iso(value)
    except ValueError:
        raise InvalidValue(WRONG_DATE_TIME) from None
    if found.tzinfo is None:
        return found.replace(tzinfo=UTC)
    try:
        return found.astimezone(UTC)
    except OverflowError:
        raise InvalidValue(OUT_OF_RANGE, FieldProblemCode.OUT_OF_RANGE) from None


def _iso(value: str) -> datetime:
    try:
        return datetime.fromisoformat(value)
    except ValueError:
        found = LOOSE_DATE_TIME.match(value)
    if found is None:
        raise ValueError("not a date-time")
    *parts, second, fraction, offset = found.groups()
    year, month, day, hour, minute = map(int, parts)
    microsecond = int((fraction or "0").ljust(6, "0"))
    return datetime(year, month, day, hour, minute, int(second or 0), microsecond, _zone(offset))


def _zone(offset: str | None) -> timezone | None:
    if offset is None:
        return None
    if offset == "Z":
        return UTC
    minutes = int(offset[1:3]) * 60 + (int(offset[-2:]) if len(offset) > 3 else 0)
    return timezone(timedelta(minutes=-minutes if offset[0] == "-" else minutes))


def boolean(value: Any) -> bool:
    """Accepts true and false, 1 and 0, and the usual words for them."""
    if isinstance(value, str):
        value = value.lower()
    if isinstance(value, str | int | float):
        if value in TRUE:
            return True
        if value in FALSE:
            return False
    raise InvalidValue("Must be a valid boolean.")


def uuid(value: Any) -> str:
    """Accepts a UUID as text or as a number, and returns its canonical text."""
    try:
        if isinstance(value, int):
            return str(UUID(int=value))
        if isinstance(value, str):
            return str(UUID(value))
    except ValueError:
        pass
    raise InvalidValue("Must be a valid UUID.")


def one_of(enumeration: type[StrEnum]) -> Callable[[Any], StrEnum]:
    """Returns what parses a member of an enumeration."""
    members = {each.value: each for each in enumeration}

    def choice(value: Any) -> StrEnum:
        found = members.get(str(value))
        if found is None:
            raise InvalidValue(f'"{value}" is not a valid choice.', FieldProblemCode.INVALID_CHOICE)
        return found

    return choice
