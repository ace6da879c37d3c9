"""Tickets and keys that are not good, and doors that were closed in between."""

import asyncio

import pytest

from db.queries import system
from gateway.services import open_services
from schema.domain.tickets import Admittance, Tickets
from schema.resolvers import retention, seating
from schema.rooms.builtin import BuiltinSettings
from tests.schema.seating.house import ELSEWHERE, HERE, House, refusal


def take(house: House, text: str) -> object:
    return seating.take(house.services, text, HERE, "r")


async def test_a_ticket_is_good_for_a_minute(house: House) -> None:
    text = await house.ticket("ben")
    house.clock.move(seconds=59)
    await take(house, text)
    text = await house.ticket("ben")
    house.clock.move(seconds=60)
    assert await refusal(take(house, text)) == "TICKET_EXPIRED"


async def test_a_ticket_is_good_for_one_seat(house: House) -> None:
    text = await house.ticket("ben")
    taken = await seating.take(house.services, text, HERE, "r")
    assert await refusal(take(house, text)) == "TICKET_USED"
    await seating.leave(house.services, taken.seat, "r")
    assert await refusal(take(house, text)) == "TICKET_USED"
    texts = [text := await house.ticket("ben")] * 4
    taken_once = await asyncio.gather(
        *(take(house, each) for each in texts), return_exceptions=True
    )
    refused = [each.code for each in taken_once if isinstance(each, seating.SeatRefused)]
    assert refused == ["TICKET_USED"] * 3


class TestOneByOne:
    """Where people wait to be admitted, which the log does not tell."""

    @pytest.fixture
    def rooms(self) -> BuiltinSettings:
        return BuiltinSettings(room_admission="one_by_one")

    async def test_a_ticket_is_good_for_one_place_in_the_waiting_list(self, house: House) -> None:
        text = await house.ticket("ben")
        taken = await seating.take(house.services, text, HERE, "r")
        await seating.leave(house.services, taken.seat, "r")
        await retention.sweep(house.services)
        async with open_services(house.settings, house.clock) as other:
            again = seating.take(other, text, ELSEWHERE, "r")
            assert await refusal(again) == "TICKET_USED"
        assert await house.names() == ([], [])
        # Remembered for no longer than the ticket is good.
        house.clock.move(seconds=61)
        assert await refusal(take(house, text)) == "TICKET_EXPIRED"
        assert await retention.sweep(house.services) == 1


async def test_a_ticket_is_good_once_also_when_the_log_is_full(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("schema.resolvers.stays.MOST_A_DAY", 1)
    await house.sit("ben")
    text = await house.ticket("ben")
    taken = await seating.take(house.services, text, HERE, "r")
    await seating.leave(house.services, taken.seat, "r")
    assert await house.log() == [("participant.joined", "ben")]
    assert await refusal(take(house, text)) == "TICKET_USED"


@pytest.mark.parametrize(
    "text", ["", "x", "é", "a.b", "." * 300, "\x00", "A" * 80 + "." + "B" * 43]
)
async def test_what_is_no_ticket_of_ours_is_refused(house: House, text: str) -> None:
    assert await refusal(take(house, text)) == "TICKET_EXPIRED"


async def test_a_ticket_is_signed_with_keys_of_its_own(house: House) -> None:
    ben = house.person("ben")
    link = ben["access_link"].rpartition("/")[2]
    assert await refusal(take(house, link)) == "TICKET_EXPIRED"
    text = await house.ticket("ben")
    assert house.services.links.read(text) is None
    for place in range(0, len(text), 7):
        other = text[:place] + ("A" if text[place] != "A" else "B") + text[place + 1 :]
        assert await refusal(take(house, other)) == "TICKET_EXPIRED"
    foreign = Tickets(["another-key-of-somebody-0123456789"])
    said = Admittance(house.tenant.id, ben["id"], 1, ben["id"])
    forged = foreign.write(said, house.clock.now()).text
    assert await refusal(take(house, forged)) == "TICKET_EXPIRED"


async def test_a_door_that_closed_in_between_says_why(house: House) -> None:
    removed, rotated, ended = [await house.ticket(name) for name in ("ben", "cleo", "anna")]
    await house.face.remove_participant(house.booked["id"], house.person("ben")["id"])
    assert await refusal(take(house, removed)) == "REMOVED"
    rotate = "mutation($id: ID!) { rotateAccessLink(id: $id) { __typename } }"
    await house.face.send(rotate, id=house.person("cleo")["id"])
    assert await refusal(take(house, rotated)) == "REMOVED"
    await house.face.complete(house.booked["id"])
    assert await refusal(take(house, ended)) == "ENDED"


async def test_a_deleted_appointment_and_a_disabled_organization_lead_nowhere(house: House) -> None:
    anna, text = await house.sit("anna"), await house.ticket("ben")
    await switch(house, False)
    assert await refusal(take(house, text)) == "NOT_OPEN"
    again = seating.resume(house.services, anna.seat.id, anna.key, HERE, "r")
    assert await refusal(again) == "NOT_OPEN"
    assert await refusal(seating.end(house.services, anna.seat, "r")) == "NOT_OPEN"
    assert await house.roster() is None
    await switch(house, True)
    await seating.resume(house.services, anna.seat.id, anna.key, HERE, "r")
    await house.face.delete(house.booked["id"])
    assert await refusal(take(house, text)) == "REMOVED"
    again = seating.resume(house.services, anna.seat.id, anna.key, HERE, "r")
    assert await refusal(again) == "GONE"
    assert await house.roster() is None


async def switch(house: House, active: bool) -> None:
    async with house.services.database.write() as transaction:
        await system.switch_organization(transaction, house.tenant.id, active)


async def test_a_rotated_link_does_not_lead_back_to_the_seat(house: House) -> None:
    ben = await house.sit("ben")
    rotate = "mutation($id: ID!) { rotateAccessLink(id: $id) { __typename } }"
    await house.face.send(rotate, id=house.person("ben")["id"])
    again = seating.resume(house.services, ben.seat.id, ben.key, HERE, "r")
    assert await refusal(again) == "GONE"


async def test_only_the_key_leads_back(house: House) -> None:
    ben, anna = await house.sit("ben"), await house.sit("anna")
    for id, key in (
        (ben.seat.id, anna.key),
        (ben.seat.id, ""),
        (ben.seat.id, "\ud800"),
        (ben.seat.id, "x" * 10_000),
        ("nobody", ben.key),
        (anna.seat.participant_id, ben.key),
    ):
        assert await refusal(seating.resume(house.services, id, key, HERE, "r")) == "GONE"
    upper = await seating.resume(house.services, ben.seat.id.upper(), ben.key, HERE, "r")
    assert upper.seat.id == ben.seat.id


async def test_an_older_socket_of_a_seat_changes_nothing_any_more(house: House) -> None:
    ben = await house.sit("ben")
    back = await seating.resume(house.services, ben.seat.id, ben.key, ELSEWHERE, "r")
    await seating.lose(house.services, ben.seat)
    await seating.leave(house.services, ben.seat, "r")
    (seat,) = await house.seats()
    assert seat == back.seat
    assert seat.absent_since is None


async def test_who_is_gone_while_a_seat_is_taken_does_not_keep_it(house: House) -> None:
    text = await house.ticket("ben")
    taking = asyncio.ensure_future(seating.take(house.services, text, HERE, "r"))
    await asyncio.sleep(0)
    taking.cancel()
    with pytest.raises(asyncio.CancelledError):
        await taking
    while house.services.running:
        await asyncio.wait(set(house.services.running))
    assert [seat.absent_since for seat in await house.seats()] in ([], [house.clock.now()])
    await house.pass_seconds(5, HERE)
    await house.pass_seconds(20, HERE)
    assert await house.seats() == []
