"""Statements that cross tenants, each with its reason: signing in and the command line.

Run on a plain `Transaction`, outside any organization.
"""

from datetime import datetime
from typing import Any

from sqlalchemy import bindparam, func, insert, select, update

from ..engine import Transaction
from ..models import ApiToken, Appointment, Organization, OrganizationRow, Participant, TokenRow
from ..statement import Statement
from .lists import columns

TOKEN = ApiToken.__table__  # type: ignore[attr-defined]
ORGANIZATION = Organization.__table__  # type: ignore[attr-defined]
PARTICIPANT = Participant.__table__  # type: ignore[attr-defined]
APPOINTMENT = Appointment.__table__  # type: ignore[attr-defined]

SIGNING_IN = "the token is what tells the organization"
LINK = "an access link names a participant before any organization is known"
CLOCK = "the clock moves the appointments of all organizations"
COMMAND_LINE = "the operator administers all organizations"

_TOKENS = select(*columns(ApiToken, TokenRow), ORGANIZATION.c.name, ORGANIZATION.c.is_active).join(
    ORGANIZATION, TOKEN.c.organization_id == ORGANIZATION.c.id
)

_TOKEN_BY_DIGEST = Statement(
    _TOKENS.where(TOKEN.c.digest == bindparam("digest")),
    TokenRow._make,
    across_tenants=SIGNING_IN,
)
_TOKENS_IN_ORDER = Statement(
    _TOKENS.order_by(ORGANIZATION.c.name, TOKEN.c.created_at, TOKEN.c.id),
    TokenRow._make,
    across_tenants=COMMAND_LINE,
)
_USED: Statement[Any] = Statement(
    update(ApiToken)
    .where(TOKEN.c.id == bindparam("at_id"))
    .values(last_used_at=bindparam("used_at")),
    across_tenants=SIGNING_IN,
)
_REVOKE: Statement[Any] = Statement(
    update(ApiToken)
    .where(TOKEN.c.id == bindparam("at_id"))
    .values(revoked_at=bindparam("revoked_at")),
    across_tenants=COMMAND_LINE,
)
_ADD_TOKEN: Statement[Any] = Statement(
    insert(ApiToken).values({name: bindparam(name) for name in TOKEN.c.keys()}),  # noqa: SIM118
    across_tenants=COMMAND_LINE,
)
_ADD_ORGANIZATION: Statement[Any] = Statement(
    insert(Organization).values({name: bindparam(name) for name in ORGANIZATION.c.keys()})  # noqa: SIM118
)
_ORGANIZATIONS = Statement(
    select(*columns(Organization, OrganizationRow)).order_by(ORGANIZATION.c.name),
    OrganizationRow._make,
)
_ORGANIZATION_BY_NAME = Statement(
    select(*columns(Organization, OrganizationRow)).where(ORGANIZATION.c.name == bindparam("name")),
    OrganizationRow._make,
)
_SWITCH: Statement[Any] = Statement(
    update(Organization)
    .where(ORGANIZATION.c.id == bindparam("at_id"))
    .values(is_active=bindparam("active"))
)
_DUE: Statement[Any] = Statement(
    select(APPOINTMENT.c.organization_id, APPOINTMENT.c.id)
    .where(APPOINTMENT.c.clock_end_at <= bindparam("before"))
    .order_by(APPOINTMENT.c.clock_end_at)
    .limit(bindparam("limit")),
    across_tenants=CLOCK,
)
_HOME: Statement[Any] = Statement(
    select(ORGANIZATION.c.id, ORGANIZATION.c.name, ORGANIZATION.c.is_active)
    .join(PARTICIPANT, PARTICIPANT.c.organization_id == ORGANIZATION.c.id)
    .where(PARTICIPANT.c.id == bindparam("id")),
    across_tenants=LINK,
)
_IS_EMPTY: Statement[Any] = Statement(select(func.count()).select_from(ORGANIZATION))


async def token_by_digest(tx: Transaction, digest: str) -> TokenRow | None:
    """Returns the token with this SHA-256 digest, or None."""
    rows = await tx.fetch(_TOKEN_BY_DIGEST, {"digest": digest})
    return rows[0] if rows else None


async def tokens(tx: Transaction) -> list[TokenRow]:
    """Returns every token, by organization and age."""
    return await tx.fetch(_TOKENS_IN_ORDER, {})


async def token_used(tx: Transaction, id: str, used_at: datetime) -> None:
    """Remembers when a token was last used."""
    await tx.execute(_USED, {"at_id": id, "used_at": used_at})


async def revoke_token(tx: Transaction, id: str, revoked_at: datetime) -> None:
    """Revokes a token."""
    await tx.execute(_REVOKE, {"at_id": id, "revoked_at": revoked_at})


async def add_token(tx: Transaction, values: dict[str, Any]) -> None:
    """Inserts a token."""
    await tx.execute(_ADD_TOKEN, values)


async def organizations(tx: Transaction) -> list[OrganizationRow]:
    """Returns every organization by name."""
    return await tx.fetch(_ORGANIZATIONS, {})


async def organization_by_name(tx: Transaction, name: str) -> OrganizationRow | None:
    """Returns the organization of this name, or None."""
    rows = await tx.fetch(_ORGANIZATION_BY_NAME, {"name": name})
    return rows[0] if rows else None


async def add_organization(tx: Transaction, row: OrganizationRow) -> None:
    """Inserts an organization whose event log is empty."""
    await tx.execute(_ADD_ORGANIZATION, {**row._asdict(), "event_seq": 0})


async def switch_organization(tx: Transaction, id: str, active: bool) -> None:
    """Switches an organization on or off."""
    await tx.execute(_SWITCH, {"at_id": id, "active": active})


async def due_appointments(tx: Transaction, before: datetime, limit: int) -> list[tuple[str, str]]:
    """Returns organization and id of appointments whose watched end was at `before` or earlier."""
    return await tx.fetch(_DUE, {"before": before, "limit": limit})


async def home_of_participant(tx: Transaction, id: str) -> tuple[str, str, bool] | None:
    """Returns id, name and activity of the organization that a participant belongs to, or None."""
    rows = await tx.fetch(_HOME, {"id": id})
    return rows[0] if rows else None


async def is_empty(tx: Transaction) -> bool:
    """Whether the database holds no organization yet."""
    rows = await tx.fetch(_IS_EMPTY, {})
    return int(rows[0][0]) == 0
