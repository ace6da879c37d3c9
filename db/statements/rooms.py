"""Statements about the built-in room: seats, and messages between its processes."""

from sqlalchemy import bindparam, delete, exists, func, insert, null, or_, select, update

from ..models import room
from ..models.room import OccupantRow, SeatRow
from ..scope import tenant, within
from ..tables import Organization, Participant, RoomMessage, RoomSeat
from .lists import among, columns

SEAT = RoomSeat.__table__  # type: ignore[attr-defined]
MESSAGE = RoomMessage.__table__  # type: ignore[attr-defined]
PARTICIPANT = Participant.__table__  # type: ignore[attr-defined]
ORGANIZATION = Organization.__table__  # type: ignore[attr-defined]

_ROW = columns(RoomSeat, SeatRow)
_ROOM = (within(RoomSeat), SEAT.c.appointment_id == bindparam("appointment_id"))
_ONE = (*_ROOM, SEAT.c.id == bindparam("at_id"))
_SAME = (*_ONE, SEAT.c.resumes == bindparam("at_resumes"))

OF_ROOM = select(*_ROW).where(*_ROOM).order_by(SEAT.c.entered_at, SEAT.c.id)
OF_PEOPLE = select(*_ROW).where(*_ROOM, among(SEAT.c.participant_id, "participant_ids"))
BY_IDS = select(*_ROW).where(within(RoomSeat), among(SEAT.c.id, "ids"))
OF_HOLDER = select(*_ROW).where(within(RoomSeat), SEAT.c.holder == bindparam("holder"))
OCCUPANTS = (
    select(*columns(RoomSeat, OccupantRow), PARTICIPANT.c.display_name, PARTICIPANT.c.role)
    .select_from(SEAT.join(PARTICIPANT, PARTICIPANT.c.id == SEAT.c.participant_id))
    .where(*_ROOM, within(Participant))
    .order_by(SEAT.c.entered_at, SEAT.c.id)
)
ADD = insert(RoomSeat).values(
    {
        name: tenant() if name == "organization_id" else bindparam(name)
        for name in SEAT.c.keys()  # noqa: SIM118
    }
)
RESUME = (
    update(RoomSeat)
    .where(*_SAME)
    .values(
        holder=bindparam("to_holder"),
        seen_at=bindparam("now"),
        absent_since=null(),
        resumes=SEAT.c.resumes + 1,
    )
)
LOSE = (
    update(RoomSeat)
    .where(*_SAME, SEAT.c.absent_since.is_(None))
    .values(absent_since=bindparam("now"))
)
ADMIT = (
    update(RoomSeat)
    .where(*_ROOM, among(SEAT.c.id, "ids"))
    .values(state=bindparam("to_state"), seated_at=bindparam("now"))
)
KEEP = (
    update(RoomSeat)
    .where(within(RoomSeat), SEAT.c.holder == bindparam("at_holder"))
    .values(seen_at=bindparam("now"))
)
REMOVE = delete(RoomSeat).where(*_ROOM, among(SEAT.c.id, "ids"))
ORGANIZATION_OF_ROOM = select(ORGANIZATION.c.name, ORGANIZATION.c.is_active).where(
    ORGANIZATION.c.id == tenant()
)

_MESSAGES = (within(RoomMessage), MESSAGE.c.appointment_id == bindparam("appointment_id"))
_OTHER = MESSAGE.alias("other")

NEWEST_MESSAGE = select(func.max(MESSAGE.c.number)).where(*_MESSAGES)
ADD_MESSAGE = insert(RoomMessage).values(
    {
        name: tenant() if name == "organization_id" else bindparam(name)
        for name in MESSAGE.c.keys()  # noqa: SIM118
    }
)
MESSAGES = (
    select(*columns(RoomMessage, room.RoomMessage))
    .where(
        *_MESSAGES,
        MESSAGE.c.number > bindparam("after"),
        MESSAGE.c.sender != bindparam("reader"),
        # Emptied when somebody was erased.
        MESSAGE.c.payload != bindparam("nothing"),
    )
    .order_by(MESSAGE.c.number)
    .limit(bindparam("limit"))
)
# The same empty ones: which seats were given up without a trace in the log.
GIVEN_UP = select(MESSAGE.c.number).where(
    *_MESSAGES,
    MESSAGE.c.sender == bindparam("seat_id"),
    MESSAGE.c.payload == bindparam("nothing"),
)
EMPTY_MESSAGES = update(RoomMessage).where(*_MESSAGES).values(payload=bindparam("nothing"))
# The newest one of a room with people in it stays, so that the next has a higher number.
REMOVE_MESSAGES = delete(RoomMessage).where(
    within(RoomMessage),
    MESSAGE.c.created_at <= bindparam("before"),
    or_(
        MESSAGE.c.number
        < select(func.max(_OTHER.c.number))
        .where(
            _OTHER.c.organization_id == tenant(),
            _OTHER.c.appointment_id == MESSAGE.c.appointment_id,
        )
        .correlate(MESSAGE)
        .scalar_subquery(),
        ~exists().where(within(RoomSeat), SEAT.c.appointment_id == MESSAGE.c.appointment_id),
    ),
)
