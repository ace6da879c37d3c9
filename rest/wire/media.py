"""Media types: what a request accepts and what it sends.

Headers are looked at before the token is: they are parsed in linear time, and not at all beyond
`LONGEST` characters.
"""

import re
from collections.abc import Sequence
from functools import lru_cache
from typing import NamedTuple

JSON = "application/json"
EVENT_STREAM = "text/event-stream"
WIDEST_INDENT = 8
LONGEST = 1024
# A quoted value that never ends goes on to the end of the text: giving it up would mean to scan
# the rest of the text again for each of its quotes.
PARAMETER = re.compile(r';([^;="]*)=((?:"(?:[^"\\]|\\.?)*(?:"|\Z)|[^;"])*)', re.DOTALL)
ESCAPED = re.compile(r"\\(.)", re.DOTALL)


class MediaType(NamedTuple):
    """A media type or range with its parameters; names in lower case."""

    main: str
    sub: str
    parameters: dict[str, str]

    @property
    def precision(self) -> int:
        """How precisely a range names a type: `*/*` 0, `x/*` 1, `x/y` 2, with parameters 3."""
        if self.main == "*":
            return 0
        if self.sub == "*":
            return 1
        return 3 if self.parameters.keys() - {"q"} else 2

    @property
    def name(self) -> str:
        """The range as it is compared, without parameters; a coding such as `gzip` has no slash."""
        return f"{self.main}/{self.sub}" if self.sub else self.main

    @property
    def weight(self) -> float:
        """The weight `q`, 1 when none is given and 0 when it cannot be read."""
        try:
            return float(self.parameters.get("q", 1.0))
        except ValueError:
            return 0.0

    def covers(self, name: str) -> bool:
        """Whether the range covers the type `name`."""
        main, _, sub = name.partition("/")
        return self.main in (main, "*") and self.sub in (sub, "*")


NONSENSE = MediaType("", "", {})


def read(text: str) -> MediaType:
    """Reads a media type; one that makes no sense or is longer than `LONGEST` covers nothing."""
    return _read(text) if len(text) <= LONGEST else NONSENSE


def ranges(header: str) -> Sequence[MediaType]:
    """Parses an Accept header, or one of its kind; one longer than `LONGEST` names nothing."""
    return _ranges(header) if len(header) <= LONGEST else ()


def quality(header: str, wanted: str) -> float:
    """Returns the weight that a header gives to exactly this value, 0 when it is absent."""
    return next((each.weight for each in ranges(header) if each.name == wanted), 0.0)


def accepted(accept: str) -> int | None:
    """How far JSON is indented for this Accept header, 0 for compact; None when JSON is refused.

    The most precise of the ranges that cover JSON decides, as in the original service; the weight
    has no effect there. A header longer than `LONGEST` counts
    as absent: whoever sends one takes what there is.
    """
    return _accepted(accept) if len(accept) <= LONGEST else 0


def prefers_stream(accept: str) -> bool:
    """Whether Server-Sent Events are asked for by name, and JSON is not preferred."""
    weight = quality(accept, EVENT_STREAM)
    return weight > 0 and weight >= quality(accept, JSON)


@lru_cache(maxsize=256)
def _read(text: str) -> MediaType:
    name, _, _ = text.partition(";")
    main, _, sub = name.strip().lower().partition("/")
    return MediaType(
        main,
        sub,
        {
            key.strip().lower(): _unquoted(value.strip())
            for key, value in PARAMETER.findall(text[len(name) :])
        },
    )


@lru_cache(maxsize=256)
def _accepted(accept: str) -> int | None:
    covering = [each for each in ranges(accept) if each.covers(JSON)]
    if not covering:
        return None
    return _indent(max(covering, key=lambda each: each.precision))


@lru_cache(maxsize=256)
def _ranges(header: str) -> tuple[MediaType, ...]:
    return tuple(read(each.strip()) for each in header.split(","))


def _indent(range: MediaType) -> int:
    try:
        return max(0, min(int(range.parameters["indent"]), WIDEST_INDENT))
    except (KeyError, ValueError):
        return 0


def _unquoted(value: str) -> str:
    if len(value) >= 2 and value[0] == value[-1] == '"':
        return ESCAPED.sub(r"\1", value[1:-1])
    return value
