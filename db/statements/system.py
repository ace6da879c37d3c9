"""Statements that cross tenants: signing in, links, the clock and the command line."""

from sqlalchemy import bindparam, exists, func, insert, or_, select, update

from ..models import AbsentSeat, HomeRow, OrganizationRow, SeatHome, TokenRow
from ..tables import (
    ApiToken,
    Appointment,
    Event,
    Idempotency,
    Organization,
    Participant,
    RoomMessage,
    RoomSeat,
)
from ..types import UtcDateTime
from .lists import Bytewise, among, columns

TOKEN = ApiToken.__table__  # type: ignore[attr-defined]
ORGANIZATION = Organization.__table__  # type: ignore[attr-defined]
EVENT = Event.__table__  # type: ignore[attr-defined]
PARTICIPANT = Participant.__table__  # type: ignore[attr-defined]
IDEMPOTENCY = Idempotency.__table__  # type: ignore[attr-defined]
APPOINTMENT = Appointment.__table__  # type: ignore[attr-defined]
SEAT = RoomSeat.__table__  # type: ignore[attr-defined]
MESSAGE = RoomMessage.__table__  # type: ignore[attr-defined]

_TOKENS = select(*columns(ApiToken, TokenRow), ORGANIZATION.c.name, ORGANIZATION.c.is_active).join(
    ORGANIZATION, TOKEN.c.organization_id == ORGANIZATION.c.id
)

TOKEN_BY_DIGEST = _TOKENS.where(TOKEN.c.digest == bindparam("digest"))
KNOWN_DIGESTS = select(TOKEN.c.digest).where(among(TOKEN.c.digest, "digests"))
TOKENS_BY_IDS = _TOKENS.where(among(TOKEN.c.id, "ids"))
TOKENS_IN_ORDER = _TOKENS.order_by(Bytewise(ORGANIZATION.c.name), TOKEN.c.created_at, TOKEN.c.id)
USED = (
    update(ApiToken)
    .where(TOKEN.c.id == bindparam("at_id"))
    .values(last_used_at=bindparam("used_at"))
)
REVOKE = (
    update(ApiToken)
    .where(TOKEN.c.id == bindparam("at_id"))
    .values(revoked_at=bindparam("revoked_at"))
)
ADD_TOKEN = (
    insert(ApiToken).values({name: bindparam(name) for name in TOKEN.c.keys()})  # noqa: SIM118
)
ADD_ORGANIZATION = (
    insert(Organization).values({name: bindparam(name) for name in ORGANIZATION.c.keys()})  # noqa: SIM118
)
ORGANIZATIONS = select(*columns(Organization, OrganizationRow)).order_by(
    Bytewise(ORGANIZATION.c.name)
)
ORGANIZATION_BY_NAME = select(*columns(Organization, OrganizationRow)).where(
    ORGANIZATION.c.name == bindparam("name")
)
SWITCH = (
    update(Organization)
    .where(ORGANIZATION.c.id == bindparam("at_id"))
    .values(is_active=bindparam("active"))
)
SETTLE = (
    update(Organization)
    .where(ORGANIZATION.c.id == bindparam("at_id"))
    .values(
        language=bindparam("language"),
        contact=bindparam("contact"),
        shows_cancel_reason=bindparam("shows_cancel_reason"),
    )
)
LOG_ENDS = select(ORGANIZATION.c.id, ORGANIZATION.c.event_seq).where(
    among(ORGANIZATION.c.id, "ids")
)
# Numbers have no gaps: the oldest event of a log is the one behind its floor. A subquery and no
# join, which SQLite would begin with all events.
_OLDEST_AT = (
    select(EVENT.c.occurred_at)
    .where(
        EVENT.c.organization_id == ORGANIZATION.c.id,
        EVENT.c.seq == ORGANIZATION.c.event_floor + 1,
    )
    .scalar_subquery()
)
EXPIRED = (
    select(ORGANIZATION.c.id)
    .where(bindparam("before", type_=UtcDateTime) >= _OLDEST_AT)
    .limit(bindparam("limit"))
)
_KEPT_SINCE = (
    select(func.min(IDEMPOTENCY.c.created_at))
    .where(IDEMPOTENCY.c.organization_id == ORGANIZATION.c.id)
    .scalar_subquery()
)
STALE = (
    select(ORGANIZATION.c.id)
    .where(bindparam("before", type_=UtcDateTime) >= _KEPT_SINCE)
    .limit(bindparam("limit"))
)
DUE = (
    select(APPOINTMENT.c.organization_id, APPOINTMENT.c.id)
    .where(APPOINTMENT.c.clock_end_at <= bindparam("before"))
    .order_by(APPOINTMENT.c.clock_end_at)
    .limit(bindparam("limit"))
)
OLDEST_DUE = (
    select(APPOINTMENT.c.clock_end_at)
    .where(APPOINTMENT.c.clock_end_at <= bindparam("before"))
    .order_by(APPOINTMENT.c.clock_end_at)
    .limit(1)
)
HOME = (
    select(*columns(Organization, HomeRow))
    .join(PARTICIPANT, PARTICIPANT.c.organization_id == ORGANIZATION.c.id)
    .where(PARTICIPANT.c.id == bindparam("id"))
)
IS_EMPTY = select(func.count()).select_from(ORGANIZATION)
SEAT_HOME = select(*columns(RoomSeat, SeatHome)).where(SEAT.c.id == bindparam("id"))
ABSENT_SEATS = select(*columns(RoomSeat, AbsentSeat)).where(SEAT.c.absent_since.is_not(None))
HOLDERS = select(SEAT.c.organization_id, SEAT.c.holder, func.max(SEAT.c.seen_at)).group_by(
    SEAT.c.organization_id, SEAT.c.holder
)
_LATER = MESSAGE.alias("later")
MESSAGE_ENDS = (
    select(MESSAGE.c.appointment_id, func.max(MESSAGE.c.number))
    .where(among(MESSAGE.c.organization_id, "ids"))
    .group_by(MESSAGE.c.organization_id, MESSAGE.c.appointment_id)
)
STALE_MESSAGES = (
    select(MESSAGE.c.organization_id)
    .distinct()
    .where(
        MESSAGE.c.created_at <= bindparam("before"),
        or_(
            exists().where(
                _LATER.c.organization_id == MESSAGE.c.organization_id,
                _LATER.c.appointment_id == MESSAGE.c.appointment_id,
                _LATER.c.number > MESSAGE.c.number,
            ),
            ~exists().where(
                SEAT.c.organization_id == MESSAGE.c.organization_id,
                SEAT.c.appointment_id == MESSAGE.c.appointment_id,
            ),
        ),
    )
    .limit(bindparam("limit"))
)
