"""Write load over both faces: writers that live through whatever happens to the service.

Each follows one appointment of its own after another through its life, so that it knows what must
come of each write, and now and then changes one that others change too.
"""

import asyncio
import random
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from typing import Any, NamedTuple
from urllib.parse import urlsplit

from .client import Client, Failed
from .ledger import Ledger
from .operations import Operation

SHARED = 2
NAMES = ("Ana Ruiz", "Bo Li", "Çelik Öz", "Dörte Weiß", None)


class Account(NamedTuple):
    """An organization, with a token of it."""

    id: str
    token: str


class Load:
    """Writers, their ledger, and the appointments that they share."""

    def __init__(
        self, port: Callable[[], int], accounts: list[Account], writers: int, ledger: Ledger
    ) -> None:
        self.ledger = ledger
        self._port = port
        self._accounts = accounts
        self._count = writers
        self._tasks: list[asyncio.Task[None]] = []
        self._is_over = False
        self.shared: dict[str, list[str]] = {account.id: [] for account in accounts}

    async def begin(self) -> None:
        """Books what is shared and lets the writers begin."""
        for account in self._accounts:
            client = Client(self._port, account.id, account.token, self.ledger)
            for _ in range(SHARED):
                self.shared[account.id].append((await client.do(booking()))[0][""])
            client.close()
        for place in range(self._count):
            account = self._accounts[place % len(self._accounts)]
            self._tasks.append(asyncio.ensure_future(self._write(account)))

    async def end(self) -> None:
        """Lets every writer finish its request; raises what went wrong in one."""
        self._is_over = True
        await asyncio.gather(*self._tasks)

    async def _write(self, account: Account) -> None:
        client = Client(self._port, account.id, account.token, self.ledger)
        story = Story(client, self.shared[account.id])
        try:
            while not self._is_over:
                try:
                    await story.tell(lambda: self._is_over)
                except Failed:
                    # What became of it is not known: its appointment is not touched again.
                    await asyncio.sleep(0.02)
        finally:
            client.close()

    async def reach(self, writes: int, seconds: float = 60) -> None:
        """Waits until so many more writes were acknowledged; raises TimeoutError."""
        wanted = self.ledger.done + writes
        async with asyncio.timeout(seconds):
            while self.ledger.done < wanted:
                await asyncio.sleep(0.002)
                self._ensure_running()

    def _ensure_running(self) -> None:
        for task in self._tasks:
            if task.done():
                task.result()


@asynccontextmanager
async def under_load(load: Load) -> AsyncIterator[Load]:
    """Writes while the block runs, and ends afterwards, whatever happened."""
    try:
        await load.begin()
        yield load
    finally:
        await load.end()


def person(role: str = "participant") -> dict[str, Any]:
    """Returns somebody new, as REST has them."""
    name = random.choice(NAMES)
    known = {"unique_id": f"{random.getrandbits(48):x}@example.org", "role": role}
    return known | ({"display_name": name} if name else {})


def booking(people: int = 0) -> Operation:
    """Books an appointment that may be started now; its first participant is a moderator."""
    values = {
        "title": f"Booked {random.getrandbits(32):x}",
        "start_date_time": datetime.now(UTC).replace(microsecond=0).isoformat(),
        "duration_minutes": random.choice((30, 45, 60)),
        "participants": [person("moderator" if not n else "participant") for n in range(people)],
    }
    return Operation("create", ("appointment.created",), values=values)


def renaming(appointment: str) -> Operation:
    """Gives an appointment a title that it never had."""
    title = {"title": f"Renamed {random.getrandbits(48):x}"}
    return Operation("rename", ("appointment.updated",), appointment, values=title)


class Story:
    """The life of appointments, one after another, with what is known of the present one."""

    def __init__(self, client: Client, shared: list[str]) -> None:
        self._client = client
        self._shared = shared
        self._id = ""
        self._people: dict[str, str] = {}
        self._links: dict[str, str] = {}
        self._moderator = ""
        self._status = "scheduled"

    async def tell(self, is_over: Callable[[], bool]) -> None:
        """Books an appointment and does some things to it, until its end or `is_over`."""
        await self._book()
        for _ in range(random.randint(4, 12)):
            if is_over() or self._status == "gone":
                return
            await random.choice(self._choices())()

    async def _book(self) -> None:
        first = booking(random.randint(1, 3))
        batch = [first, booking()] if random.random() < 0.15 else [first]
        told = (await self._client.do(*batch))[0]
        self._id, self._status = told[""], "scheduled"
        self._people = {name: id for name, id in told.items() if name}
        self._links = dict(self._client.links)
        self._moderator = first.values["participants"][0]["unique_id"]

    def _choices(self) -> list[Callable[[], Any]]:
        always = [self._change_shared, self._look]
        if self._status in ("completed", "cancelled"):
            return [*always, self._delete]
        people = [self._add, self._rename_person, self._rotate, self._remove]
        if self._status == "active":
            return [*always, *people, self._join, self._complete, self._delete]
        edits = [self._rename, self._rename, self._move]
        return [*always, *people, *edits, self._start, self._join, self._cancel]

    async def _do(self, kind: str, *events: str, person: str = "", values: Any = None) -> Any:
        operation = Operation(kind, events, self._id, person, values)
        return (await self._client.do(operation))[0]

    async def _change_shared(self) -> None:
        await self._client.do(renaming(random.choice(self._shared)))

    async def _look(self) -> None:
        await self._client.look(self._id, self._status, len(self._people))

    async def _rename(self) -> None:
        await self._client.do(renaming(self._id))

    async def _move(self) -> None:
        minutes = random.choice((20, 35, 50, 65, 80))
        # To the next second at the least, because a change to the same time is none.
        start = datetime.now(UTC).replace(microsecond=random.randrange(1, 10**6))
        values = {"start_date_time": start.isoformat(), "duration_minutes": minutes}
        await self._do("move", "appointment.rescheduled", values=values)

    async def _start(self) -> None:
        await self._do("start", "appointment.started")
        self._status = "active"

    async def _complete(self) -> None:
        await self._do("complete", "appointment.completed")
        self._status = "completed"

    async def _cancel(self) -> None:
        reason = {"reason": random.choice(("Closed that day.", "Grève – naïve ✓"))}
        await self._do("cancel", "appointment.cancelled", values=reason)
        self._status = "cancelled"

    async def _delete(self) -> None:
        await self._do("delete", "appointment.deleted")
        self._status = "gone"

    async def _add(self) -> None:
        people = [person() for _ in range(random.randint(1, 2))]
        told = await self._do("add", *["participant.added"] * len(people), values=people)
        self._people |= {name: id for name, id in told.items() if name}
        self._links |= self._client.links

    async def _rename_person(self) -> None:
        if self._people:
            name = {"display_name": f"Named {random.getrandbits(48):x}"}
            id = random.choice([*self._people.values()])
            await self._do("rename_person", "participant.updated", person=id, values=name)

    async def _rotate(self) -> None:
        if self._people:
            name = random.choice([*self._people])
            self._links.pop(name, None)
            await self._do("rotate", "participant.link_rotated", person=self._people[name])

    async def _remove(self) -> None:
        if self._people:
            name = random.choice([*self._people])
            kind = random.choice(("remove", "remove_one"))
            await self._do(kind, "participant.removed", person=self._people[name])
            del self._people[name]

    async def _join(self) -> None:
        link, id = self._links.get(self._moderator), self._people.get(self._moderator)
        if not link or not id:
            return
        events = ("appointment.started",) if self._status == "scheduled" else ()
        path = urlsplit(link).path
        await self._do("join", *events, "participant.joined", person=id, values=path)
        self._status = "active"
