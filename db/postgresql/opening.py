"""Opens connections, and finds out what stands between this process and the server."""

from typing import Any

import asyncpg

from ..engine import DatabaseUnavailable
from . import faults
from .connection import Connection
from .options import Options

# Statements that a connection keeps prepared: the variants in daily use are fewer.
PREPARED = 256
LOOK = "SELECT pg_backend_pid(), current_setting('server_encoding')"


class Door:
    """Opens connections to one address.

    `is_pooled` says that a pooler hands on the connections of the server after each transaction.
    Nothing then outlives a transaction: no prepared statement, no setting, no LISTEN.
    """

    def __init__(self, address: dict[str, Any], options: Options) -> None:
        self._address = address
        self._seconds = options.connect_seconds
        self.is_pooled = False

    async def look(self) -> None:
        """Recognizes a pooler, and refuses a database that cannot hold every text.

        Raises DatabaseUnavailable.
        """
        self.is_pooled = True  # Until it is known, nothing is prepared.
        connection = await self.open()
        try:
            pid, encoding = await connection.raw.fetchrow(LOOK)
            # A pooler announces a number of its own.
            self.is_pooled = pid != connection.raw.get_server_pid()
        except faults.ERRORS as error:
            raise faults.translated(error) from error
        finally:
            await connection.close()
        if encoding != "UTF8":
            raise DatabaseUnavailable(
                f"the database has the encoding {encoding}: create one with ENCODING 'UTF8'"
            )

    async def open(self) -> Connection:
        """Opens a connection; raises DatabaseUnavailable when that fails or takes too long."""
        try:
            raw = await asyncpg.connect(
                **self._address,
                timeout=self._seconds,
                statement_cache_size=0 if self.is_pooled else PREPARED,
                max_cached_statement_lifetime=0,
            )
        except TimeoutError as error:
            raise DatabaseUnavailable(
                f"the database did not answer within {self._seconds:g} s"
            ) from error
        except (*faults.ERRORS, ValueError) as error:
            raise DatabaseUnavailable(f"the database cannot be reached: {error}") from error
        return Connection(raw)
