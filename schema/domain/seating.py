"""Rules of the built-in room: who may take a seat, who runs it, and when a seat is given up.

Pure, like `schema.domain.rules`.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from enum import StrEnum

from db.models import (
    AbsentSeat,
    AppointmentRow,
    AppointmentStatus,
    HolderRow,
    ParticipantRole,
    ParticipantRow,
    SeatRow,
    SeatState,
)

MOST_WAITING = 50
# Seats of one person, seated or waiting, so that no link can take a whole room.
MOST_OF_A_PERSON = 3
GRACE_SECONDS = 15.0
# Who did not look for longer than this saw nothing: what it knew of before is not held against
# anybody.
BLIND_SECONDS = 20.0
# Of the time between two looks, what counts against a process that says nothing: it may itself
# have been kept from the database for as long.
COUNTED_SECONDS = 5.0


class SeatCode(StrEnum):
    """Why a seat was refused."""

    TICKET_EXPIRED = "TICKET_EXPIRED"
    TICKET_USED = "TICKET_USED"
    FULL = "FULL"
    TOO_MANY_DEVICES = "TOO_MANY_DEVICES"
    NOT_OPEN = "NOT_OPEN"
    ENDED = "ENDED"
    CANCELLED = "CANCELLED"
    REMOVED = "REMOVED"
    GONE = "GONE"
    NOT_ALLOWED = "NOT_ALLOWED"
    NO_SUCH_PERSON = "NO_SUCH_PERSON"


MESSAGES = {
    SeatCode.TICKET_EXPIRED: "This ticket is not good any more: open your link again.",
    SeatCode.TICKET_USED: "This ticket was used already: open your link again.",
    SeatCode.FULL: "Every seat in this room is taken. Try again when somebody has left.",
    SeatCode.TOO_MANY_DEVICES: "You are already here on three devices. Leave on one of them, "
    "then try again.",
    SeatCode.NOT_OPEN: "This room is not open at the moment: open your link again.",
    SeatCode.ENDED: "This appointment has ended.",
    SeatCode.CANCELLED: "This appointment was cancelled.",
    SeatCode.REMOVED: "Your link does not lead here any more. Ask the organizer for a new one.",
    SeatCode.GONE: "You were away for too long and lost your seat: open your link again.",
    SeatCode.NOT_ALLOWED: "Only moderators may do that.",
    SeatCode.NO_SUCH_PERSON: "This person is not in the room any more.",
}


class SeatRefused(Exception):
    """A seat, or what somebody wanted to do from it, was refused; the message is for people."""

    def __init__(self, code: SeatCode, message: str | None = None) -> None:
        super().__init__(code.value)
        self.code = code
        self.message = message or MESSAGES[code]


CLOSED = {
    AppointmentStatus.COMPLETED: SeatCode.ENDED,
    AppointmentStatus.NO_SHOW: SeatCode.ENDED,
    AppointmentStatus.CANCELLED: SeatCode.CANCELLED,
    AppointmentStatus.SCHEDULED: SeatCode.NOT_OPEN,
}


def ensure_open(
    appointment: AppointmentRow | None, person: ParticipantRow | None, link_version: int
) -> tuple[AppointmentRow, ParticipantRow]:
    """Returns both when the room is open to the person; raises SeatRefused."""
    if appointment is None or person is None or person.link_version != link_version:
        raise SeatRefused(SeatCode.REMOVED)
    if appointment.status is not AppointmentStatus.ACTIVE:
        raise SeatRefused(CLOSED[appointment.status])
    return appointment, person


def state_on_arrival(role: ParticipantRole, *, is_one_by_one: bool) -> SeatState:
    """Whether somebody who arrives is seated, or waits to be admitted."""
    waits = is_one_by_one and role is not ParticipantRole.MODERATOR
    return SeatState.WAITING if waits else SeatState.SEATED


def seated_at(seats: Sequence[SeatRow], now: datetime) -> datetime:
    """Returns when the next is seated: after all who sit there, also where servers' clocks differ.

    Of two people the later one makes the offer, so every process has to know who that is.
    """
    taken = [seat.seated_at for seat in seats if seat.seated_at]
    return max([now, *(each + timedelta(microseconds=1) for each in taken)])


def making_way(
    seats: Sequence[SeatRow], participant_id: str, state: SeatState, most: int
) -> SeatRow | None:
    """Returns the seat that somebody new gives up: where none is free, their longest absent one.

    None while another one is free. Raises SeatRefused when they have too many seats, or when nobody
    else can be in this state; who is absent keeps a seat.
    """
    own = [seat for seat in seats if seat.participant_id == participant_id]
    is_full = sum(seat.state is state for seat in seats) >= _places(state, most)
    if not is_full and len(own) < MOST_OF_A_PERSON:
        return None
    absent = [
        (seat.absent_since, seat.id, seat)
        for seat in own
        if seat.absent_since and (seat.state is state or not is_full)
    ]
    if absent:
        return min(absent)[2]
    raise SeatRefused(SeatCode.FULL if len(own) < MOST_OF_A_PERSON else SeatCode.TOO_MANY_DEVICES)


def _places(state: SeatState, most: int) -> int:
    return most if state is SeatState.SEATED else MOST_WAITING


def to_admit(seats: Sequence[SeatRow], wanted: Iterable[str] | None, most: int) -> list[SeatRow]:
    """Returns who is admitted: of those who wait, the earliest first, as many as there is room.

    None wants all. Raises SeatRefused when there is room for nobody, or nobody wanted is there.
    """
    ids = None if wanted is None else set(wanted)
    named = [seat for seat in seats if ids is None or seat.id in ids]
    if ids and not named:
        raise SeatRefused(SeatCode.NO_SUCH_PERSON)
    waiting = [seat for seat in named if seat.state is SeatState.WAITING]
    free = most - sum(seat.state is SeatState.SEATED for seat in seats)
    if waiting and free <= 0:
        raise SeatRefused(SeatCode.FULL)
    return waiting[: max(free, 0)]


def to_promote(seats: Sequence[SeatRow], participant_id: str, most: int) -> list[SeatRow]:
    """Returns which waiting seats of a new moderator are seated, as many as there is room for."""
    free = most - sum(seat.state is SeatState.SEATED for seat in seats)
    own = [seat for seat in seats if seat.participant_id == participant_id]
    return [seat for seat in own if seat.state is SeatState.WAITING][: max(free, 0)]


def lost_at(seat: SeatRow) -> datetime:
    """Returns when somebody was lost: as the socket went, or as its process was last seen.

    Not before the seat was taken: who was admitted while absent was there for no time.
    """
    return max(seat.absent_since or seat.seen_at, seat.seated_at or seat.entered_at)


class SeatWatch:
    """Which seats are lost, as one process sees it, in seconds of its own clock.

    The clocks of machines differ, so times that others wrote are only compared for whether they
    have changed. Whoever begins to look, after a restart too, gives everybody the whole grace.
    """

    def __init__(self) -> None:
        self._looked_at: float | None = None
        self._absent: dict[AbsentSeat, float] = {}
        self._silent: dict[HolderRow, float] = {}

    def look(
        self, absent: Iterable[AbsentSeat], holders: Iterable[HolderRow], elapsed: float
    ) -> tuple[list[AbsentSeat], list[HolderRow]]:
        """Returns the absent seats and the silent processes whose grace is over."""
        passed = 0.0 if self._looked_at is None else elapsed - self._looked_at
        if not 0 <= passed <= BLIND_SECONDS:
            self._absent, self._silent, passed = {}, {}, 0.0
        self._looked_at = elapsed
        self._absent = {each: self._absent.get(each, elapsed) for each in absent}
        counted = min(passed, COUNTED_SECONDS)
        self._silent = {
            each: self._silent[each] + counted if each in self._silent else 0.0 for each in holders
        }
        return (
            [each for each, since in self._absent.items() if elapsed - since >= GRACE_SECONDS],
            [each for each, silence in self._silent.items() if silence >= GRACE_SECONDS],
        )
