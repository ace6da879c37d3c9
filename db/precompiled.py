"""The precompiled statements in `statements.json`, which `./connect statements` prints.

They are used only as long as the sources from which they were compiled are unchanged.
"""

import hashlib
from collections.abc import Hashable, Iterator, Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

import orjson

from .values import SQLITE

HERE = Path(__file__).parent
FILE = HERE / "statements.json"
ROOMS = ("models", "tables", "statements")
MODULES = ("compiler.py", "scope.py", "types.py", "values.py")


class Description(NamedTuple):
    """A compiled statement as plain data; `stores` and `reads` name converters of `db.values`."""

    text: str
    names: Sequence[str]
    defaults: Mapping[str, Any]
    stores: Mapping[str, str]
    reads: Sequence[str | None]
    only_reads: bool


def known(dialect: str, name: str, arguments: tuple[Hashable, ...]) -> Description | None:
    """Returns a precompiled statement, or None."""
    found = _kept(dialect).get(key(name, arguments))
    return Description(*found) if found else None


def is_current() -> bool:
    """Whether the precompiled statements exist and match the sources."""
    return bool(_kept(SQLITE))


def key(name: str, arguments: tuple[Hashable, ...]) -> str:
    """Returns the key of a variant of a statement: its name and its arguments."""
    return " ".join([name, *map(_word, arguments)])


def _word(argument: Hashable) -> str:
    if isinstance(argument, frozenset):
        return "+".join(sorted(argument)) or "-"
    if isinstance(argument, tuple):
        return ":".join(map(str, argument))
    return str(argument)


@cache
def _kept(dialect: str) -> Mapping[str, Any]:
    try:
        kept = orjson.loads(FILE.read_bytes())
    except (OSError, orjson.JSONDecodeError):
        return {}
    # After a statement is changed, the server must not use the old one.
    is_current = isinstance(kept, dict) and kept.get("sources") == fingerprint()
    return kept.get(dialect, {}) if is_current else {}


def fingerprint() -> str:
    """Returns a digest of the sources that the compiled statements depend on."""
    digest = hashlib.sha256()
    for path in _sources():
        digest.update(path.relative_to(HERE).as_posix().encode() + b"\0")
        digest.update(hashlib.sha256(path.read_bytes()).digest())
    return digest.hexdigest()


def _sources() -> Iterator[Path]:
    for room in ROOMS:
        yield from sorted((HERE / room).glob("*.py"))
    for module in MODULES:
        yield HERE / module
