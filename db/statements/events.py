"""Statements about the event log."""

from sqlalchemy import (
    ClauseElement,
    ColumnElement,
    bindparam,
    delete,
    exists,
    insert,
    literal_column,
    or_,
    select,
    update,
)

from ..models import EventRow, EventType, ParticipantEvent, PresenceRow
from ..scope import tenant, within
from ..tables import Event, Organization, Participant
from .lists import AmongRows, among, columns

TABLE = Event.__table__  # type: ignore[attr-defined]
ORGANIZATION = Organization.__table__  # type: ignore[attr-defined]
PARTICIPANT = Participant.__table__  # type: ignore[attr-defined]

STAYS = (EventType.PARTICIPANT_JOINED, EventType.PARTICIPANT_LEFT)

NUMBER = (
    update(Organization)
    .where(ORGANIZATION.c.id == tenant())
    .values(
        event_seq=ORGANIZATION.c.event_seq + bindparam("amount"),
        appointment_count=ORGANIZATION.c.appointment_count + bindparam("appointments"),
    )
    .returning(ORGANIZATION.c.event_seq)
)
EXTEND = (
    update(Organization)
    .where(ORGANIZATION.c.id == tenant())
    .values(
        event_seq=bindparam("last"),
        event_floor=bindparam("floor"),
        appointment_count=ORGANIZATION.c.appointment_count + bindparam("appointments"),
    )
)
INSERT = insert(Event).values(
    {
        name: tenant() if name == "organization_id" else bindparam(name)
        for name in TABLE.c.keys()  # noqa: SIM118
    }
)
AFTER = (
    select(*columns(Event, EventRow))
    .where(within(Event), TABLE.c.seq > bindparam("after"))
    .order_by(TABLE.c.seq)
    .limit(bindparam("limit"))
)


ENDS = select(ORGANIZATION.c.event_floor, ORGANIZATION.c.event_seq).where(
    ORGANIZATION.c.id == tenant()
)
PLACE = select(
    ORGANIZATION.c.event_floor,
    ORGANIZATION.c.event_seq,
    select(TABLE.c.id)
    .where(within(Event), TABLE.c.seq == bindparam("seq", type_=TABLE.c.seq.type))
    .scalar_subquery(),
).where(ORGANIZATION.c.id == tenant())


def part(of_appointment: bool, of_types: bool) -> ClauseElement:
    """The events between two numbers that match, in order: as many are looked at as lie there."""
    statement = select(*columns(Event, ParticipantEvent)).where(
        within(Event), TABLE.c.seq > bindparam("after"), TABLE.c.seq <= bindparam("until")
    )
    if of_appointment:
        statement = statement.where(TABLE.c.appointment_id == bindparam("appointment_id"))
    if of_types:
        statement = statement.where(among(TABLE.c.type, "types"))
    return statement.order_by(TABLE.c.seq).limit(bindparam("limit"))


NTH_OF_APPOINTMENT = (
    select(TABLE.c.seq)
    .where(
        within(Event),
        TABLE.c.appointment_id == bindparam("appointment_id"),
        TABLE.c.seq > bindparam("after"),
    )
    .order_by(TABLE.c.seq)
    .limit(1)
    .offset(bindparam("skipped"))
)
OLDEST = (
    select(TABLE.c.seq, TABLE.c.occurred_at)
    .where(within(Event), TABLE.c.seq > bindparam("after"))
    .order_by(TABLE.c.seq)
    .limit(bindparam("limit"))
)
# Attendance is read off stays for as long as the participant is there.
REMOVE = delete(Event).where(
    within(Event),
    TABLE.c.seq > bindparam("after"),
    TABLE.c.seq <= bindparam("until"),
    or_(
        TABLE.c.type.not_in([literal_column(f"'{type}'") for type in STAYS]),
        ~exists().where(within(Participant), PARTICIPANT.c.id == TABLE.c.participant_id),
    ),
)
RAISE_FLOOR = (
    update(Organization).where(ORGANIZATION.c.id == tenant()).values(event_floor=bindparam("until"))
)


STAY = TABLE.alias("stay")


def _is(column: ColumnElement[str], type: EventType) -> ColumnElement[bool]:
    # A literal instead of a parameter, because otherwise SQLite would not use the partial index.
    return column == literal_column(f"'{type}'")


# Finds the latest few events of each participant by index. Sorted by participant first, because
# otherwise SQLite starts from all events of the organization.
_LATEST = (
    select(STAY.c.seq)
    .where(
        STAY.c.organization_id == tenant(),
        STAY.c.participant_id == PARTICIPANT.c.id,
        or_(
            _is(STAY.c.type, EventType.PARTICIPANT_JOINED),
            _is(STAY.c.type, EventType.PARTICIPANT_LEFT),
        ),
    )
    .order_by(STAY.c.seq.desc())
    .limit(bindparam("limit"))
    .correlate(PARTICIPANT)
)
PRESENCE = (
    select(*columns(Event, PresenceRow))
    .select_from(PARTICIPANT.join(TABLE, AmongRows(TABLE.c.seq, _LATEST)))
    .where(within(Event), within(Participant), among(PARTICIPANT.c.id, "participant_ids"))
    .order_by(PARTICIPANT.c.id, TABLE.c.seq)
)
BY_ID = select(TABLE.c.seq).where(within(Event), TABLE.c.id == bindparam("id"))


def back(type: EventType) -> ClauseElement:
    """Selects the time of a participant's n-th latest event of this type."""
    return (
        select(TABLE.c.occurred_at)
        .where(
            within(Event),
            TABLE.c.participant_id == bindparam("participant_id"),
            _is(TABLE.c.type, type),
        )
        .order_by(TABLE.c.seq.desc())
        .limit(1)
        .offset(bindparam("skipped"))
    )
