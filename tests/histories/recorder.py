"""Clients that work on the same appointments at once, through both faces, and write down all."""

import asyncio
import random
import time
from collections.abc import Callable, Sequence
from typing import NamedTuple

import httpx2

from tests.histories.checker import UNKNOWN, Entry
from tests.histories.clients import (
    Client,
    GraphQLClient,
    ListClient,
    RestClient,
    Target,
    Unanswered,
)
from tests.histories.model import Operation

FACES: Sequence[Callable[[httpx2.AsyncClient], Client]] = (RestClient, GraphQLClient, ListClient)
# A process that was killed needs a moment to come back.
PATIENCE_SECONDS = 30.0
# When a connection broke, its process is gone. What it had asked of the database is over soon after.
SETTLED_SECONDS = 0.5
KINDS = {"read": 30, "patch": 40, "add": 12, "remove": 8, "start": 1, "complete": 2, "cancel": 1, "delete": 1}  # fmt: skip
# Nothing much can happen to an appointment afterwards.
ENDINGS = frozenset({"complete", "cancel", "delete"})

History = list[Entry[Operation]]


class Load(NamedTuple):
    """How much is recorded: so many appointments, one after the other, by clients at once."""

    appointments: int = 4
    clients: int = 6
    operations: int = 12
    faces: tuple[str, ...] = ("rest", "graphql", "list")
    # Of all writes, how many are sent under a key, and again until they are answered.
    keyed: float = 0.3


class Recorder:
    """Records histories of the appointments that it books at `urls`, each asked at random."""

    def __init__(self, urls: Callable[[], Sequence[str]], token: str, seed: int) -> None:
        self._urls = urls
        self._token = token
        self._chance = random.Random(seed)
        self._numbers = iter(range(10**9))
        self._opened: dict[str, httpx2.AsyncClient] = {}
        self.histories: list[History] = []

    async def record(self, load: Load) -> list[History]:
        """Returns a history for each appointment."""
        try:
            for _ in range(load.appointments):
                await self._round(load)
        finally:
            for each in self._opened.values():
                await each.aclose()
            self._opened.clear()
        return self.histories

    async def _round(self, load: Load) -> None:
        target, history = Target(f"m{next(self._numbers)}"), History()
        first = Operation(
            "create",
            (("title", "new"), ("duration_minutes", 60)),
            frozenset({target.marker}),
        )
        while not target.id:
            # Booked without an answer, an appointment has no name: another one is booked.
            history.clear()
            await self._send(first, target, history, load.faces[0], is_keyed=False)
        self.histories.append(history)
        await asyncio.gather(*[self._client(load, target, history) for _ in range(load.clients)])

    async def _client(self, load: Load, target: Target, history: History) -> None:
        for at in range(load.operations):
            is_late = at > load.operations * 2 // 3
            face = self._chance.choice(load.faces)
            operation = self._operation(target, history, face, is_late=is_late)
            is_keyed = self._chance.random() < load.keyed and operation.kind != "read"
            await self._send(operation, target, history, face, is_keyed=is_keyed)

    def _operation(
        self, target: Target, history: History, face: str, *, is_late: bool
    ) -> Operation:
        chance = self._chance
        kinds = {kind: weight for kind, weight in KINDS.items() if is_late or kind not in ENDINGS}
        kind = chance.choices(list(kinds), list(kinds.values()))[0]
        known = sorted(target.ids.keys() - {target.marker})
        if kind == "remove" and not known:
            kind = "read"
        expected = None
        if kind in CLIENTS[face].expecting and chance.random() < 0.4:
            expected = self._version(history)
        if kind == "patch":
            fields = {
                "title": f"t{next(self._numbers)}",
                "duration_minutes": chance.randrange(15, 720),
            }
            name = chance.choice(list(fields))
            return Operation(kind, ((name, fields[name]),), expected=expected)
        people: frozenset[str] = frozenset()
        if kind == "add":
            people = frozenset({f"p{next(self._numbers)}"})
        if kind == "remove":
            people = frozenset({chance.choice(known)})
        return Operation(kind, people=people, expected=expected)

    def _version(self, history: History) -> int:
        """A version that some client saw lately: often the current one, sometimes not."""
        recent = [e.outcome.shown.get("version", 1) for e in history[-3:] if e.is_known]
        return int(max(recent, default=1))

    async def _send(
        self, operation: Operation, target: Target, history: History, face: str, *, is_keyed: bool
    ) -> None:
        key = f"key-{next(self._numbers)}" if is_keyed else ""
        called, until = time.monotonic(), time.monotonic() + PATIENCE_SECONDS
        may_be_made = False
        while time.monotonic() < until:
            try:
                outcome = await CLIENTS[face](self._http()).perform(operation, target, key)
            except httpx2.ConnectError:
                await asyncio.sleep(0.05)  # Nothing was sent.
                continue
            except (httpx2.TransportError, Unanswered) as error:
                may_be_made = True
                if operation.kind == "read" or not is_keyed:
                    is_dead = isinstance(error, httpx2.TransportError)
                    until = time.monotonic() + SETTLED_SECONDS if is_dead else UNKNOWN
                    break
                continue
            history.append(Entry(operation, called, time.monotonic(), outcome, face))
            return
        else:
            until = UNKNOWN
        if may_be_made and operation.kind != "read":
            history.append(Entry(operation, called, until, client=face))

    def _http(self) -> httpx2.AsyncClient:
        url = self._chance.choice(self._urls())
        if url not in self._opened:
            self._opened[url] = httpx2.AsyncClient(
                base_url=url,
                headers={"Authorization": f"Bearer {self._token}"},
                timeout=PATIENCE_SECONDS,
            )
        return self._opened[url]


CLIENTS = {"rest": RestClient, "graphql": GraphQLClient, "list": ListClient}
