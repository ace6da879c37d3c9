"""Waiting behind an access link: its decision, and each later one as soon as there may be another.

What happens is read off the event log, once for all who wait in an organization.
"""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import aclosing, asynccontextmanager, suppress

import structlog

from db.engine import DatabaseUnavailable
from db.models import EventSource
from db.queries import events
from db.queries.events import EventFilter

from ..domain.admission import HOPEFUL, changes_at
from ..operation.call import Call, Caller, Services
from .events import following
from .joining import Visit, look

# For what stands in no log: an organization that is disabled, a clock that was set.
LOOK_SECONDS = 25.0
# A timer may fire a moment early; what it waits for has then not come yet.
LATE_SECONDS = 0.05

log = structlog.get_logger("connect.lobby")


class _Log:
    """One organization's log, and who waits for news of which appointment."""

    def __init__(self) -> None:
        self.bells: dict[str, set[Bell]] = {}
        self.begun = asyncio.Event()
        self.failure: str | None = None
        self.task: asyncio.Task[None] | None = None

    def fail(self, reason: str) -> None:
        self.failure = reason
        self.begun.set()
        for bells in self.bells.values():
            for bell in bells:
                bell.ring()


class Bell:
    """Rings when something happens to an appointment, and when that can no longer be known."""

    def __init__(self, log: _Log) -> None:
        self._log = log
        self._event = asyncio.Event()

    def ring(self) -> None:
        """Wakes who waits for it, or spares them the next wait."""
        self._event.set()

    def silence(self) -> None:
        """Forgets that it rang."""
        self._event.clear()

    async def rung(self, seconds: float) -> None:
        """Returns when it rings, at the latest after `seconds`; raises DatabaseUnavailable."""
        with suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                await self._event.wait()
        self.ensure_connected()

    def ensure_connected(self) -> None:
        """Raises DatabaseUnavailable when the log can no longer be followed."""
        if self._log.failure is not None:
            raise DatabaseUnavailable(self._log.failure)


class Lobby:
    """Everybody who waits behind a link; follows the logs of organizations where somebody does."""

    def __init__(self) -> None:
        self._logs: dict[str, _Log] = {}

    def __len__(self) -> int:
        """How many logs are followed."""
        return len(self._logs)

    @asynccontextmanager
    async def bell(
        self, services: Services, organization_id: str, appointment_id: str
    ) -> AsyncIterator[Bell]:
        """Gives a bell that rings for everything that happens from now on."""
        found = self._logs.get(organization_id)
        if found is None:
            found = self._logs[organization_id] = _Log()
            found.task = asyncio.ensure_future(self._follow(services, organization_id, found))
        bell = Bell(found)
        found.bells.setdefault(appointment_id, set()).add(bell)
        try:
            await found.begun.wait()
            bell.ensure_connected()
            yield bell
        finally:
            self._leave(organization_id, appointment_id, found, bell)

    def _leave(self, organization_id: str, appointment_id: str, left: _Log, bell: Bell) -> None:
        bells = left.bells[appointment_id]
        bells.discard(bell)
        if not bells:
            del left.bells[appointment_id]
        if not left.bells and left.task is not None:
            self._forget(organization_id, left)
            left.task.cancel()

    def _forget(self, organization_id: str, followed: _Log) -> None:
        if self._logs.get(organization_id) is followed:
            del self._logs[organization_id]

    async def _follow(self, services: Services, organization_id: str, followed: _Log) -> None:
        caller = Caller(organization_id, "", "", "", ("read",))
        call = Call(caller, services, EventSource.LINK, "")
        try:
            ends = await call.snapshot.read(events.ends)
            followed.begun.set()
            async with aclosing(following(call, EventFilter(), ends.last)) as news:
                async for event in news:
                    for bell in followed.bells.get(event.appointment_id, ()):
                        bell.ring()
        except DatabaseUnavailable as error:
            followed.fail(str(error))
        except Exception as error:
            log.exception("lobby_failed")
            followed.fail(repr(error))
        finally:
            # Whoever comes next begins anew.
            self._forget(organization_id, followed)


async def watch(
    services: Services, lobby: Lobby, token: str, seen: Visit
) -> AsyncGenerator[Visit, None]:
    """Yields what a link leads to, again whenever that may have changed, until it is final.

    `seen` is what it led to just before. Holds nothing while it waits. Raises DatabaseUnavailable.
    """
    appointment = seen.appointment
    if appointment is None:
        yield seen
        return
    async with lobby.bell(services, seen.organization_id, appointment.id) as bell:
        while True:
            # One event may wake hundreds: they must not hold up those who ask for something.
            await services.pace.wait()
            bell.silence()
            visit = await _looked(services, token)
            yield visit
            if visit.admission.code not in HOPEFUL:
                return
            await bell.rung(_patience(visit))


async def _looked(services: Services, token: str) -> Visit:
    try:
        async with asyncio.timeout(services.operation_seconds):
            return await look(services, token)
    except TimeoutError:
        raise DatabaseUnavailable("every reader is busy") from None


def _patience(visit: Visit) -> float:
    """Returns the seconds to wait at most: until time alone changes the decision, if it does."""
    turn = changes_at(visit.admission)
    if turn is None:
        return LOOK_SECONDS
    left = (turn - visit.admission.server_time).total_seconds()
    return min(LOOK_SECONDS, left + LATE_SECONDS)
