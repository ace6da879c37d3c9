"""A connection to PostgreSQL, whose transactions end in time whatever the network does."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any, NamedTuple, TypeVar

import asyncpg

from ..engine import DatabaseUnavailable
from ..figures import Figures
from ..statement import Statement
from ..values import POSTGRESQL
from . import faults

R = TypeVar("R")
T = TypeVar("T")

DIALECT = POSTGRESQL
# How long a good-bye may take before the socket is closed by force.
CLOSE_SECONDS = 1.0


class Target(NamedTuple):
    """A table, its columns, and what picks their values from those of an INSERT."""

    table: str
    columns: Sequence[str]
    pick: Callable[[Sequence[Any]], tuple[Any, ...]]


class Connection:
    """One connection, used by one transaction at a time, and by one statement at a time in it."""

    __slots__ = (
        *("_figures", "_is_broken", "_is_unsure", "_overdue", "_seconds", "_timer"),
        *("met_pooler", "raw", "spoils_others"),
    )

    def __init__(self, raw: asyncpg.Connection, figures: Figures | None = None) -> None:
        self.raw = raw
        self._figures = figures or Figures()
        self._is_broken = False
        # Whether what happened to it has probably happened to others of its age.
        self.spoils_others = False
        self.met_pooler = False
        # While a command is under way, nobody knows whether a transaction is open.
        self._is_unsure = False
        self._seconds = 0.0
        self._timer: asyncio.TimerHandle | None = None
        self._overdue = False

    @property
    def is_broken(self) -> bool:
        """Whether it must be replaced: after some errors, and when the server has hung up."""
        return self._is_broken or self.raw.is_closed()

    @property
    def is_overdue(self) -> bool:
        """Whether its transaction took too long, so that it was hung up."""
        return self._overdue

    @property
    def in_transaction(self) -> bool:
        """Whether a transaction is open, failed or not."""
        return not self.is_broken and bool(self.raw.is_in_transaction())

    @property
    def may_be_in_transaction(self) -> bool:
        """Whether a transaction is open, or would be once the server has done what it was sent."""
        return self.in_transaction or (self._is_unsure and not self.is_broken)

    async def begin(self, command: str, seconds: float) -> None:
        """Begins a transaction that may take `seconds`; after that the socket is closed."""
        self._seconds = seconds
        self._timer = asyncio.get_running_loop().call_later(seconds, self._expire)
        await self.control(command)

    def _expire(self) -> None:
        self._overdue = self.spoils_others = True
        self.abort()

    def rest(self) -> None:
        """Ends the time of a transaction that is over."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    async def control(self, command: str) -> None:
        """Runs BEGIN, SAVEPOINT, ROLLBACK and similar commands, also several at once."""
        self._is_unsure = True
        await self._answer(self.raw.execute(command))
        self._is_unsure = False

    async def answer(self, question: str) -> object:
        """Runs a question about the server itself and returns the value."""
        found: object = await self._answer(self.raw.fetchval(question))
        return found

    async def commit(self) -> None:
        """Commits; raises DatabaseUnavailable also when a failed statement prevents it."""
        self._is_unsure = True
        tag = await self._answer(self.raw.execute("COMMIT"))
        self._is_unsure = False
        if tag != "COMMIT":
            raise DatabaseUnavailable("a statement had failed, so nothing was committed")

    async def fetch(self, statement: Statement[R], values: Mapping[str, Any]) -> list[R]:
        """Runs the statement and returns its rows."""
        compiled = statement.compiled(DIALECT)
        stored = compiled.bind(values)
        return compiled.rows(await self._answer(self.raw.fetch(compiled.text, *stored)))

    async def change(self, statement: Statement[Any], values: Mapping[str, Any]) -> int:
        """Runs a change and returns how many rows it changed."""
        compiled = statement.compiled(DIALECT)
        stored = compiled.bind(values)
        # A tag such as `UPDATE 3` or `INSERT 0 1`.
        tag = await self._answer(self.raw.execute(compiled.text, *stored))
        return int(tag.rpartition(" ")[2])

    async def change_many(
        self, statement: Statement[Any], values: Sequence[Mapping[str, Any]]
    ) -> None:
        """Runs a change for each set of values, in as few messages as they fit in."""
        compiled = statement.compiled(DIALECT)
        stored = [compiled.bind(each) for each in values]
        await self._answer(self.raw.executemany(compiled.text, stored))

    async def copy(
        self, target: Target, statement: Statement[Any], values: Sequence[Mapping[str, Any]]
    ) -> None:
        """Does what an INSERT for each set of values would do, several times as fast."""
        bind = statement.compiled(DIALECT).bind
        rows = [target.pick(bind(each)) for each in values]
        await self._answer(
            self.raw.copy_records_to_table(target.table, records=rows, columns=target.columns)
        )

    async def _answer(self, work: Awaitable[T]) -> T:
        try:
            return await work
        except asyncio.CancelledError:
            raise
        except faults.ERRORS as error:
            raise self._failed(error) from error

    def _failed(self, error: BaseException) -> Exception:
        translated = self._translated(error)
        self._figures.failed(translated)
        return translated

    def _translated(self, error: BaseException) -> Exception:
        if self._overdue:
            return DatabaseUnavailable(f"the database did not answer within {self._seconds:g} s")
        if faults.breaks(error):
            self._is_broken = True
            self.spoils_others = self.spoils_others or faults.spreads(error)
            self.met_pooler = faults.is_pooled(error)
        return faults.translated(error)

    def abort(self) -> None:
        """Closes the socket at once, also when nobody listens at its other end."""
        self._is_broken = True
        if not self.raw.is_closed():
            self.raw.terminate()

    async def close(self) -> None:
        """Says good-bye, or hangs up where that takes too long or there is nothing to say."""
        self.rest()
        if self.is_broken:
            self.abort()
            return
        self._is_broken = True
        try:
            await self.raw.close(timeout=CLOSE_SECONDS)
        except faults.ERRORS:
            self.abort()
