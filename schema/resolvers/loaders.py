"""Loaders: what many rows of one answer need, read in one statement.

There is one of each kind for a snapshot of an operation.
"""

import asyncio
from collections.abc import Awaitable
from typing import TypeVar

from strawberry.dataloader import DataLoader

from db.models import AppointmentRow, ParticipantRow, PresenceRow
from db.queries import appointments, events, participants

from ..domain.attendance import MOST_READ, Stay, stays
from ..operation.call import Call

K = TypeVar("K")
T = TypeVar("T")


class Loader(DataLoader[K, T]):
    """A loader for tasks that share what it loads: one that is cancelled stops no other."""

    def load(self, key: K) -> Awaitable[T]:
        """Returns what belongs to the key, loaded together with what others ask for."""
        loading = asyncio.ensure_future(super().load(key))
        found = asyncio.shield(loading)
        # An answer that failed elsewhere leaves some behind that nobody waits for any more; its
        # snapshot ends, they fail, and asyncio would report each of them. A shield looks at what
        # it shields no longer once it was cancelled.
        loading.add_done_callback(_noticed)
        found.add_done_callback(_noticed)
        return found


def _noticed(found: "asyncio.Future[T]") -> None:
    if not found.cancelled():
        found.exception()


def appointment_loader(call: Call) -> Loader[str, AppointmentRow | None]:
    """Returns the loader of appointments by id."""

    async def load(ids: list[str]) -> list[AppointmentRow | None]:
        rows = await call.snapshot.read(lambda tx: appointments.get_many(tx, ids))
        found = {row.id: row for row in rows}
        return [found.get(id) for id in ids]

    def make() -> Loader[str, AppointmentRow | None]:
        loader = Loader(load_fn=load)
        loader.prime_many(call.snapshot.kept)
        return loader

    return call.snapshot.loader("appointment", make)


def participant_loader(call: Call) -> Loader[str, ParticipantRow | None]:
    """Returns the loader of participants by id."""

    async def load(ids: list[str]) -> list[ParticipantRow | None]:
        rows = await call.snapshot.read(lambda tx: participants.get_many(tx, ids))
        found = {row.id: row for row in rows}
        return [found.get(id) for id in ids]

    loader: Loader[str, ParticipantRow | None] = call.snapshot.loader(
        "participant", lambda: Loader(load_fn=load)
    )
    return loader


def attendance_loader(call: Call) -> Loader[str, list[Stay]]:
    """Returns the loader of attendance by participant id."""

    async def load(ids: list[str]) -> list[list[Stay]]:
        found = await call.snapshot.read(lambda tx: events.presence(tx, ids, MOST_READ))
        by_participant: dict[str, list[PresenceRow]] = {id: [] for id in ids}
        for event in found:
            by_participant[event.participant_id].append(event)
        return [stays(by_participant[id]) for id in ids]

    loader: Loader[str, list[Stay]] = call.snapshot.loader(
        "attendance", lambda: Loader(load_fn=load)
    )
    return loader
