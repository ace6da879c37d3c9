"""Where a database is: a file of SQLite, or a database on a PostgreSQL server."""

import os
import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import ClassVar
from urllib.parse import SplitResult, parse_qsl, urlencode, urlsplit

EXAMPLES = "sqlite:////absolute.db or postgresql://user:password@host/database"
FILE_EXAMPLES = "sqlite:///relative.db or sqlite:////absolute.db"
SQLITE_SCHEMES = frozenset({"sqlite", "sqlite+aiosqlite"})
SERVER_SCHEMES = frozenset({"postgresql", "postgres", "postgresql+asyncpg"})
# The file itself, its write-ahead log, the log's index, and the journal of older modes.
SUFFIXES = ("", "-wal", "-shm", "-journal")
OWNER_ONLY = 0o600
# What may be shown of a server's options: they say where the database is, and hold no secret.
SHOWN = frozenset({"host", "port", "dbname", "service"})
HOST_AND_PORT = re.compile(r"(\[[0-9A-Fa-f:.%]+\]|[^\[\]:]*)(:[0-9]{0,5})?")


class InvalidUrl(ValueError):
    """This release cannot open the URL; the message continues after the name of a setting."""


@dataclass(frozen=True)
class SqliteFile:
    """A database that is a file."""

    path: Path
    dialect: ClassVar[str] = "sqlite"

    def __str__(self) -> str:
        return str(self.path)

    def absolute(self) -> "SqliteFile":
        """Returns it with the full path."""
        return SqliteFile(self.path.resolve())


@dataclass(frozen=True)
class Server:
    """A database on a PostgreSQL server; its text and repr leave out user, password and options."""

    dsn: str = field(repr=False)
    dialect: ClassVar[str] = "postgresql"

    def __str__(self) -> str:
        parts = urlsplit(self.dsn)
        options = [pair for pair in parse_qsl(parts.query) if pair[0] in SHOWN]
        shown = f"postgresql://{parts.netloc.rpartition('@')[2]}{parts.path}"
        return shown + (f"?{urlencode(options, safe='/:,')}" if options else "")

    def absolute(self) -> "Server":
        """Returns itself: there is no working directory it depends on."""
        return self


Location = SqliteFile | Server


def parse_url(url: str) -> Location:
    """Returns the location that a URL names: `sqlite:////absolute.db`, `postgresql://host/name`.

    Raises InvalidUrl, which does not quote the URL: it may hold a password.
    """
    scheme, separator, rest = url.partition("://")
    if scheme in SERVER_SCHEMES and separator:
        return _server(f"postgresql://{rest}")
    if scheme in SQLITE_SCHEMES and separator:
        return _file(rest)
    raise InvalidUrl(f"is not an address that this release knows: {EXAMPLES}")


def _file(rest: str) -> SqliteFile:
    name = rest.removeprefix("/")
    if not rest.startswith("/") or not name or name.startswith(":memory:"):
        raise InvalidUrl(f"names no file: {FILE_EXAMPLES}")
    if "?" in name or name.endswith("/"):
        raise InvalidUrl("must end with the name of the file, without options")
    if "\x00" in name:
        raise InvalidUrl("holds a null character, but must be a path")
    return SqliteFile(Path(name).expanduser())


def _server(dsn: str) -> Server:
    """Refuses what a password with unescaped characters makes of a URL, before any part is shown.

    Options are those of libpq; the driver checks them.
    """
    parts = _split(dsn)
    hosts = parts.netloc.rpartition("@")[2].split(",")
    _ensure_ascii(hosts)
    if not all(map(HOST_AND_PORT.fullmatch, hosts)):
        raise InvalidUrl(f"names a host or port that is none: {ESCAPE}")
    if parts.fragment or "#" in dsn or "@" in parts.path + parts.query or "/" in parts.path[1:]:
        raise InvalidUrl(f"must end with the name of a database and options: {ESCAPE}")
    return Server(dsn)


def _ensure_ascii(hosts: list[str]) -> None:
    """Refuses an international name: the system would look up another one, that of IDNA 2003."""
    for place in hosts:
        host = place.partition(":")[0]
        if not host.isascii():
            known = in_ascii(host)
            advice = f"write it as DNS has it: {known}" if known else "it is the name of no host"
            raise InvalidUrl(f"names a host that is not in ASCII: {advice}")


ESCAPE = (
    "postgresql://user:password@host:5432/database?sslmode=require, "
    "where a user or password has %40 for @, %2F for / and %23 for #"
)


def _split(dsn: str) -> SplitResult:
    try:
        parts = urlsplit(dsn)
        if parts.query:
            parse_qsl(parts.query, strict_parsing=True)
    except ValueError:
        parts = None
    if parts is None or any(character.isspace() or character == "\x00" for character in dsn):
        raise InvalidUrl(f"is not the address of a database: {ESCAPE}")
    return parts


def in_ascii(host: str) -> str | None:
    """Returns an international host name as DNS has it, after IDNA 2008; None for no such name."""
    import idna  # Its tables are large, and hardly anybody needs them.

    try:
        return idna.encode(host, uts46=True).decode()
    except idna.IDNAError:
        return None


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
