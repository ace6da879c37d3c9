"""What a write came to, as bytes and back: rows with their times, enumerations and lists.

Read by the types that the resolver declares, so a row may gain fields with defaults.
"""

import asyncio
import types
import zlib
from collections.abc import Callable, Mapping
from datetime import datetime
from enum import StrEnum
from functools import cache
from typing import Any, NamedTuple, Union, get_args, get_origin, get_type_hints

import orjson

from db.models import AppointmentRow

Reader = Callable[[Any], Any]
# Larger ones are packed on a thread: a thousand participants are some 400 KiB.
LARGE_BYTES = 65_536
# Rows take about a tenth when they are packed.
PACKED = 10


class UnreadableOutcome(Exception):
    """Another release kept this outcome, in a form that this one does not know."""


class Outcome(NamedTuple):
    """What a write came to: the result, and the appointments that it kept for what lies below."""

    digest: bytes
    result: Any
    kept: tuple[AppointmentRow, ...] = ()
    # Whether it comes from a request before this one.
    is_replayed: bool = False


async def pack(outcome: Outcome) -> bytes:
    """Returns an outcome as bytes, without its digest."""
    result, kept = outcome.result, outcome.kept
    content = {
        "result": result,
        # Most keep the row that they return: it is stored once.
        "kept": [None if row is result else row for row in kept],
    }
    plain = orjson.dumps(content, default=_fields)
    if len(plain) > LARGE_BYTES:
        return await asyncio.to_thread(zlib.compress, plain, 1)
    return zlib.compress(plain, 1)


async def unpack(packed: bytes, digest: bytes, kind: Any) -> Outcome:
    """Returns the outcome of an operation that returns a `kind`; raises UnreadableOutcome."""
    if len(packed) > LARGE_BYTES // PACKED:
        result, kept = await asyncio.to_thread(_unpacked, packed, kind)
    else:
        result, kept = _unpacked(packed, kind)
    return Outcome(digest, result, kept, is_replayed=True)


def _unpacked(packed: bytes, kind: Any) -> tuple[Any, tuple[AppointmentRow, ...]]:
    try:
        content = orjson.loads(zlib.decompress(packed))
        result = _reader(kind)(content["result"])
        read = _reader(AppointmentRow)
        return result, tuple(result if row is None else read(row) for row in content["kept"])
    except (zlib.error, LookupError, TypeError, ValueError) as error:
        raise UnreadableOutcome(str(error)) from error


def rewritten(packed: bytes, change: Callable[[Any], Any]) -> bytes:
    """Returns a packed outcome with `change` made to its content; nothing of an unreadable one.

    A write whose outcome is nothing is not made again, and cannot be shown.
    """
    try:
        before = orjson.loads(zlib.decompress(packed))
    except (zlib.error, orjson.JSONDecodeError):
        return b""
    after = change(before)
    return packed if after == before else zlib.compress(orjson.dumps(after), 1)


def _fields(value: Any) -> Mapping[str, Any]:
    found: Mapping[str, Any] = value._asdict()
    return found


@cache
def _reader(kind: Any) -> Reader:
    if get_origin(kind) in (Union, types.UnionType):
        return _reader_of_one(tuple(each for each in get_args(kind) if each is not type(None)))
    if get_origin(kind) in (list, tuple):
        return _reader_of_list(get_origin(kind), get_args(kind)[0])
    if isinstance(kind, type) and issubclass(kind, tuple):
        return _reader_of_row(kind)
    if kind is datetime:
        return datetime.fromisoformat
    if isinstance(kind, type) and issubclass(kind, StrEnum):
        return {word.value: word for word in kind}.__getitem__
    return _same


def _same(value: Any) -> Any:
    return value


def _reader_of_one(kinds: tuple[Any, ...]) -> Reader:
    """Of a row or another, the first that has all of its fields is meant."""
    readers = [(_required(kind), _reader(kind)) for kind in kinds]

    def read(value: Any) -> Any:
        if value is None:
            return None
        fitting = [each for names, each in readers if not names or names <= value.keys()]
        return fitting[0](value)

    return read


def _required(kind: Any) -> frozenset[str]:
    if get_origin(kind) is not None or not issubclass(kind, tuple):
        return frozenset()
    return frozenset(kind._fields).difference(kind._field_defaults)


def _reader_of_list(make: Any, kind: Any) -> Reader:
    read = _reader(kind)
    return lambda values: make([read(each) for each in values])


def _reader_of_row(kind: Any) -> Reader:
    hints = get_type_hints(kind)
    readers = {name: _reader(hints[name]) for name in kind._fields}
    converters = {name: each for name, each in readers.items() if each is not _same}

    def read(values: dict[str, Any]) -> Any:
        for name, convert in converters.items():
            if name in values:
                values[name] = convert(values[name])
        if not values.keys() <= readers.keys():
            values = {name: value for name, value in values.items() if name in readers}
        return kind(**values)

    return read
