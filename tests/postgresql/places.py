"""Databases that a test makes itself, as many as it needs, on whichever engine it runs on."""

import re
import shutil
import sqlite3
from contextlib import closing
from datetime import datetime
from pathlib import Path
from typing import Any, Protocol
from uuid import UUID

from db.location import Location, Server, SqliteFile
from db.values import store_instant

from .databases import Databases, run


class Places(Protocol):
    """Makes and removes databases of one engine."""

    def new(self) -> Location:
        """Returns a migrated, empty database."""

    def copy(self, location: Location) -> Location:
        """Returns a copy of a database that nobody has open."""

    def remove(self, location: Location) -> None:
        """Removes a database."""


class Files:
    """Databases that are files, each in a folder of its own."""

    def __init__(self, migrated: Path, folder: Path) -> None:
        self._migrated, self._folder, self._count = migrated, folder, 0

    def new(self) -> SqliteFile:
        return self.copy(SqliteFile(self._migrated))

    def copy(self, location: Location) -> SqliteFile:
        assert isinstance(location, SqliteFile)
        self._count += 1
        path = self._folder / f"database-{self._count}" / "connect.db"
        path.parent.mkdir()
        shutil.copy(location.path, path)
        return SqliteFile(path)

    def remove(self, location: Location) -> None:
        assert isinstance(location, SqliteFile)
        shutil.rmtree(location.path.parent)


class OnServer:
    """Databases on the server of this run."""

    def __init__(self, databases: Databases) -> None:
        self._databases = databases
        self._made: list[Server] = []

    def new(self) -> Server:
        return self._kept(self._databases.create())

    def copy(self, location: Location) -> Server:
        assert isinstance(location, Server)
        return self._kept(self._databases.create(template=location))

    def _kept(self, made: Server) -> Server:
        self._made.append(made)
        return made

    def remove(self, location: Location) -> None:
        assert isinstance(location, Server)
        self._made.remove(location)
        self._databases.drop(location)

    def clean(self) -> None:
        """Removes what is left."""
        for location in [*self._made]:
            self.remove(location)


def url(location: Location) -> str:
    """Returns the URL of a database, for another process."""
    if isinstance(location, SqliteFile):
        return f"sqlite:///{location.path}"
    return location.dsn


def rows(location: Location, text: str, *values: str | int) -> list[tuple[Any, ...]]:
    """Asks a database directly, beside the service; `?` stands for a value.

    Ids and instants are text on both.
    """
    return [tuple(each.values()) for each in records(location, text, *values)]


def records(location: Location, text: str, *values: str | int) -> list[dict[str, Any]]:
    """Asks like `rows`, for values by name."""
    if isinstance(location, SqliteFile):
        with closing(sqlite3.connect(location.path)) as connection:
            connection.row_factory = sqlite3.Row
            return [dict(each) for each in connection.execute(text, values)]
    for value in values:
        assert re.fullmatch(r"[\w:.-]+", str(value))
        text = text.replace("?", f"'{value}'" if isinstance(value, str) else str(value), 1)
    return [
        {name: _shown(value) for name, value in each.items()} for each in run(location.dsn, text)
    ]


def change(location: Location, text: str, *values: str | int) -> None:
    """Changes a database directly, as another process would; waits on SQLite for its turn."""
    if isinstance(location, SqliteFile):
        with closing(sqlite3.connect(location.path, timeout=10)) as connection, connection:
            connection.execute(text, values)
    else:
        records(location, text, *values)


def _shown(value: Any) -> Any:
    if isinstance(value, datetime):
        return store_instant(value)
    return str(value) if isinstance(value, UUID) else value
