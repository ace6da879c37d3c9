"""Reading and writing the built-in room: its seats, and messages between its processes."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, NamedTuple

from ..engine import Tenancy
from ..models import OccupantRow, RoomMessage, SeatRow, SeatState
from ..statement import Statement


class OrganizationOfRoom(NamedTuple):
    """What a room shows of its organization, and whether that is enabled."""

    name: str
    is_active: bool


NOTHING = b""

_OF_ROOM = Statement("rooms.OF_ROOM", SeatRow)
_OF_PEOPLE = Statement("rooms.OF_PEOPLE", SeatRow)
_BY_IDS = Statement("rooms.BY_IDS", SeatRow)
_OF_HOLDER = Statement("rooms.OF_HOLDER", SeatRow)
_OCCUPANTS = Statement("rooms.OCCUPANTS", OccupantRow)
_ADD: Statement[Any] = Statement("rooms.ADD")
_RESUME: Statement[Any] = Statement("rooms.RESUME")
_LOSE: Statement[Any] = Statement("rooms.LOSE")
_ADMIT: Statement[Any] = Statement("rooms.ADMIT")
_KEEP: Statement[Any] = Statement("rooms.KEEP")
_REMOVE: Statement[Any] = Statement("rooms.REMOVE")
_ORGANIZATION = Statement("rooms.ORGANIZATION_OF_ROOM", OrganizationOfRoom)
_NEWEST_MESSAGE: Statement[Any] = Statement("rooms.NEWEST_MESSAGE")
_ADD_MESSAGE: Statement[Any] = Statement("rooms.ADD_MESSAGE")
_MESSAGES = Statement("rooms.MESSAGES", RoomMessage)
_GIVEN_UP: Statement[Any] = Statement("rooms.GIVEN_UP")
_EMPTY_MESSAGES: Statement[Any] = Statement("rooms.EMPTY_MESSAGES")
_REMOVE_MESSAGES: Statement[Any] = Statement("rooms.REMOVE_MESSAGES")


async def seats(tx: Tenancy, appointment_id: str) -> list[SeatRow]:
    """Returns the seats of an appointment, the earliest first."""
    return await tx.fetch(_OF_ROOM, appointment_id=appointment_id)


async def seats_of_people(
    tx: Tenancy, appointment_id: str, participant_ids: list[str]
) -> list[SeatRow]:
    """Returns the seats that some participants of an appointment have."""
    return await tx.fetch(
        _OF_PEOPLE, appointment_id=appointment_id, participant_ids=participant_ids
    )


async def seats_by_ids(tx: Tenancy, ids: list[str]) -> list[SeatRow]:
    """Returns those of the seats that are still there, in no particular order."""
    return await tx.fetch(_BY_IDS, ids=ids)


async def seats_of_holder(tx: Tenancy, holder: str) -> list[SeatRow]:
    """Returns the seats that a process holds, in no particular order."""
    return await tx.fetch(_OF_HOLDER, holder=holder)


async def occupants(tx: Tenancy, appointment_id: str) -> list[OccupantRow]:
    """Returns the seats of an appointment with the people in them, the earliest first."""
    return await tx.fetch(_OCCUPANTS, appointment_id=appointment_id)


async def organization(tx: Tenancy) -> OrganizationOfRoom | None:
    """Returns what the rooms of the organization show of it."""
    return await tx.fetch_one(_ORGANIZATION)


async def add_seat(tx: Tenancy, seat: SeatRow) -> None:
    """Inserts a seat."""
    await tx.execute(_ADD, **seat._asdict())


async def resume_seat(tx: Tenancy, seat: SeatRow, holder: str, now: datetime) -> bool:
    """Hands a seat to the process of another socket; False when it is no longer as it was read."""
    return bool(await tx.execute(_RESUME, **_same(seat), to_holder=holder, now=now))


async def lose_seat(tx: Tenancy, seat: SeatRow, now: datetime) -> bool:
    """Notes that the socket of a seat is gone; False when another one has taken it over."""
    return bool(await tx.execute(_LOSE, **_same(seat), now=now))


def _same(seat: SeatRow) -> dict[str, Any]:
    return {
        "appointment_id": seat.appointment_id,
        "at_id": seat.id,
        "at_resumes": seat.resumes,
    }


async def admit_seats(tx: Tenancy, appointment_id: str, ids: list[str], now: datetime) -> None:
    """Seats those who wait."""
    await tx.execute(
        _ADMIT, appointment_id=appointment_id, ids=ids, to_state=SeatState.SEATED, now=now
    )


async def keep_seats(tx: Tenancy, holder: str, now: datetime) -> int:
    """Notes that the process which holds seats is alive; returns how many it holds."""
    return await tx.execute(_KEEP, at_holder=holder, now=now)


async def remove_seats(tx: Tenancy, appointment_id: str, ids: list[str]) -> None:
    """Removes seats that were given up."""
    await tx.execute(_REMOVE, appointment_id=appointment_id, ids=ids)


async def newest_message(tx: Tenancy, appointment_id: str) -> int:
    """Returns the number of a room's newest message, or 0."""
    row = await tx.fetch_one(_NEWEST_MESSAGE, appointment_id=appointment_id)
    return int(row[0]) if row and row[0] is not None else 0


async def add_messages(
    tx: Tenancy, appointment_id: str, sender: str, payloads: Sequence[bytes], now: datetime
) -> int:
    """Adds messages behind the newest of a room; returns the number of the last one."""
    last = await newest_message(tx, appointment_id)
    same = {"appointment_id": appointment_id, "sender": sender, "created_at": now}
    await tx.execute_many(
        _ADD_MESSAGE,
        [
            {**same, "number": last + place, "payload": payload}
            for place, payload in enumerate(payloads, 1)
        ],
    )
    return last + len(payloads)


async def messages(
    tx: Tenancy, appointment_id: str, after: int, reader: str, limit: int
) -> list[RoomMessage]:
    """Returns messages of a room with numbers over `after` that `reader` did not send itself."""
    return await tx.fetch(
        _MESSAGES,
        appointment_id=appointment_id,
        after=after,
        reader=reader,
        nothing=NOTHING,
        limit=limit,
    )


async def remember_given_up(tx: Tenancy, appointment_id: str, seat_id: str, now: datetime) -> None:
    """Keeps for a minute that a seat was given up: a message without a word, for nobody."""
    await add_messages(tx, appointment_id, seat_id, [NOTHING], now)


async def was_given_up(tx: Tenancy, appointment_id: str, seat_id: str) -> bool:
    """Whether a seat was given up within the last minute and is remembered."""
    same = {"appointment_id": appointment_id, "seat_id": seat_id, "nothing": NOTHING}
    return await tx.fetch_one(_GIVEN_UP, **same) is not None


async def empty_messages(tx: Tenancy, appointment_id: str) -> None:
    """Forgets what the messages of a room say."""
    await tx.execute(_EMPTY_MESSAGES, appointment_id=appointment_id, nothing=NOTHING)


async def remove_messages(tx: Tenancy, before: datetime, limit: int) -> int:
    """Removes messages of `before` or earlier, all of an organization; returns how many.

    The newest of a room with people in it stays, so that numbers grow.
    """
    return await tx.execute_large(_REMOVE_MESSAGES, before=before)
