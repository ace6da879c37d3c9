"""Opens connections, and finds out what stands between this process and the server."""

from collections import deque

import asyncpg

from ..engine import DatabaseUnavailable, ServerAway
from ..figures import Figures
from . import faults
from .address import Address
from .address.passwords import Login
from .advice import advice
from .connection import Connection

# Statements that a connection keeps prepared: the variants in daily use are fewer.
PREPARED = 256
LOOK = "SELECT pg_backend_pid(), current_setting('server_encoding')"


class Door:
    """Opens connections to the first of several servers that lets us in.

    `is_pooled` says that a pooler hands on the connections of the server after each transaction.
    Nothing then outlives a transaction: no prepared statement, no setting, no LISTEN.
    """

    def __init__(self, addresses: list[Address], *, is_pooled: bool = True) -> None:
        self._addresses = deque(addresses)
        self.figures = Figures()
        self.is_pooled = is_pooled  # Until it is known, nothing is prepared.

    async def look(self) -> None:
        """Recognizes a pooler, and refuses a database that cannot hold every text.

        Raises DatabaseUnavailable.
        """
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
        """Opens a connection; raises ServerAway when no server can be reached in time.

        Raises DatabaseUnavailable when one does not let us in.
        """
        try:
            return Connection(await self.connect(), self.figures)
        except DatabaseUnavailable as error:
            self.figures.failed(error)
            raise

    async def connect(self) -> asyncpg.Connection:
        """Does the same for who uses the driver itself."""
        failures = []
        for _ in range(len(self._addresses)):
            try:
                return await self._connect(self._addresses[0])
            except faults.ELSEWHERE as error:
                failures.append(error)
                # The next one is also where further connections begin.
                self._addresses.rotate(-1)
            except faults.UNREACHED as error:
                raise _unreachable(error, self._addresses[0].login) from error
        raise ServerAway(advice(failures[0])) from failures[0]

    async def _connect(self, address: Address) -> asyncpg.Connection:
        try:
            return await asyncpg.connect(
                address.dsn,
                password=address.login.password() if address.login else None,
                timeout=address.seconds,
                statement_cache_size=0 if self.is_pooled else PREPARED,
                max_cached_statement_lifetime=0,
            )
        except TimeoutError:
            raise TimeoutError(f"no answer within {address.seconds:g} s") from None


def _unreachable(error: BaseException, login: Login | None = None) -> DatabaseUnavailable:
    return DatabaseUnavailable(advice(error, login))
