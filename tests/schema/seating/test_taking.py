"""Seats are taken with a ticket, resumed with a key, lost and given up; log and attendance agree."""

import asyncio

import pytest

from gateway.services import open_services
from schema.resolvers import seating
from schema.rooms.builtin import BuiltinSettings
from tests.schema.seating.house import ELSEWHERE, HERE, House, refusal


async def test_seats_events_and_attendance_tell_one_story(house: House) -> None:
    assert await house.log() == []
    anna = await house.sit("anna")
    ben = await house.sit("ben")
    assert await house.names() == (["Anna", "Ben"], [])
    house.clock.move(seconds=30)
    await seating.keep(house.services, house.tenant.id, HERE)
    await seating.sweep(house.services)
    # Lost, and back within the grace: the same stay.
    await seating.lose(house.services, ben.seat)
    assert [each.is_absent for each in (await house.roster()).seated] == [False, True]
    assert await house.pass_seconds(14, HERE) == 0
    back = await seating.resume(house.services, ben.seat.id, ben.key, ELSEWHERE, "r")
    assert (back.seat.id, back.key) == (ben.seat.id, ben.key)
    assert [each.is_absent for each in back.roster.seated] == [False, False]
    assert [each.holder for each in back.roster.seated] == [HERE, ELSEWHERE]
    assert await house.pass_seconds(20, HERE, ELSEWHERE) == 0
    # Lost for good: the stay ended when the socket went, at 12:01:04.
    await seating.lose(house.services, back.seat)
    assert await house.pass_seconds(20, HERE, ELSEWHERE) == 1
    assert await refusal(seating.resume(house.services, ben.seat.id, ben.key, HERE, "r")) == "GONE"
    assert await house.names() == (["Anna"], [])
    again = await house.sit("ben")
    assert again.seat.id != ben.seat.id
    house.clock.move(seconds=6)
    await seating.leave(house.services, again.seat, "r")
    assert await house.log() == [
        ("participant.joined", "anna"),
        ("participant.joined", "ben"),
        ("participant.left", "ben"),
        ("participant.joined", "ben"),
        ("participant.left", "ben"),
    ]
    assert await house.attendance("ben") == [("12:00:00", "12:01:04"), ("12:01:24", "12:01:30")]
    assert await house.attendance("anna") == [("12:00:00", None)]
    await seating.end(house.services, anna.seat, "r")
    assert await house.attendance("anna") == [("12:00:00", "12:01:30")]
    assert (await house.log())[-2:] == [("participant.left", "anna"), ("appointment.completed", "")]
    assert await house.roster() is None
    assert await house.seats() == []
    assert (await house.face.get(house.booked["id"]))["status"] == "completed"


async def test_two_devices_are_two_stays_and_each_ends_its_own(house: House) -> None:
    first = await house.sit("ben")
    house.clock.move(seconds=10)
    second = await house.sit("ben")
    house.clock.move(seconds=10)
    await seating.leave(house.services, second.seat, "r")
    assert await house.attendance("ben") == [("12:00:00", None), ("12:00:10", "12:00:20")]
    house.clock.move(seconds=10)
    await seating.leave(house.services, first.seat, "r")
    assert await house.attendance("ben") == [("12:00:00", "12:00:30"), ("12:00:10", "12:00:20")]


async def test_waiting_on_the_page_is_no_stay(house: House) -> None:
    await house.ticket("ben")
    assert await house.log() == []
    assert await house.attendance("ben") == []


async def test_the_last_seat_goes_to_one_of_two_processes(house: House) -> None:
    await house.sit("anna")
    await house.sit("ben")
    tickets = [await house.ticket("cleo") for _ in range(6)]
    async with open_services(house.settings, house.clock) as other:
        taken = await asyncio.gather(
            *(
                seating.take(services, text, holder, "r")
                for place, text in enumerate(tickets)
                for services, holder in [[(house.services, HERE), (other, ELSEWHERE)][place % 2]]
            ),
            return_exceptions=True,
        )
    got = [each for each in taken if isinstance(each, seating.Taken)]
    refused = [each.code for each in taken if isinstance(each, seating.SeatRefused)]
    assert (len(got), refused) == (1, ["FULL"] * 5)
    assert len(await house.seats()) == 3


class TestSix:
    """Where everybody has room."""

    @pytest.fixture
    def rooms(self) -> BuiltinSettings:
        return BuiltinSettings()

    async def test_nobody_takes_a_whole_room(self, house: House) -> None:
        first, second, third = [await house.sit("ben") for _ in range(3)]
        assert await refusal(house.sit("ben")) == "TOO_MANY_DEVICES"
        # One that is left, or lost, makes way: the one that was lost first.
        await seating.leave(house.services, second.seat, "r")
        fourth = await house.sit("ben")
        house.clock.move(seconds=10)
        await seating.lose(house.services, third.seat)
        house.clock.move(seconds=2)
        await seating.lose(house.services, first.seat)
        fifth = await house.sit("ben")
        assert {seat.id for seat in await house.seats()} == {
            first.seat.id, fourth.seat.id, fifth.seat.id,
        }  # fmt: skip
        back = seating.resume(house.services, third.seat.id, third.key, HERE, "r")
        assert await refusal(back) == "GONE"
        # The stay ended when the socket went.
        assert ("12:00:00", "12:00:10") in await house.attendance("ben")
        await house.sit("anna")
        assert await house.names() == (["Ben", "Ben", "Ben", "Anna"], [])


async def test_where_no_seat_is_free_ones_own_absent_one_makes_way(house: House) -> None:
    await house.sit("anna")
    ben, cleo = await house.sit("ben"), await house.sit("cleo")
    assert await refusal(house.sit("cleo")) == "FULL"
    await seating.lose(house.services, ben.seat)
    assert await refusal(house.sit("cleo")) == "FULL"
    await seating.lose(house.services, cleo.seat)
    await house.sit("cleo")
    assert await house.names() == (["Anna", "Ben", "Cleo"], [])
    assert (await house.log())[-2:] == [
        ("participant.left", "cleo"),
        ("participant.joined", "cleo"),
    ]
