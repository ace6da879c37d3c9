"""Seats whose process is gone are given up; nobody is lost to a clock, a restart or an outage."""

from datetime import timedelta
from typing import Any

import httpx2
import pytest

from db.engine import DatabaseUnavailable
from db.models import AbsentSeat, HolderRow
from gateway.services import open_services
from schema.domain.seating import SeatWatch
from schema.operation.call import Services
from schema.operation.work import unit_of_work
from schema.operator import erasure
from schema.operator.erasure import Person
from schema.resolvers import retention, seating
from tests.conftest import NOON
from tests.people import add_tenant
from tests.schema.seating.conftest import furnished
from tests.schema.seating.house import ELSEWHERE, HERE, House, refusal


async def test_the_seats_of_a_process_that_is_gone_are_given_up(house: House) -> None:
    await house.sit("anna", HERE)
    await house.sit("ben", ELSEWHERE)
    await house.pass_seconds(10, HERE, ELSEWHERE)
    # Killed at 12:00:10.
    assert await house.pass_seconds(10, HERE) == 0
    assert await house.pass_seconds(10, HERE) == 1
    assert await house.names() == (["Anna"], [])
    assert await house.attendance("ben") == [("12:00:00", "12:00:10")]


@pytest.mark.parametrize("failure", [DatabaseUnavailable("locked"), RuntimeError("unexpected")])
async def test_an_organization_that_cannot_be_written_to_keeps_no_seat_of_another(
    house: House,
    client: httpx2.AsyncClient,
    monkeypatch: pytest.MonkeyPatch,
    failure: Exception,
) -> None:
    other = await add_tenant(house.services, "Embassy of Elsewhere")
    elsewhere = await furnished(house.services, house.clock, client, other, house.settings)
    houses = (house, elsewhere)
    for each in houses:
        await seating.lose(house.services, (await each.sit("ben")).seat)

    def work(services: Services, organization_id: str) -> Any:
        if organization_id == unwritable.tenant.id:
            raise failure
        return unit_of_work(services, organization_id)

    # Whichever is swept first.
    for unwritable in houses:
        await house.pass_seconds(20)
        for each in houses:
            await seating.lose(house.services, (await each.sit("cleo")).seat)
        house.clock.move(seconds=10)
        with monkeypatch.context() as patch:
            patch.setattr("schema.resolvers.seating.keeping.unit_of_work", work)
            await house.pass_seconds(20)
            assert [len(await each.seats()) for each in houses] == [
                1 if each is unwritable else 0 for each in houses
            ]
    # It comes again.
    assert await house.pass_seconds(5) == 1


async def test_after_a_restart_everybody_has_the_whole_grace(house: House) -> None:
    anna, ben = await house.sit("anna"), await house.sit("ben")
    await seating.lose(house.services, anna.seat)
    # The server is away for an hour; nobody looked meanwhile.
    house.clock.move(hours=1)
    async with open_services(house.settings, house.clock) as services:
        again = house._replace(services=services)
        assert await seating.sweep(services) == 0
        assert await again.pass_seconds(14, ELSEWHERE) == 0
        back = await seating.resume(services, ben.seat.id, ben.key, ELSEWHERE, "r")
        assert await again.pass_seconds(6, ELSEWHERE) == 1
        assert [each.name for each in (await again.roster()).seated] == ["Ben"]
        assert await house.attendance("anna") == [("12:00:00", "12:00:00")]
        assert await house.attendance("ben") == [("12:00:00", None)]
        await seating.leave(services, back.seat, "r")


async def test_who_is_taken_up_again_as_it_is_given_up_keeps_the_seat(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    ben = await house.sit("ben")
    await seating.lose(house.services, ben.seat)
    await seating.sweep(house.services)
    house.clock.move(seconds=15)
    looked = house.services.seat_watch.look(
        [AbsentSeat(house.tenant.id, ben.seat.id, 0)], [], house.clock.elapsed()
    )
    assert len(looked[0]) == 1
    await seating.resume(house.services, ben.seat.id, ben.key, HERE, "r")
    monkeypatch.setattr(SeatWatch, "look", lambda *_: looked)
    assert await seating.sweep(house.services) == 0
    assert len(await house.seats()) == 1


async def test_messages_reach_the_other_processes_and_are_gone_after_a_minute(
    house: House,
) -> None:
    anna, ben = await house.sit("anna", HERE), await house.sit("ben", ELSEWHERE)
    room = (house.tenant.id, house.booked["id"])
    assert await house.newest() == 0
    assert await seating.post(house.services, anna.seat, [b"one", b"\x00\xff"]) == 2
    assert await seating.post(house.services, ben.seat, [b"three"]) == 3
    # Whoever takes a seat hears what is said from then on, however late their process begins to.
    assert ben.read_up_to == 0
    ben = await seating.resume(house.services, ben.seat.id, ben.key, ELSEWHERE, "r")
    assert ben.read_up_to == 3
    here = await seating.fetch(house.services, *room, 0, HERE)
    elsewhere = await seating.fetch(house.services, *room, 0, ELSEWHERE)
    assert [(each.number, each.payload) for each in here] == [(3, b"three")]
    assert [tuple(each) for each in elsewhere] == [(1, HERE, b"one"), (2, HERE, b"\x00\xff")]
    assert await seating.fetch(house.services, *room, 2, ELSEWHERE) == []
    house.clock.move(seconds=59)
    await retention.sweep(house.services)
    assert len(await seating.fetch(house.services, *room, 0, "another")) == 3
    house.clock.move(seconds=2)
    # All but the newest, so that the next one has a higher number.
    assert await retention.sweep(house.services) == 2
    assert await retention.sweep(house.services) == 0
    assert await seating.post(house.services, anna.seat, [b"four"]) == 4
    house.clock.move(seconds=61)
    for taken in (anna, ben):
        await seating.leave(house.services, taken.seat, "r")
    assert await retention.sweep(house.services) == 2
    assert await house.newest() == 0


async def test_what_was_said_of_somebody_who_is_erased_is_said_no_more(house: House) -> None:
    anna = await house.sit("anna", HERE)
    await seating.post(house.services, anna.seat, [b"Ben is late"])
    (whose,) = await erasure.organizations_of(house.services.database, house.tenant.name)
    ben = Person("ben", house.clock.now())
    erased = await erasure.erase(house.services.database, whose, ben, lambda _: None)
    assert erased.participants == 1
    room = (house.tenant.id, house.booked["id"])
    assert await seating.fetch(house.services, *room, 0, ELSEWHERE) == []
    assert await house.newest() == 1


async def test_who_is_erased_is_put_out(house: House) -> None:
    await house.sit("anna")
    ben, text = await house.sit("ben"), await house.ticket("ben")
    house.clock.move(seconds=10)
    (whose,) = await erasure.organizations_of(house.services.database, house.tenant.name)
    person = Person("ben", house.clock.now())
    await erasure.erase(house.services.database, whose, person, lambda _: None)
    assert await house.names() == (["Anna"], [])
    again = seating.resume(house.services, ben.seat.id, ben.key, HERE, "r")
    assert await refusal(again) == "GONE"
    assert await refusal(seating.take(house.services, text, HERE, "r")) == "REMOVED"
    assert (await house.log())[-2:] == [("participant.left", "ben"), ("participant.erased", "ben")]
    assert await house.attendance("ben") == [("12:00:00", "12:00:10")]


ABSENT, HOLDER = AbsentSeat("o", "s", 0), HolderRow("o", "h", NOON)


def test_a_seat_is_lost_fifteen_seconds_after_it_was_first_seen_absent() -> None:
    watch = SeatWatch()
    assert [bool(watch.look([ABSENT], [], at)[0]) for at in (100, 114.9, 115, 116)] == [
        False, False, True, True,
    ]  # fmt: skip
    # Another absence begins anew.
    assert watch.look([ABSENT._replace(resumes=1)], [], 120)[0] == []


def test_a_process_is_lost_when_it_says_nothing_for_fifteen_seconds() -> None:
    watch = SeatWatch()
    told = HOLDER._replace(seen_at=NOON + timedelta(seconds=5))
    for at, row, is_lost in (
        (0, HOLDER, False), (5, HOLDER, False), (10, HOLDER, False), (12, told, False),
        (17, told, False), (22, told, False), (26, told, False), (27, told, True),
    ):  # fmt: skip
        assert bool(watch.look([], [row], at)[1]) is is_lost, at


def test_who_could_not_look_for_a_while_blames_nobody() -> None:
    watch = SeatWatch()
    watch.look([ABSENT], [HOLDER], 0)
    # Fourteen seconds without the database: the others had none either.
    assert watch.look([], [HOLDER], 14)[1] == []
    assert watch.look([], [HOLDER], 19)[1] == []
    # Suspended for an hour, or the clock of the machine began anew.
    for at in (3_600, 3_614, 5):
        assert watch.look([ABSENT], [HOLDER], at) == ([], [])
