"""The location of a database: its URL and its files."""

import os
from pathlib import Path

EXAMPLES = "sqlite:///relative.db or sqlite:////absolute.db"
SQLITE_SCHEMES = frozenset({"sqlite", "sqlite+aiosqlite"})
# The file itself, its write-ahead log, the log's index, and the journal of older modes.
SUFFIXES = ("", "-wal", "-shm", "-journal")
OWNER_ONLY = 0o600


class InvalidUrl(ValueError):
    """This release cannot open the URL; the message continues after the name of a setting."""


def parse_url(url: str) -> Path:
    """Returns the file of a URL such as `sqlite:////absolute.db`.

    Raises InvalidUrl, which does not quote the URL: it may hold a password.
    """
    scheme, separator, rest = url.partition("://")
    if scheme.split("+")[0] in {"postgresql", "postgres"} and separator:
        raise InvalidUrl(
            "asks for PostgreSQL, which comes in a later release: "
            "this one stores in SQLite, such as sqlite:////var/lib/connect/connect.db"
        )
    if scheme not in SQLITE_SCHEMES or not separator:
        raise InvalidUrl(f"is not an address that this release knows: {EXAMPLES}")
    name = rest.removeprefix("/")
    if not rest.startswith("/") or not name or name.startswith(":memory:"):
        raise InvalidUrl(f"names no file: {EXAMPLES}")
    if "?" in name or name.endswith("/"):
        raise InvalidUrl("must end with the name of the file, without options")
    return Path(name)


def files(database: Path) -> list[Path]:
    """Returns the files that a database may consist of, the main file first."""
    return [database.with_name(database.name + suffix) for suffix in SUFFIXES]


def make(database: Path) -> None:
    """Creates an empty database that only its owner can read, unless it exists.

    SQLite gives the files beside it the same mode. Raises OSError when that fails.
    """
    try:
        handle = os.open(database, os.O_CREAT | os.O_EXCL | os.O_RDWR, OWNER_ONLY)
    except FileExistsError:
        return
    try:
        os.fchmod(handle, OWNER_ONLY)
    finally:
        os.close(handle)
