"""Conditional requests of RFC 9110: entity tags, and the headers that name those a client holds.

A tag is handed about without its quotes; `written` puts them on.
"""

import re
from collections.abc import Callable, Iterable, Sequence
from hashlib import sha256
from typing import Any, NamedTuple

from .media import WIDEST_INDENT
from .problems import MalformedCondition, NotModified, PreconditionFailed

IF_MATCH, IF_NONE_MATCH = b"if-match", b"if-none-match"
DIGEST_DIGITS = 24
# Possessive: a quote that is never closed is given up at once, so that a field of any length is
# read in linear time. A comma may stand inside a tag, a space may not.
TAG = re.compile(r'(W/)?"([\x21\x23-\x7e\x80-\xff]*+)"')
# No header holds this character: they are read as Latin-1.
A_TAG = "\uffff"


class Tags(NamedTuple):
    """What such a header names: every tag for `*`, else those that it lists."""

    strong: frozenset[str] = frozenset()
    weak: frozenset[str] = frozenset()
    is_any: bool = False

    def name(self, tags: Iterable[str], *, weakly: bool) -> bool:
        """Whether one of `tags` is named; a weak tag counts only in a weak comparison."""
        if self.is_any:
            return True
        return any(tag in self.strong or (weakly and tag in self.weak) for tag in tags)


def parse(field: str) -> Tags | None:
    """Parses the header; None when it is neither `*` nor a list of tags, which may have gaps."""
    if field.strip(" \t") == "*":
        return Tags(is_any=True)
    items = {item.strip(" \t") for item in TAG.sub(A_TAG, field).split(",")}
    if not items <= {A_TAG, ""}:
        return None
    found = TAG.findall(field)
    return Tags(
        frozenset(tag for weak, tag in found if not weak),
        frozenset(tag for weak, tag in found if weak),
    )


class Conditions(NamedTuple):
    """What a request makes depend on the current state; None where a header is absent.

    Tags of indented answers name the indent as well: they are other bytes. A read compares with
    the tag of what it would answer, a write with the tags of all forms.
    """

    if_match: str | None
    if_none_match: str | None
    is_read: bool
    indent: int = 0

    @classmethod
    def of(
        cls, headers: Sequence[tuple[bytes, bytes]], is_read: bool, indent: int = 0
    ) -> "Conditions | None":
        """Finds them in the headers; None when there are none, as in most requests."""
        for name, _ in headers:
            if name in (IF_MATCH, IF_NONE_MATCH):
                held = _joined(headers, IF_MATCH), _joined(headers, IF_NONE_MATCH)
                return cls(*held, is_read, indent)
        return None

    def ensure(self, tag: str) -> None:
        """Returns when they hold for the state that has this tag, as RFC 9110 §13.2.2 orders them.

        Raises PreconditionFailed, NotModified for a read, or MalformedCondition.
        """
        tags = [_form(tag, self.indent)] if self.is_read else _forms(tag)
        wanted, held = self._wanted(), self._held()
        if wanted is not None and not wanted.name(tags, weakly=False):
            raise PreconditionFailed("If-Match", tag)
        if held is not None and held.name(tags, weakly=True):
            raise NotModified(tag) if self.is_read else PreconditionFailed("If-None-Match", tag)

    def _wanted(self) -> Tags | None:
        return None if self.if_match is None else _read("If-Match", self.if_match)

    def _held(self) -> Tags | None:
        if self.if_none_match is None:
            return None
        if self.is_read:
            # It only spares an answer: one that cannot be read names nothing that is held.
            return parse(self.if_none_match)
        return _read("If-None-Match", self.if_none_match)


class Condition(NamedTuple):
    """Conditions of a write, to be checked inside its transaction against a row."""

    conditions: Conditions
    tag_of: Callable[[Any], str]

    def ensure(self, row: Any) -> None:
        """Returns when they hold for the row; raises PreconditionFailed or MalformedCondition."""
        self.conditions.ensure(self.tag_of(row))


def content_tag(body: bytes) -> str:
    """The tag of an answer that is known by its bytes."""
    return sha256(body).hexdigest()[:DIGEST_DIGITS]


def version_tag(row: Any) -> str:
    """The tag of an appointment: its version."""
    return str(row.version)


def written(tag: str, indent: int) -> bytes:
    """The tag as the header `ETag` shows it."""
    return f'"{_form(tag, indent)}"'.encode()


def _joined(headers: Sequence[tuple[bytes, bytes]], name: bytes) -> str | None:
    """The lines of a header as one list."""
    found = [value for key, value in headers if key == name]
    return b",".join(found).decode("latin-1") if found else None


def _form(tag: str, indent: int) -> str:
    return f"{tag}-{indent}" if indent else tag


def _forms(tag: str) -> list[str]:
    return [_form(tag, indent) for indent in range(WIDEST_INDENT + 1)]


def _read(name: str, field: str) -> Tags:
    tags = parse(field)
    if tags is None:
        raise MalformedCondition(name)
    return tags
