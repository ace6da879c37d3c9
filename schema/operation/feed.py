"""Wakes those who wait for a log to grow, and tells them when their token is no longer good.

A commit of this process wakes at once. What other processes commit is found by one look for all,
twice a second and only while somebody waits; sooner where the database says that there is news.
"""

import asyncio
import sys
from collections.abc import Iterable, Iterator
from itertools import islice
from typing import NoReturn

import structlog

from db.engine import Database, DatabaseUnavailable
from db.models import TokenRow
from db.queries import system

from ..domain.clock import Clock
from ..domain.errors import Unauthenticated
from ..domain.tokens import refusal_of

# A revocation, also one by the command line, is effective within a second.
LOOK_SECONDS = 0.5
# How many times as long as a look takes, nobody looks.
REST = 4
# So many organizations or tokens are looked up by one statement.
BATCH = 100
NEVER = sys.maxsize

log = structlog.get_logger("connect.feed")


class _Wait:
    """Somebody who waits for an event after a number; `token_id` is empty for a link's holder."""

    __slots__ = ("after", "future", "organization_id", "token_id")

    def __init__(self, organization_id: str, token_id: str, after: int) -> None:
        self.organization_id = organization_id
        self.token_id = token_id
        self.after = after
        self.future: asyncio.Future[None] = asyncio.get_running_loop().create_future()

    def wake(self, last: int) -> None:
        if last > self.after and not self.future.done():
            self.future.set_result(None)

    @property
    def is_waiting(self) -> bool:
        """Whether it is for an event, and was not told of any yet."""
        return self.after < NEVER and not self.future.done()

    def fail(self, error: Exception) -> None:
        if not self.future.done():
            self.future.set_exception(error)


class Feed:
    """Whoever waits for news, by organization; nobody is remembered who does not wait just now."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock
        # What this process has committed.
        self._latest: dict[str, int] = {}
        self._waiting: dict[str, set[_Wait]] = {}
        self._tokens: dict[str, TokenRow] = {}
        # Whether something was committed since they were read, and when that was.
        self._is_stale = True
        self._tokens_at = 0.0
        self._looking: asyncio.Task[None] | None = None
        # Whether somebody began to wait since the last look: what was committed just before may
        # have come too late for what they read, and too early for them to be woken.
        self._is_joined = False
        self._is_blind = False

    @property
    def waiting(self) -> int:
        """How many wait just now."""
        return sum(map(len, self._waiting.values()))

    def wake(self, organization_id: str, last: int) -> None:
        """Wakes who waits for an event of an organization: its log now goes up to `last`."""
        self._latest[organization_id] = last
        for wait in self._waiting.get(organization_id, ()):
            wait.wake(last)

    async def growth(self, organization_id: str, after: int, token_id: str = "") -> None:
        """Returns as soon as the log has an event after number `after`.

        Raises Unauthenticated within a second when the token, if any, is no longer good, and
        DatabaseUnavailable when the process stops.
        """
        if self._latest.get(organization_id, 0) <= after:
            await self._wait(_Wait(organization_id, token_id, after))

    async def refusal(self, organization_id: str, token_id: str) -> NoReturn:
        """Waits until a token is no longer good, then raises Unauthenticated within a second."""
        while True:
            await self._wait(_Wait(organization_id, token_id, NEVER))

    async def ensure_good(self, token_id: str) -> None:
        """Raises Unauthenticated unless the token is good now."""
        rows = await self._read_tokens([token_id])
        refusal = refusal_of(rows.get(token_id), self._clock.now())
        if refusal is not None:
            raise Unauthenticated(*refusal)

    async def close(self) -> None:
        """Ends the looking, and the waiting of who still waits."""
        for wait in self._waits():
            wait.fail(DatabaseUnavailable("the service stops"))
        if self._looking is not None:
            self._looking.cancel()
            await asyncio.wait([self._looking])

    async def lag(self) -> int:
        """Returns how many events one who waits has not been told of, the most of any.

        Looks at no more than `BATCH` organizations; raises DatabaseUnavailable.
        """
        ids = list(islice(self._waiting, BATCH))
        if not ids:
            return 0
        async with self._database.read() as transaction:
            ends = await system.log_ends(transaction, ids)
        waits = [wait for id in ids for wait in self._waiting.get(id, ())]
        # One that was told of news is about to read it.
        return max(
            (ends.get(each.organization_id, 0) - each.after for each in waits if each.is_waiting),
            default=0,
        )

    async def _wait(self, wait: _Wait) -> None:
        self._waiting.setdefault(wait.organization_id, set()).add(wait)
        self._is_joined = True
        if self._looking is None or self._looking.done():
            self._looking = asyncio.ensure_future(self._look_on())
        try:
            await wait.future
        finally:
            others = self._waiting[wait.organization_id]
            others.discard(wait)
            if not others:
                del self._waiting[wait.organization_id]
            if wait.future.done() and not wait.future.cancelled():
                wait.future.exception()  # Who is cancelled in that moment does not hear it.

    def _waits(self) -> list[_Wait]:
        return [wait for waits in self._waiting.values() for wait in waits]

    async def _look_on(self) -> None:
        """Looks while somebody waits; outlives a database that cannot be read for a while."""
        changes = self._database.changes()
        now = asyncio.get_running_loop().time
        try:
            while self._waiting:
                began = now()
                try:
                    await self._look(is_changed=changes.seen())
                    self._is_blind = False
                except DatabaseUnavailable as error:
                    changes.forget()
                    self._complain(str(error))
                except Exception:
                    changes.forget()
                    log.exception("feed_failed")
                # Where many wait for many organizations, looking must not become all that is done.
                await asyncio.sleep(min(now() - began, LOOK_SECONDS) * REST)
                await changes.wait(LOOK_SECONDS)
        finally:
            self._tokens = {}
            changes.close()

    def _complain(self, reason: str) -> None:
        if not self._is_blind:
            log.error("feed_failed", reason=reason)
        self._is_blind = True

    async def _look(self, *, is_changed: bool) -> None:
        waits = self._waits()
        ids = {wait.token_id for wait in waits if wait.token_id}
        self._is_stale |= is_changed
        due = asyncio.get_running_loop().time() >= self._tokens_at + LOOK_SECONDS
        if (self._is_stale and due) or not ids <= self._tokens.keys():
            self._is_stale = False
            self._tokens_at = asyncio.get_running_loop().time()
            self._tokens = await self._read_tokens(ids)
        now = self._clock.now()
        found = {id: refusal_of(self._tokens.get(id), now) for id in ids}
        refused = {id: refusal for id, refusal in found.items() if refusal}
        for wait in waits if refused else ():
            if wait.token_id in refused:
                # An exception for each: one that is raised twice keeps the frames of both.
                wait.fail(Unauthenticated(*refused[wait.token_id]))
        if is_changed or self._is_joined:
            self._is_joined = False
            await self._look_at_logs()

    async def _look_at_logs(self) -> None:
        for ids in _batches(list(self._waiting)):
            async with self._database.read() as transaction:
                ends = await system.log_ends(transaction, ids)
            for organization_id, last in ends.items():
                for wait in self._waiting.get(organization_id, ()):
                    wait.wake(last)

    async def _read_tokens(self, ids: Iterable[str]) -> dict[str, TokenRow]:
        found: dict[str, TokenRow] = {}
        for batch in _batches(ids):
            async with self._database.read() as transaction:
                rows = await system.tokens_by_ids(transaction, batch)
            found |= {row.id: row for row in rows}
        return found


def _batches(ids: Iterable[str]) -> Iterator[list[str]]:
    rest = iter(ids)
    while batch := list(islice(rest, BATCH)):
        yield batch
