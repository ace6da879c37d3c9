"""Form bodies and query strings: their fields, and how names spell out lists and objects.

Fields come as `a=1&b=2` or multipart; a list is spelled `participants[0]role=...`.
"""

import re
from collections.abc import Iterable
from typing import Any
from urllib.parse import parse_qsl

from python_multipart.exceptions import FormParserError
from python_multipart.multipart import Field, File, FormParser

from schema.decoding import known_charset
from schema.domain.errors import Problem

MAX_FIELDS = 1_000
# Decoding splits a value at every `%`: a megabyte of them would take 0.3 s and 140 MiB.
MAX_ESCAPES = 100_000
BOUNDARY = re.compile(r"[ -~]{0,200}[!-~]")
# Python converts at most 4,300 digits: a longer index is ignored.
INDEX = r"\[([0-9]{1,4000})\](.*)$"


class MalformedForm(Problem):
    """The form cannot be parsed."""

    code = "malformed_form"


class Upload:
    """A file, sent where no files are accepted; as text it is its name."""

    def __init__(self, name: str) -> None:
        self.name = name

    def __str__(self) -> str:
        return self.name


class Form:
    """The fields of a form: the last value of each name, in the order of the names."""

    def __init__(self, fields: Iterable[tuple[str, Any]]) -> None:
        self.fields: dict[str, Any] = {}
        for name, value in fields:
            self.fields[name] = value

    def as_list(self) -> list[Any]:
        """The list that names like `[0]role` spell out."""
        return _items(self.fields, "")[0]

    def as_object(
        self, lists: Iterable[str], objects: Iterable[str]
    ) -> tuple[dict[str, Any], list[str]]:
        """The object that the names spell out, and the names of the fields that are ignored.

        `lists` are spelled `name[0]key`, `objects` are spelled `name.key`; neither can be
        given as one plain field.
        """
        plain = dict(self.fields)
        spelled: dict[str, Any] = {}
        for name in lists:
            found, used = _items(self.fields, name)
            if found:
                spelled[name] = found
            plain = {key: value for key, value in plain.items() if key not in used}
        for name in objects:
            keys = [key for key in plain if key.startswith(f"{name}.") and len(key) > len(name) + 1]
            if keys:
                spelled[name] = {key[len(name) + 1 :]: plain.pop(key) for key in keys}
        unused = [name for name in (*lists, *objects) if plain.pop(name, None) is not None]
        return plain | spelled, unused


def _items(fields: dict[str, Any], name: str) -> tuple[list[Any], set[str]]:
    """The items spelled out for a list, by index, and the names of the fields that did so."""
    pattern = re.compile(re.escape(name) + INDEX)
    items: dict[int, Any] = {}
    used = set()
    for field, value in fields.items():
        found = pattern.match(field)
        if found is None:
            continue
        used.add(field)
        place, key = int(found[1]), found[2]
        if not key:
            items[place] = value
        elif isinstance(items.get(place), dict):
            items[place][key] = value
        else:
            items[place] = {key: value}
    return [items[place] for place in sorted(items)], used


def parse_fields(raw: bytes, charset: str = "utf-8") -> list[tuple[str, str]]:
    """Parses `a=1&b=2`; raises MalformedForm for over 1,000 fields or 100,000 escapes only."""
    if raw.count(b"%") > MAX_ESCAPES:
        raise MalformedForm(f"Too many escapes: send at most {MAX_ESCAPES}, or send JSON.")
    charset = known_charset(charset)
    try:
        text = raw.decode(charset)
    except UnicodeDecodeError:
        text = raw.decode("latin-1")
    try:
        return parse_qsl(
            text,
            keep_blank_values=True,
            encoding=charset,
            errors="replace",
            max_num_fields=MAX_FIELDS,
        )
    except ValueError:
        raise MalformedForm(f"Too many fields: send at most {MAX_FIELDS}.") from None


def parse_multipart(body: bytes, content_type: str, boundary: str | None) -> Form:
    """Parses a multipart form; raises MalformedForm when it is malformed or cut off."""
    fields: list[tuple[str, Any]] = []

    def add(name: bytes | None, value: Any) -> None:
        if len(fields) == MAX_FIELDS:
            raise FormParserError(f"Too many fields: send at most {MAX_FIELDS}.")
        fields.append((_text(name), value))

    def add_field(field: Field) -> None:
        add(field.field_name, _text(field.value))

    def add_file(file: File) -> None:
        # Without a name it is a field like any other: so browsers send an empty file input.
        file.file_object.seek(0)
        name = _text(file.file_name)
        add(file.field_name, Upload(name) if name else _text(file.file_object.read()))

    limit = _checked_boundary(content_type, boundary)
    if b"--" + limit + b"--" not in body:
        raise _malformed("The closing boundary is missing")
    parser = FormParser("multipart/form-data", add_field, add_file, boundary=limit)
    try:
        parser.write(body)
        parser.finalize()
    except FormParserError as error:
        raise _malformed(str(error)) from None
    return Form(fields)


def _checked_boundary(content_type: str, boundary: str | None) -> bytes:
    if not content_type.isascii():
        raise _malformed(f"Invalid non-ASCII Content-Type in multipart: {content_type}")
    if boundary is None or not BOUNDARY.fullmatch(boundary):
        raise _malformed(f"Invalid boundary in multipart: {boundary}")
    return boundary.encode()


def _malformed(message: str) -> MalformedForm:
    return MalformedForm(f"Multipart form parse error - {message}")


def _text(value: bytes | None) -> str:
    return (value or b"").decode("utf-8", "replace")
