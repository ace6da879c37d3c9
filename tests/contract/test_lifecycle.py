"""The life of an appointment, through both faces: every operation in every status."""

from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from starlette.applications import Starlette

from db.engine import Tenancy
from db.models import EventRow
from db.queries import events
from schema.resolvers.clockwork import advance
from tests.conftest import MovableClock
from tests.contract.test_appointments import ANNA, booking
from tests.faces import Face, Refused
from tests.people import Tenant

GRACE = timedelta(minutes=30)
SOON = "2026-03-02T13:00:00Z"
OPEN = datetime(2026, 3, 2, 12, 50, tzinfo=UTC)
LATER = "2026-03-03T09:00:00Z"
STATUSES = ("scheduled", "active", "completed", "cancelled", "no_show")


async def bring(face: Face, app: Starlette, clock: MovableClock, status: str) -> dict[str, Any]:
    """Books an appointment and brings it to a status the way its users would."""
    booked = await face.create(**booking(start_date_time=SOON))
    if status != "no_show":
        clock.set(OPEN)
    if status in ("active", "completed"):
        await face.start(booked["id"])
    if status == "completed":
        await face.complete(booked["id"])
    if status == "cancelled":
        await face.cancel(booked["id"], "The consul is ill.")
    if status == "no_show":
        clock.move(hours=3)
        assert await advance(app.state.lifespan["services"], GRACE) == 1
    found = await face.get(booked["id"])
    assert found["status"] == status
    return found


async def log_of(app: Starlette, tenant: Tenant) -> list[EventRow]:
    """The organization's events."""
    async with app.state.lifespan["services"].database.read() as transaction:
        return await events.after(Tenancy(transaction, tenant.id), 0, 1000)


Attempt = Callable[[Face, dict[str, Any]], Awaitable[Any]]
ATTEMPTS: dict[str, Attempt] = {
    "rename": lambda face, row: face.update(row["id"], title="Other"),
    "reschedule": lambda face, row: face.update(row["id"], start_date_time=LATER),
    "start": lambda face, row: face.start(row["id"]),
    "complete": lambda face, row: face.complete(row["id"]),
    "cancel": lambda face, row: face.cancel(row["id"]),
    "add": lambda face, row: face.add(row["id"], [{**ANNA, "unique_id": "new"}]),
    "remove": lambda face, row: face.remove(row["id"], [row["participants"][0]["id"]]),
    "change": lambda face, row: face.update_participant(
        row["id"], row["participants"][0]["id"], display_name="Other"
    ),
    "remove one": lambda face, row: face.remove_participant(
        row["id"], row["participants"][0]["id"]
    ),
    "delete": lambda face, row: face.delete(row["id"]),
}
UPDATE = "Active and completed appointments cannot be updated."
CANCELLED = "Cancelled appointments cannot be updated."
PEOPLE = "Participants of completed and cancelled appointments cannot be changed."
# What each attempt leads to: the status after it, or the sentence that refuses it.
EXPECTED: dict[str, dict[str, str]] = {
    "rename": {
        "scheduled": "scheduled", "active": UPDATE, "completed": UPDATE,
        "cancelled": CANCELLED, "no_show": "no_show",
    },
    "reschedule": {
        "scheduled": "scheduled", "active": UPDATE, "completed": UPDATE,
        "cancelled": CANCELLED, "no_show": "scheduled",
    },
    "start": {
        "scheduled": "active", "active": "active",
        "completed": "Only scheduled appointments can be started; this one is completed.",
        "cancelled": "Only scheduled appointments can be started; this one is cancelled.",
        "no_show": "Only scheduled appointments can be started; this one is no show.",
    },
    "complete": {
        "scheduled": "Only active appointments can be completed; this one is scheduled.",
        "active": "completed", "completed": "completed",
        "cancelled": "Only active appointments can be completed; this one is cancelled.",
        "no_show": "Only active appointments can be completed; this one is no show.",
    },
    "cancel": {
        "scheduled": "cancelled",
        "active": "Only scheduled appointments can be cancelled; this one is active.",
        "completed": "Only scheduled appointments can be cancelled; this one is completed.",
        "cancelled": "cancelled",
        "no_show": "Only scheduled appointments can be cancelled; this one is no show.",
    },
    **{
        attempt: {
            "scheduled": "scheduled", "active": "active", "completed": PEOPLE,
            "cancelled": PEOPLE, "no_show": "no_show",
        }
        for attempt in ("add", "remove", "change", "remove one")
    },
    "delete": dict.fromkeys(STATUSES, ""),
}  # fmt: skip


@pytest.mark.parametrize("status", STATUSES)
@pytest.mark.parametrize("attempt", ATTEMPTS)
async def test_every_operation_in_every_status(
    face: Face, app: Starlette, clock: MovableClock, tenant: Tenant, attempt: str, status: str
) -> None:
    before = await bring(face, app, clock, status)
    written = len(await log_of(app, tenant))
    expected = EXPECTED[attempt][status]
    if expected.endswith("."):
        with pytest.raises(Refused) as refused:
            await ATTEMPTS[attempt](face, before)
        assert refused.value.code == "not_allowed_in_status"
        assert refused.value.status == expected
        assert await face.get(before["id"]) == before
        assert len(await log_of(app, tenant)) == written
        return
    await ATTEMPTS[attempt](face, before)
    after = await face.get(before["id"])
    if attempt == "delete":
        assert after is None
    else:
        assert after["status"] == expected
    repeated = attempt in ("start", "complete", "cancel") and status == expected
    assert len(await log_of(app, tenant)) == written + (0 if repeated else 1)


async def test_a_reschedule_keeps_ids_and_links_and_tells_both_times(
    face: Face, app: Starlette, tenant: Tenant
) -> None:
    booked = await face.create(**booking(start_date_time=SOON))
    await face.update(booked["id"], start_date_time=LATER, duration_minutes=45, title="Other")
    after = await face.get(booked["id"])
    assert after["participants"] == booked["participants"]
    created, moved = await log_of(app, tenant)
    assert (created.type, moved.type) == ("appointment.created", "appointment.rescheduled")
    assert moved.changed_fields == ["duration_minutes", "start_date_time", "title"]
    assert moved.data == {
        "old": {"start_date_time": SOON, "duration_minutes": 30},
        "new": {"start_date_time": LATER, "duration_minutes": 45},
    }
    assert [created.seq, moved.seq] == [1, 2]
    assert moved.source == face.name


async def test_the_clock_completes_and_misses_once(
    face: Face, app: Starlette, clock: MovableClock, tenant: Tenant
) -> None:
    services = app.state.lifespan["services"]
    held = await face.create(**booking(start_date_time=SOON))
    missed = await face.create(**booking(start_date_time=SOON))
    clock.set(OPEN)
    await face.start(held["id"])
    clock.set(clock.now().replace(hour=13, minute=59, second=59))
    assert await advance(services, GRACE) == 0
    clock.move(seconds=1)
    assert await advance(services, GRACE) == 2
    assert await advance(services, GRACE) == 0
    assert (await face.get(held["id"]))["status"] == "completed"
    assert (await face.get(missed["id"]))["status"] == "no_show"
    told = [(event.type, event.source, event.actor) for event in await log_of(app, tenant)][-2:]
    assert sorted(told) == [
        ("appointment.completed", "clock", "system"),
        ("appointment.missed", "clock", "system"),
    ]


async def test_a_past_appointment_stays_as_it_was_entered(
    face: Face, app: Starlette, clock: MovableClock
) -> None:
    booked = await face.create(**booking(start_date_time="2025-10-30T15:26:22.539536Z"))
    clock.move(days=365)
    assert await advance(app.state.lifespan["services"], GRACE) == 0
    assert (await face.get(booked["id"]))["status"] == "scheduled"


async def test_a_missed_appointment_given_another_past_time_stays_missed(
    face: Face, app: Starlette, clock: MovableClock
) -> None:
    missed = await bring(face, app, clock, "no_show")
    await face.update(missed["id"], start_date_time="2026-03-01T09:00:00Z")
    assert (await face.get(missed["id"]))["status"] == "no_show"
    await face.update(missed["id"], start_date_time=LATER)
    assert (await face.get(missed["id"]))["status"] == "scheduled"
    clock.move(days=2)
    assert await advance(app.state.lifespan["services"], GRACE) == 1
    assert (await face.get(missed["id"]))["status"] == "no_show"
