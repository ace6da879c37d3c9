"""Copies of a database: of a file, or of a database on a PostgreSQL server."""

import itertools
import os
import shutil
import sqlite3
from contextlib import closing
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

from tests.postgresql.databases import run as run_on_server

NUMBERS = itertools.count(1)


class Copies:
    """Makes copies of databases beside the one of the URL."""

    def __init__(self, url: str) -> None:
        self._url = url
        self.is_file = url.startswith("sqlite:")

    def new(self, name: str, of: str = "") -> str:
        """Returns the URL of a copy of `of`, by default of the database itself."""
        source, target = of or self._url, self._beside(f"{name}_{os.getpid()}_{next(NUMBERS)}")
        if self.is_file:
            for suffix in ("", "-wal"):
                if (path := file_of(source, suffix)).exists():
                    shutil.copy(path, file_of(target, suffix))
        else:
            run(self._url, f'CREATE DATABASE "{name_of(target)}" TEMPLATE "{name_of(source)}"')
        return target

    def drop(self, url: str) -> None:
        """Removes a copy."""
        if self.is_file:
            for suffix in ("", "-wal", "-shm"):
                file_of(url, suffix).unlink(missing_ok=True)
        else:
            run(self._url, f'DROP DATABASE "{name_of(url)}" WITH (FORCE)')

    def _beside(self, name: str) -> str:
        if self.is_file:
            return f"sqlite:///{file_of(self._url).with_name(name + '.db')}"
        return renamed(self._url, f"{name_of(self._url)}_{name}")


def file_of(url: str, suffix: str = "") -> Path:
    """The file of a URL, or one of those beside it."""
    return Path(url.removeprefix("sqlite:///") + suffix)


def name_of(url: str) -> str:
    """The name of a database on a server."""
    return urlsplit(url).path.removeprefix("/")


def run(url: str, *statements: str) -> None:
    """Runs statements, each on its own; those about a DATABASE from that of maintenance."""
    if url.startswith("sqlite:"):
        with closing(sqlite3.connect(file_of(url))) as connection:
            for statement in statements:
                connection.execute(statement)
            connection.commit()
        return
    from_outside = " DATABASE " in statements[0]
    run_on_server(renamed(url, "postgres") if from_outside else url, *statements)


def renamed(url: str, name: str) -> str:
    """The URL of another database on the same server."""
    return urlunsplit(urlsplit(url)._replace(path=f"/{name}"))
