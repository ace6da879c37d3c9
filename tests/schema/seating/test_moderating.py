"""Moderators admit one by one, remove, and end; each by the role of the moment."""

from dataclasses import replace

import pytest

from db.models import SeatState
from schema.domain import seating as rules
from schema.resolvers import seating
from schema.rooms.builtin import BuiltinSettings
from tests.schema.seating.house import ELSEWHERE, HERE, House, refusal


@pytest.fixture
def rooms() -> BuiltinSettings:
    return BuiltinSettings(room_seats="3", room_admission="one_by_one")


async def test_those_who_wait_are_admitted_one_by_one_and_all_at_once(house: House) -> None:
    anna = await house.sit("anna")
    ben, cleo = await house.sit("ben"), await house.sit("cleo", ELSEWHERE)
    assert await house.names() == (["Anna"], ["Ben", "Cleo"])
    # Waiting is no stay.
    assert await house.log() == [("participant.joined", "anna")]
    house.clock.move(seconds=30)
    assert await seating.admit(house.services, anna.seat, [cleo.seat.id], "r") == [cleo.seat.id]
    assert await house.names() == (["Anna", "Cleo"], ["Ben"])
    # Again is nothing new.
    assert await seating.admit(house.services, anna.seat, [cleo.seat.id], "r") == []
    assert await seating.admit(house.services, anna.seat, None, "r") == [ben.seat.id]
    assert await house.names() == (["Anna", "Ben", "Cleo"], [])
    assert await house.log() == [
        ("participant.joined", "anna"),
        ("participant.admitted", "cleo"),
        ("participant.joined", "cleo"),
        ("participant.admitted", "ben"),
        ("participant.joined", "ben"),
    ]
    assert await house.attendance("cleo") == [("12:00:30", None)]
    # A second device of somebody who was admitted waits as well.
    await house.sit("ben")
    assert await house.names() == (["Anna", "Ben", "Cleo"], ["Ben"])
    assert await refusal(seating.admit(house.services, anna.seat, None, "r")) == "FULL"


async def test_whoever_is_admitted_too_often_is_not_in_the_log(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("schema.resolvers.stays.MOST_A_DAY", 2)
    anna = await house.sit("anna")
    for _ in range(4):
        ben = await house.sit("ben")
        assert await seating.admit(house.services, anna.seat, None, "r") == [ben.seat.id]
        await seating.leave(house.services, ben.seat, "r")
    log = await house.log()
    assert [type for type, name in log if name == "ben"] == [
        "participant.admitted", "participant.joined", "participant.left",
    ] * 2  # fmt: skip


async def test_as_many_are_admitted_as_there_is_room_for(house: House) -> None:
    anna = await house.sit("anna")
    waiting = [await house.sit(name) for name in ("ben", "cleo", "ben")]
    admitted = await seating.admit(house.services, anna.seat, None, "r")
    assert admitted == [each.seat.id for each in waiting[:2]]


async def test_who_waits_may_come_back_and_may_leave(house: House) -> None:
    anna, ben = await house.sit("anna"), await house.sit("ben")
    await seating.lose(house.services, ben.seat)
    back = await seating.resume(house.services, ben.seat.id, ben.key, HERE, "r")
    assert back.seat.state == "waiting"
    await seating.leave(house.services, back.seat, "r")
    assert await house.names() == (["Anna"], [])
    missing = seating.admit(house.services, anna.seat, [ben.seat.id], "r")
    assert await refusal(missing) == "NO_SUCH_PERSON"
    # Who is lost while waiting leaves nothing in the log.
    cleo = await house.sit("cleo")
    await seating.lose(house.services, cleo.seat)
    await house.pass_seconds(5, HERE)
    assert await house.pass_seconds(20, HERE) == 1
    assert await house.log() == [("participant.joined", "anna")]


async def test_who_becomes_a_moderator_waits_no_longer(house: House) -> None:
    await house.sit("ben")
    await house.sit("ben")
    cleo = await house.sit("cleo")
    house.clock.move(seconds=10)
    await become_moderator(house, "ben")
    assert await house.names() == (["Ben", "Ben"], ["Cleo"])
    # Nobody admitted them.
    assert await house.log() == [
        ("participant.updated", "ben"),
        ("participant.joined", "ben"),
        ("participant.joined", "ben"),
    ]
    assert await house.attendance("ben") == [("12:00:10", None)] * 2
    # Where there is no room they wait on.
    anna = await house.sit("anna")
    await become_moderator(house, "cleo")
    assert await house.names() == (["Ben", "Ben", "Anna"], ["Cleo"])
    # Once there is, a page that is loaded again has a seat.
    await seating.leave(house.services, anna.seat, "r")
    back = await seating.resume(house.services, cleo.seat.id, cleo.key, HERE, "r")
    assert back.seat.state is SeatState.SEATED
    assert await house.names() == (["Ben", "Ben", "Cleo"], [])


async def become_moderator(house: House, name: str) -> None:
    id = house.person(name)["id"]
    await house.face.update_participant(house.booked["id"], id, role="moderator")


async def test_the_waiting_list_ends_at_fifty(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rules, "MOST_OF_A_PERSON", 50)
    for _ in range(50):
        await house.sit("ben")
    assert await refusal(house.sit("cleo")) == "FULL"


async def test_who_waits_has_three_places_in_all(house: House) -> None:
    anna, ben = await house.sit("anna"), await house.sit("ben")
    await seating.admit(house.services, anna.seat, [ben.seat.id], "r")
    await house.sit("ben")
    await house.sit("ben")
    assert await refusal(house.sit("ben")) == "TOO_MANY_DEVICES"
    await seating.lose(house.services, ben.seat)
    await house.sit("ben")
    assert await house.names() == (["Anna"], ["Ben"] * 3)


async def test_a_removed_person_is_out_everywhere(house: House) -> None:
    anna, ben = await house.sit("anna"), await house.sit("ben")
    await seating.admit(house.services, anna.seat, None, "r")
    second = await house.sit("ben")
    house.clock.move(seconds=10)
    removed = await seating.remove(house.services, anna.seat, ben.seat.id, "r")
    assert removed == house.person("ben")["id"]
    assert await house.names() == (["Anna"], [])
    assert (await house.join("ben")).visit.admission.code == "REMOVED"
    for taken in (ben, second):
        again = seating.resume(house.services, taken.seat.id, taken.key, HERE, "r")
        assert await refusal(again) == "GONE"
    assert (await house.log())[-2:] == [
        ("participant.left", "ben"),
        ("participant.removed", "ben"),
    ]
    row = await house.face.get(house.booked["id"])
    assert [each["unique_id"] for each in row["participants"]] == ["anna", "cleo"]
    missing = seating.remove(house.services, anna.seat, ben.seat.id, "r")
    assert await refusal(missing) == "NO_SUCH_PERSON"
    own = seating.remove(house.services, anna.seat, anna.seat.id, "r")
    assert await refusal(own) == "NOT_ALLOWED"


async def test_removing_by_the_api_empties_the_seat_as_well(house: House) -> None:
    await house.sit("anna")
    await house.sit("ben")
    cleo = await house.sit("cleo")
    ids = [house.person(name)["id"] for name in ("ben", "cleo")]
    await house.face.remove(house.booked["id"], ids)
    assert await house.names() == (["Anna"], [])
    # Nobody was admitted, so nobody left.
    assert (await house.log())[1:] == [
        ("participant.removed", "ben"),
        ("participant.removed", "cleo"),
    ]
    assert (
        await refusal(seating.resume(house.services, cleo.seat.id, cleo.key, HERE, "r")) == "GONE"
    )


@pytest.mark.parametrize("deed", ["admit", "remove", "end"])
async def test_only_seated_moderators_may(house: House, deed: str) -> None:
    anna, ben = await house.sit("anna"), await house.sit("ben")
    await seating.admit(house.services, anna.seat, None, "r")
    cleo = await house.sit("cleo")
    deeds = {
        "admit": lambda by: seating.admit(house.services, by, None, "r"),
        "remove": lambda by: seating.remove(house.services, by, cleo.seat.id, "r"),
        "end": lambda by: seating.end(house.services, by, "r"),
    }
    for by in (ben.seat, cleo.seat):
        assert await refusal(deeds[deed](by)) == "NOT_ALLOWED"
    # The role counts as it is now, whatever it was when the seat was taken.
    ids = {name: house.person(name)["id"] for name in ("anna", "ben")}
    await house.face.update_participant(house.booked["id"], ids["anna"], role="participant")
    assert await refusal(deeds[deed](anna.seat)) == "NOT_ALLOWED"
    await house.face.update_participant(house.booked["id"], ids["ben"], role="moderator")
    # A seat that was given up gives no right.
    gone = ben.seat
    await seating.leave(house.services, gone, "r")
    assert await refusal(deeds[deed](gone)) == "NOT_ALLOWED"
    await deeds[deed]((await house.sit("ben")).seat)


async def test_completing_by_the_api_empties_the_room(house: House) -> None:
    anna, ben = await house.sit("anna"), await house.sit("ben")
    await seating.admit(house.services, anna.seat, None, "r")
    await seating.lose(house.services, ben.seat)
    house.clock.move(seconds=10)
    await house.face.complete(house.booked["id"])
    # Who was absent left when the socket went.
    assert await house.attendance("ben") == [("12:00:00", "12:00:00")]
    assert await house.attendance("anna") == [("12:00:00", "12:00:10")]
    assert (await house.log())[-1] == ("appointment.completed", "")
    assert await house.seats() == []
    for work in (
        seating.admit(house.services, anna.seat, None, "r"),
        seating.end(house.services, anna.seat, "r"),
    ):
        assert await refusal(work) == "ENDED"
    assert (await house.join("anna")).visit.admission.code == "ENDED"


async def test_a_room_without_admission_needs_no_moderator(house: House) -> None:
    services = replace(house.services, rooms=BuiltinSettings().open())
    taken = await seating.take(services, await house.ticket("ben"), HERE, "r")
    assert taken.seat.state == "seated"
