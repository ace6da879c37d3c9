"""Who is calling, and with what: the first argument of every resolver.

The gate hands each operation a copy bound to its transaction.
"""

import asyncio
from collections.abc import Coroutine, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, TypeVar

from db.engine import Database, Tenancy
from db.ids import new_id
from db.models import AppointmentRow, EventSource, EventType, LoggedEvent

from ..domain.admission import Window
from ..domain.clock import Clock, Steadiness
from ..domain.errors import Forbidden
from ..domain.links import Links
from ..domain.seating import SeatWatch
from ..domain.tickets import Tickets
from ..rooms import Rooms
from .caller import Caller
from .deadline import Deadline, Deadlines
from .feed import Feed
from .idempotency.running import Running
from .pace import Pace
from .snapshot import Snapshot
from .throttle import Allowance, Throttle

__all__ = ["Call", "Caller", "Services"]

T = TypeVar("T")

# Thousands of operations of the database that cost a point, besides what was predicted: about a
# fifth of a millisecond. A page that an index serves takes fewer.
STEPS_A_POINT = 10


@dataclass(frozen=True, slots=True)
class Services:
    """What lives as long as the process and every operation may use."""

    database: Database
    clock: Clock
    links: Links
    tickets: Tickets
    rooms: Rooms
    window: Window = field(default_factory=Window)
    steadiness: Steadiness = field(default_factory=Steadiness)
    running: set[asyncio.Task[Any]] = field(default_factory=set)
    pace: Pace = field(default_factory=Pace)
    deadlines: Deadlines = field(default_factory=lambda: Deadlines(10.0))
    throttle: Throttle | None = None
    # How long an event stays in the log.
    events_kept: timedelta = timedelta(days=30)
    keyed: Running = field(default_factory=Running)
    seat_watch: SeatWatch = field(default_factory=SeatWatch)
    feed: Feed = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "feed", Feed(self.database, self.clock))

    @property
    def operation_seconds(self) -> float:
        """How long one operation may take."""
        return self.deadlines.seconds

    def spawn(self, work: Coroutine[Any, Any, T]) -> "asyncio.Task[T]":
        """Runs `work` as a task of its own, which a stopping process waits for."""
        task = asyncio.ensure_future(work)
        self.running.add(task)
        task.add_done_callback(self.running.discard)
        return task


class Call:
    """One caller's operation: identity, services, and, inside the gate, the transaction."""

    __slots__ = (
        "_actor",
        "_afterwards",
        "_events",
        "_tx",
        "caller",
        "deadline",
        "delivered",
        "idempotency_key",
        "is_replayed",
        "place",
        "request_id",
        "resumes_after",
        "services",
        "snapshot",
        "source",
    )

    def __init__(
        self,
        caller: Caller,
        services: Services,
        source: EventSource,
        request_id: str,
        actor: str | None = None,
        snapshot: Snapshot | None = None,
    ) -> None:
        self.caller = caller
        self._actor = actor
        self.services = services
        self.source = source
        self.request_id = request_id
        self.deadline: Deadline | None = None
        # The event that a subscription delivers with this call; the cursor that it resumes after.
        self.delivered: LoggedEvent | None = None
        self.resumes_after: str | None = None
        # Under which its writes are made once; where in the request the next of them stands, and
        # whether any had been made before.
        self.idempotency_key: str | None = None
        self.place = ""
        self.is_replayed = False
        self._tx: Tenancy | None = None
        self._events: list[dict[str, Any]] = []
        self.snapshot = snapshot or Snapshot(services.database, caller.organization_id)
        self._afterwards: list[Coroutine[Any, Any, None]] = []

    @property
    def tx(self) -> Tenancy:
        """The open transaction of this operation, seen from the caller's organization."""
        if self._tx is None:
            raise RuntimeError("no transaction is open: reach resolvers through the gate")
        return self._tx

    @property
    def actor(self) -> str:
        """Who the log says did it: the token, unless somebody else was named."""
        return self._actor or f"token:{self.caller.token_id}"

    @property
    def events(self) -> list[dict[str, Any]]:
        """What this operation has recorded so far."""
        return self._events

    def require(self, scope: str) -> None:
        """Raises Forbidden unless the token has `scope`."""
        if not self.caller.may(scope):
            raise Forbidden(scope)

    def spend(self, points: int) -> Allowance | None:
        """Charges the caller's token; None where nothing is limited. Raises Throttled."""
        throttle = self.services.throttle
        return None if throttle is None else throttle.spend(self.caller.token_id, points)

    def charge(self, points: int) -> None:
        """Charges the caller's token for what turned out to cost more than was predicted."""
        if points and self.services.throttle is not None:
            self.services.throttle.charge(self.caller.token_id, points)

    def is_overdue(self) -> bool:
        """Whether its face has given up waiting: `deadline` is the face's, where it has one."""
        return self.deadline is not None and self.deadline.expired()

    def now(self) -> datetime:
        """Returns the current instant, in UTC."""
        return self.services.clock.now()

    async def __aenter__(self) -> "Call":
        """Begins the operation: all its reads see one snapshot until the block ends."""
        self.snapshot.begin()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.snapshot.end()
        self.charge(self.snapshot.steps // STEPS_A_POINT)

    def keep(self, row: AppointmentRow) -> None:
        """Spares those who ask below for an appointment that was just read or written."""
        self.snapshot.kept[row.id] = row

    def within(self, tx: Tenancy) -> "Call":
        """Returns this call bound to a transaction."""
        bound = Call(
            self.caller, self.services, self.source, self.request_id, self._actor, self.snapshot
        )
        bound._tx = tx
        return bound

    def apart(self, delivered: LoggedEvent | None = None) -> "Call":
        """Returns a call of the same caller with a snapshot of its own, to deliver an event."""
        call = Call(self.caller, self.services, self.source, self.request_id, self._actor)
        call.delivered = delivered
        return call

    def afterwards(self, work: Coroutine[Any, Any, None]) -> None:
        """Has `work` done when the transaction is durable; it is dropped when that fails."""
        self._afterwards.append(work)

    def settle(self, committed: bool) -> None:
        """Begins what was to be done afterwards, or drops it."""
        for work in self._afterwards:
            if committed:
                self.services.spawn(work)
            else:
                work.close()

    def record(
        self,
        type: EventType,
        appointment_id: str,
        *,
        participant_id: str | None = None,
        changed_fields: Sequence[str] = (),
        data: dict[str, Any] | None = None,
        id: str | None = None,
        occurred_at: datetime | None = None,
    ) -> None:
        """Notes what happened; the gate writes it in the same transaction.

        `id` and `occurred_at` are given by what happened elsewhere and is only reported here.
        """
        self._events.append(
            {
                "id": id or new_id(),
                "type": type,
                "appointment_id": appointment_id,
                "participant_id": participant_id,
                "changed_fields": list(changed_fields),
                "data": data,
                "actor": self.actor,
                "source": self.source,
                "request_id": self.request_id,
                "occurred_at": occurred_at or self.now(),
            }
        )
