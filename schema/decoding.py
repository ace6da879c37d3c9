"""The JSON decoder of both faces: strict, bounded, with Python's own words for mistakes."""

import codecs
import re
from io import BytesIO
from json import JSONDecodeError, JSONDecoder
from typing import Any, NoReturn

from .domain.errors import Problem

MAX_DEPTH = 32
# Braces, brackets, colons and commas: a thousand participants need eight thousand. Each key and
# each list is looked at by Python, so that a megabyte of them would take half a second.
MAX_MARKS = 20_000
MARKS = (b"{", b"[", b":", b",")
STRING = re.compile(rb'"[^"\\]*(?:\\.[^"\\]*)*"', re.DOTALL)
LONGEST_QUOTED_KEY = 60
# Only plain alphabets: among the codecs of Python are some that unpack, or take quadratic time.
CHARSETS = frozenset(
    {"ascii", "iso8859-1", "iso8859-15", "cp1252", "utf-16", "utf-16-le", "utf-16-be", "utf-32"}
)
CONTAINERS = (dict, list)
TOKEN = re.compile(r'"((?:[^"\\]|\\.)*)"(\s*:)?|[][{}]', re.DOTALL)


class MalformedJson(Problem):
    """The body is not JSON; the message says what is wrong and where."""

    code = "malformed_json"


class _DuplicateKey(ValueError):
    """An object has the same key twice."""


def decode(body: bytes, charset: str = "utf-8") -> Any:
    """Returns the value of a JSON document; lone surrogates pass as text.

    Raises MalformedJson for anything that is not JSON, for NaN and Infinity, an object with the
    same key twice, more than 32 levels or 20,000 marks of structure, integers of more
    than 4,300 digits.
    """
    if len(body) > MAX_MARKS and _has_many_marks(body):
        raise MalformedJson(f"More than {MAX_MARKS} values")
    text = ""
    try:
        text = _text(body, charset)
        value = _scanned(text)
    except (_DuplicateKey, RecursionError):
        _complain(text)
    except ValueError as error:
        raise MalformedJson(str(error)) from None
    if body.count(b"{") + body.count(b"[") > MAX_DEPTH and _is_too_deep(value):
        _complain(text)
    return value


def _scanned(text: str) -> Any:
    """As `decode` does, without a look at the white space around it unless there is some."""
    if text[:1] == "{":
        value, end = _DECODER.raw_decode(text)
        if end == len(text):
            return value
    return _DECODER.decode(text)


def _has_many_marks(body: bytes) -> bool:
    if sum(map(body.count, MARKS)) <= MAX_MARKS:
        return False
    # Only now worth a closer look: those within texts do not count.
    return sum(map(STRING.sub(b"", body).count, MARKS)) > MAX_MARKS


def _text(body: bytes, charset: str) -> str:
    name = known_charset(charset)
    if name == "utf-8":
        # Incremental: a sequence cut off by the end is left out, and the cut is what is reported.
        text = codecs.utf_8_decode(body, "strict", False)[0]
        if text.startswith("\ufeff"):
            raise JSONDecodeError("Unexpected UTF-8 BOM (decode using utf-8-sig)", text, 0)
        return text
    return codecs.getreader(name)(BytesIO(body)).read()


def known_charset(name: str) -> str:
    """Returns Python's name of a charset that bodies may have; `utf-8` for any other."""
    if name == "utf-8":
        return name
    try:
        found = codecs.lookup(name).name
    except (LookupError, ValueError):
        return "utf-8"
    return found if found in CHARSETS else "utf-8"


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise _DuplicateKey
    return found


def _no_number(word: str) -> NoReturn:
    raise ValueError(f"Out of range float values are not JSON compliant: {word!r}")


_DECODER = JSONDecoder(object_pairs_hook=_object, parse_constant=_no_number)


def _is_too_deep(value: Any) -> bool:
    level = [value]
    for _ in range(MAX_DEPTH):
        inside: list[Any] = []
        for each in level:
            if type(each) is dict:
                inside += each.values()
            elif type(each) is list:
                inside += each
        level = [each for each in inside if type(each) in CONTAINERS]
        if not level:
            return False
    return True


def _complain(text: str) -> NoReturn:
    """Raises MalformedJson with the place of the first repeated key or of the level too many."""
    keys: list[set[str]] = []
    for token in TOKEN.finditer(text):
        mark = token.group()
        if mark in "[{":
            keys.append(set())
        elif mark in "]}":
            keys.pop()
        elif token.group(2):
            key = _DECODER.decode(f'"{token.group(1)}"')
            if key in keys[-1]:
                _raise_at(f"Duplicate key {key[:LONGEST_QUOTED_KEY]!r}", text, token.start())
            keys[-1].add(key)
        if len(keys) > MAX_DEPTH:
            _raise_at(f"More than {MAX_DEPTH} levels of nesting", text, token.start())
    raise MalformedJson("The document cannot be read")


def _raise_at(message: str, text: str, place: int) -> NoReturn:
    raise MalformedJson(str(JSONDecodeError(message, text, place)))
