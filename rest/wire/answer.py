"""An answer: status, headers, content, and how it becomes bytes."""

import json
import re
from collections.abc import Iterable
from datetime import datetime
from itertools import islice
from typing import Any, NamedTuple
from urllib.parse import quote

import orjson

from schema.scalars import write_date_time

Header = tuple[bytes, bytes]

NOTHING: Any = object()
# The answer to a write that had been made before, under the same `Idempotency-Key`.
REPLAYED: Header = (b"idempotency-replayed", b"true")
LONE_SURROGATE = re.compile("[\ud800-\udfff]")
LONGEST_IGNORED = 1_000
SAFE = "[]()*!$'@/=:+"


class Answer(NamedTuple):
    """What a handler answers; `NOTHING` as content is an empty body without a type."""

    status: int
    content: Any
    headers: tuple[Header, ...] = ()
    # The entity tag of the current state, without its quotes.
    tag: str | None = None


def ignored_fields(names: Iterable[str]) -> tuple[Header, ...]:
    """The header that names what was sent in a body and ignored; cut after 1,000 characters."""
    return _naming(b"x-ignored-fields", names)


def ignored_parameters(names: Iterable[str]) -> tuple[Header, ...]:
    """The header that names the query parameters that had no effect, cut likewise."""
    return _naming(b"x-ignored-parameters", names)


def _naming(header: bytes, names: Iterable[str]) -> tuple[Header, ...]:
    # Every name takes two characters at least: what follows these is cut anyway.
    shown = islice(names, LONGEST_IGNORED)
    text = ", ".join(quote(name[:LONGEST_IGNORED], safe=SAFE, errors="replace") for name in shown)
    if not text:
        return ()
    if len(text) > LONGEST_IGNORED:
        text = text[:LONGEST_IGNORED].rpartition(", ")[0] + ", ..."
    return ((header, text.encode()),)


def render(content: Any, indent: int) -> bytes:
    """Returns JSON in UTF-8, compact or indented, with U+2028 and U+2029 escaped."""
    if indent:
        text = json.dumps(content, indent=indent, ensure_ascii=False, default=_default)
        return _escaped(LONE_SURROGATE.sub("\ufffd", text).encode())
    try:
        return _escaped(orjson.dumps(content, option=orjson.OPT_UTC_Z))
    except TypeError:
        # An error quotes a lone surrogate: it has no UTF-8, so it is shown as U+FFFD.
        text = json.dumps(content, ensure_ascii=False, separators=(",", ":"), default=_default)
        return _escaped(LONE_SURROGATE.sub("\ufffd", text).encode())


def _escaped(body: bytes) -> bytes:
    # One byte is sought at memory's speed; two, in text that repeats the first, forty times slower.
    if body.isascii() or b"\xe2" not in body:
        return body
    return body.replace(b"\xe2\x80\xa8", b"\\u2028").replace(b"\xe2\x80\xa9", b"\\u2029")


def _default(value: Any) -> str:
    if isinstance(value, datetime):
        return write_date_time(value)
    raise TypeError(f"{type(value).__name__} has no JSON")
