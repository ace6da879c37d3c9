"""Changes of many rows leave the event loop free."""

from collections.abc import AsyncIterator
from typing import Any

import pytest

from db.engine import LARGE_ROWS, Tenancy
from db.ids import new_id
from db.models import AppointmentRow, AppointmentStatus, ParticipantRole, ParticipantRow
from db.queries import appointments, participants
from db.sqlite import SqliteDatabase
from db.sqlite.connection import Connection

from .conftest import NOW, add_organization


@pytest.fixture
def threaded(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The statements that ran on the writer's thread, by their first words."""
    found: list[str] = []
    for name in ("change_threaded", "change_many_threaded"):
        original = getattr(Connection, name)

        async def noted(self: Any, statement: Any, values: Any, original: Any = original) -> Any:
            found.append(" ".join(str(statement.clause).split()[:3]))
            return await original(self, statement, values)

        monkeypatch.setattr(Connection, name, noted)
    return found


@pytest.fixture
async def tx(database: SqliteDatabase) -> AsyncIterator[Tenancy]:
    organization = await add_organization(database)
    async with database.write() as transaction:
        yield Tenancy(transaction, organization)


async def booked(tx: Tenancy, count: int) -> tuple[AppointmentRow, list[ParticipantRow]]:
    row = AppointmentRow(
        new_id(), "T", NOW, 30, None, AppointmentStatus.SCHEDULED, 1, None, None, None, None, None,
        NOW, NOW, count,
    )  # fmt: skip
    people = [
        ParticipantRow(new_id(), row.id, f"{n}", None, ParticipantRole.PARTICIPANT, 1, NOW, NOW)
        for n in range(count)
    ]
    await appointments.add(tx, row)
    await participants.add(tx, people)
    return row, people


async def test_a_thousand_participants_are_handled_on_the_thread(
    tx: Tenancy, threaded: list[str]
) -> None:
    row, people = await booked(tx, 1_000)
    await participants.remove(tx, row.id, [person.id for person in people[:600]])
    assert len(await participants.all_of(tx, row.id)) == 400
    await appointments.remove(tx, row)
    assert await participants.all_of(tx, row.id) == []
    assert threaded == ["INSERT INTO participant", "DELETE FROM participant",
                        "DELETE FROM appointment"]  # fmt: skip


async def test_a_few_stay_on_the_loop(tx: Tenancy, threaded: list[str]) -> None:
    row, people = await booked(tx, LARGE_ROWS)
    await participants.remove(tx, row.id, [person.id for person in people[:10]])
    await appointments.remove(tx, row)
    assert threaded == []
