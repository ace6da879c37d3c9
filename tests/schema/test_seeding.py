"""An invented agenda is one that the product itself could have written down."""

from collections import Counter
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any

import pytest

from db.models import EventSource
from gateway.services import open_services
from gateway.settings import Settings
from schema.operation.call import Call, Caller, Services
from schema.operator import seeding
from schema.operator.seeding import NotEmpty, Seeding
from schema.resolvers.appointments import list_appointments
from schema.resolvers.clockwork import advance
from schema.resolvers.pages import PageNumber
from tests.conftest import MovableClock
from tests.postgresql.places import Places, records

NOW = datetime(2026, 3, 4, 11, 7, 30, tzinfo=UTC)
SIZE = 400
LIVES = {
    ("created",): "scheduled",
    ("created", "cancelled"): "cancelled",
    ("created", "missed"): "no_show",
    ("created", "started"): "active",
    ("created", "started", "completed"): "completed",
}


async def seeded(settings: Settings, *wanted: Seeding) -> list[int]:
    told: list[int] = []
    async with open_services(settings, MovableClock(NOW)) as services:
        for each in wanted:
            await seeding.seed(services.database, each, NOW, told.append)
    return told


@pytest.fixture
def rows(settings: Settings) -> Any:
    return partial(records, settings.database)


async def test_every_appointment_is_what_its_events_made_of_it(
    settings: Settings, rows: Any
) -> None:
    kept = timedelta(days=400)
    told = await seeded(settings, Seeding("A", SIZE, events_kept=kept))
    assert sum(told) == SIZE
    events: dict[str, list[Any]] = {}
    for event in rows("SELECT * FROM event ORDER BY seq"):
        events.setdefault(event["appointment_id"], []).append(event)
    outcomes = Counter()
    for row in rows("SELECT * FROM appointment"):
        life = [each for each in events.pop(row["id"]) if each["type"][:11] == "appointment"]
        steps = tuple(each["type"].partition(".")[2] for each in life)
        assert LIVES[steps] == row["status"]
        assert row["version"] == len(steps)
        assert row["created_at"] == life[0]["occurred_at"]
        assert row["updated_at"] == life[-1]["occurred_at"]
        is_open = row["status"] in {"scheduled", "active"}
        assert (row["clock_end_at"] is not None) == is_open
        assert (row["ended_at"] is None) == is_open
        outcomes[row["status"]] += 1
    assert not events
    assert outcomes.keys() >= {"scheduled", "completed", "cancelled", "no_show"}


async def test_the_log_has_no_gaps_and_is_in_the_order_of_time(
    settings: Settings, rows: Any
) -> None:
    await seeded(settings, Seeding("A", SIZE, events_kept=timedelta(days=400)))
    log = rows("SELECT seq, id, occurred_at FROM event ORDER BY seq")
    assert [each["seq"] for each in log] == list(range(1, len(log) + 1))
    assert [each["occurred_at"] for each in log] == sorted(each["occurred_at"] for each in log)
    assert log[-1]["occurred_at"] <= "2026-03-04T11:07:30.000000Z"
    assert len({each["id"] for each in log}) == len(log)
    (organization,) = rows("SELECT * FROM organization")
    assert organization["event_seq"] == len(log)
    assert organization["event_floor"] == 0


async def test_the_counts_are_what_there_is_to_count(settings: Settings, rows: Any) -> None:
    await seeded(settings, Seeding("A", SIZE), Seeding("B", 7))
    people = "SELECT count(*) FROM participant WHERE appointment_id = a.id"
    assert not rows(f"SELECT * FROM appointment a WHERE participant_count != ({people})")
    counted = "SELECT count(*) FROM appointment WHERE organization_id = o.id"
    assert not rows(f"SELECT * FROM organization o WHERE appointment_count != ({counted})")
    found = rows("SELECT unique_id, count(*) AS times FROM participant GROUP BY 1")
    times = [each["times"] for each in found]
    assert max(times) > 20 > 1 in times


async def test_what_retention_would_have_removed_is_not_there(
    settings: Settings, rows: Any
) -> None:
    kept = timedelta(days=10)
    await seeded(settings, Seeding("A", SIZE, events_kept=kept))
    (organization,) = rows("SELECT * FROM organization")
    floor = organization["event_floor"]
    below = rows("SELECT DISTINCT type FROM event WHERE seq <= ?", floor)
    assert {each["type"] for each in below} == {"participant.joined", "participant.left"}
    above = rows("SELECT seq, occurred_at FROM event WHERE seq > ? ORDER BY seq", floor)
    assert [each["seq"] for each in above] == list(range(floor + 1, organization["event_seq"] + 1))
    assert min(each["occurred_at"] for each in above) > (NOW - kept).isoformat()[:19]


async def test_the_same_numbers_make_the_same_agenda(settings: Settings, places: Places) -> None:
    def contents(of: Settings) -> list[Any]:
        tables = ("appointment", "participant", "event")
        found = [records(of.database, f"SELECT * FROM {table} ORDER BY id") for table in tables]
        return [[row | {"organization_id": ""} for row in each] for each in found]

    sites = [replace(settings, given_database=places.new()) for _ in range(3)]
    for site, random_seed in zip(sites, (1, 1, 2), strict=True):
        await seeded(site, Seeding("A", 60, random_seed))
    first, second, third = map(contents, sites)
    assert first == second
    assert [len(each) for each in first] != [len(each) for each in third]


async def test_more_is_added_only_when_that_is_said(settings: Settings, rows: Any) -> None:
    await seeded(settings, Seeding("A", 30))
    with pytest.raises(NotEmpty, match=r"“A” has 30 appointments already: .*--add"):
        await seeded(settings, Seeding("A", 30))
    await seeded(settings, Seeding("A", 50, add=True))
    (organization,) = rows("SELECT * FROM organization")
    assert organization["appointment_count"] == 80
    above = rows("SELECT seq FROM event WHERE seq > ? ORDER BY seq", organization["event_floor"])
    last = organization["event_seq"]
    assert [each["seq"] for each in above] == list(range(organization["event_floor"] + 1, last + 1))


async def test_the_product_reads_it_and_its_clock_goes_on(settings: Settings) -> None:
    clock = MovableClock(NOW)
    async with open_services(settings, clock) as services:
        organization = await seeding.seed(
            services.database, Seeding("A", SIZE), NOW, lambda _: None
        )
        call = called(services, organization.id)
        page = await list_appointments(call, page=PageNumber(2, 20), with_participants=True)
        assert page.total == SIZE
        assert all(len(row.participants or ()) == row.participant_count > 1 for row in page.rows)
        await advance(services, timedelta(minutes=30))
        clock.set(NOW + timedelta(days=60))
        assert await advance(services, timedelta(minutes=30)) > 20
        assert await advance(services, timedelta(minutes=30)) == 0


def called(services: Services, organization_id: str) -> Call:
    caller = Caller(organization_id, "A", "token", "token", ("read",))
    return Call(caller, services, EventSource.REST, "request")
