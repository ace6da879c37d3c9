"""Trusted documents: the manifests that the build tools of clients write, read at start.

Apollo's persisted-query manifest, or an object of documents by identifier, as Relay and
graphql-codegen write it.
"""

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

import structlog

from schema.execution.errors import RequestError
from schema.execution.options import Trusted
from schema.execution.persisted import PREFIX, canonical, digest

from .graphql_request import LONGEST_ID
from .settings import Settings, WrongSetting

FILES = "CONNECT_TRUSTED_DOCUMENTS"
ONLY = "CONNECT_ONLY_TRUSTED_DOCUMENTS"
MAX_BYTES = 16 * 1024 * 1024
APOLLO = "apollo-persisted-query-manifest"
LONGEST_SHOWN = 80

log = structlog.get_logger("connect.start")


class Entry(NamedTuple):
    """A document of a manifest."""

    file: Path
    id: str
    text: str

    def wrong(self, problem: str) -> WrongSetting:
        """Returns what is wrong with the document."""
        return _wrong(self.file, f"the document {self.id[:LONGEST_SHOWN]!r} {problem}")


class Manifest(NamedTuple):
    """The documents of all files, by identifier; `only` refuses every other."""

    entries: dict[str, Entry]
    only: bool

    @property
    def documents(self) -> Trusted:
        """What the execution needs of it."""
        return Trusted({id: entry.text for id, entry in self.entries.items()}, self.only)

    def ensure_runnable(self, check: Callable[[str], None]) -> None:
        """Raises WrongSetting for the first document that `check` refuses with a RequestError."""
        for entry in self.entries.values():
            try:
                check(entry.text)
            except RequestError as refused:
                raise entry.wrong(f"cannot be run: {_sentence(refused)}") from None

    def announce(self, settings: Settings) -> None:
        """Logs what there is, and that the explorer is of no use where only this is run."""
        if self.entries:
            files = [str(file) for file in settings.trusted_documents]
            count = len(self.entries)
            log.info("trusted_documents", files=files, documents=count, only=self.only)
        if self.only and settings.explorer == "on":
            log.warning("explorer_refused", reason=f"{ONLY} is on", advice="CONNECT_EXPLORER=off")


def read(settings: Settings) -> Manifest:
    """Returns the documents of all files that the settings name.

    Raises WrongSetting, in one line, for a file that cannot be read or is no manifest, for two
    documents of one identifier, and where nothing could be run.
    """
    only = settings.only_trusted_documents == "on"
    if only and not settings.trusted_documents:
        raise WrongSetting(f"{ONLY} is on, but {FILES} names no file: nothing could be run")
    entries: dict[str, Entry] = {}
    for entry in (entry for file in settings.trusted_documents for entry in _entries(file)):
        before = entries.setdefault(canonical(entry.id), entry)
        if before.text != entry.text:
            raise entry.wrong(f"is another one in {before.file}")
    return Manifest(entries, only)


def _entries(file: Path) -> list[Entry]:
    data = _decoded(file)
    is_apollos = "operations" in data or "format" in data
    pairs = list(_of_apollo(file, data) if is_apollos else data.items())
    if not pairs:
        raise _wrong(file, "it holds no documents")
    return [_entry(file, *pair) for pair in pairs]


def _decoded(file: Path) -> dict[str, Any]:
    try:
        with file.open("rb") as opened:
            content = opened.read(MAX_BYTES + 1)
        if len(content) > MAX_BYTES:
            raise _wrong(file, f"it is larger than {MAX_BYTES} bytes")
        data = json.loads(content.decode("utf-8-sig"), object_pairs_hook=_object)
    except OSError as error:
        raise _wrong(file, f"it cannot be read: {error.strerror or error}") from None
    except (ValueError, RecursionError) as error:
        raise _wrong(file, f"it is not JSON: {error}") from None
    if not isinstance(data, dict):
        raise _wrong(file, "it is not an object of documents by identifier")
    return data


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for name, value in pairs:
        if name in found:
            raise ValueError(f"{name[:LONGEST_SHOWN]!r} stands twice in one object")
        found[name] = value
    return found


def _of_apollo(file: Path, data: dict[str, Any]) -> Iterator[tuple[Any, Any]]:
    if data.get("format") != APOLLO or data.get("version") != 1:
        raise _wrong(file, f"its `format` must be {APOLLO!r} and its `version` 1")
    operations = data.get("operations")
    for each in operations if isinstance(operations, list) else [None]:
        if not isinstance(each, dict):
            raise _wrong(file, "its `operations` must be a list of objects with `id` and `body`")
        yield each.get("id"), each.get("body")


def _entry(file: Path, id: Any, text: Any) -> Entry:
    if not isinstance(id, str) or not 0 < len(id) <= LONGEST_ID:
        shown = repr(id)[:LONGEST_SHOWN]
        raise _wrong(
            file, f"the identifier {shown} is not a string of 1 to {LONGEST_ID} characters"
        )
    entry = Entry(file, id, text)
    if not isinstance(text, str):
        raise entry.wrong("is not a string")
    if id.startswith(PREFIX) and canonical(id) != digest(text):
        raise entry.wrong("does not have the SHA-256 that its identifier says")
    return entry


def _sentence(refused: RequestError) -> str:
    error = refused.errors[0]
    message = " ".join(str(error["message"]).split())
    for place in error.get("locations") or ():
        return f"{message} (line {place['line']}, column {place['column']})"
    return message


def _wrong(file: Path, problem: str) -> WrongSetting:
    return WrongSetting(f"{FILES}: {file}: {problem}")
