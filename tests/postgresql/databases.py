"""Databases of one server: a copy of a migrated one for each test."""

import asyncio
import itertools
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import Any

import asyncpg

from db import migrate
from db.location import Server

from .server import PostgreSQL

TEMPLATE = "migrated"
NUMBERS = itertools.count(1)


def run(dsn: str, *texts: str) -> list[Any]:
    """Runs statements, each on its own; returns the rows of the last one.

    On a thread, because fixtures and tests may already run a loop.
    """

    async def rows() -> list[Any]:
        connection = await asyncpg.connect(dsn)
        found: list[Any] = []
        try:
            for text in texts:
                found = await connection.fetch(text)
        finally:
            await connection.close()
        return found

    with ThreadPoolExecutor(1) as apart:
        return apart.submit(asyncio.run, rows()).result()


class Databases:
    """Makes and removes databases; the first copy migrates the template."""

    def __init__(self, server: PostgreSQL) -> None:
        self.server = server
        self._is_migrated = False

    def location(self, name: str) -> Server:
        """Returns where a database is."""
        return Server(self.server.dsn(name))

    def create(self, *, migrated: bool = True, template: Server | None = None) -> Server:
        """Returns a new database: a copy, with the tables of this release, or empty."""
        name = f"test_{next(NUMBERS)}"
        source = template.dsn.rpartition("/")[2] if template else migrated and self._template()
        run(self.server.dsn(), f"CREATE DATABASE {name} TEMPLATE {source or 'template0'}")
        return self.location(name)

    def drop(self, location: Server) -> None:
        """Removes a database and ends its connections."""
        name = location.dsn.rpartition("/")[2]
        run(self.server.dsn(), f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")

    @contextmanager
    def one(self, *, migrated: bool = True) -> Iterator[Server]:
        """Makes a database for the block."""
        location = self.create(migrated=migrated)
        try:
            yield location
        finally:
            self.drop(location)

    def _template(self) -> str:
        if not self._is_migrated:
            anew = f"DROP DATABASE IF EXISTS {TEMPLATE} WITH (FORCE)"
            run(self.server.dsn(), anew, f"CREATE DATABASE {TEMPLATE}")
            migrate.upgrade(self.location(TEMPLATE))
            self._is_migrated = True
        return TEMPLATE
