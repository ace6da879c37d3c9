"""Statements that cross tenants, each with its reason: authentication and the command line.

They run on a plain `Transaction`, outside any organization.
"""

from datetime import datetime
from typing import Any

from ..engine import Transaction
from ..models import AbsentSeat, HolderRow, HomeRow, OrganizationRow, SeatHome, TokenRow
from ..statement import Statement

SIGNING_IN = "the organization is known only once the token is found"
LINK = "an access link names a participant before any organization is known"
SEAT = "a seat that is taken up again is named before any organization is known"
CLOCK = "the clock works for all organizations"
COMMAND_LINE = "the operator administers all organizations"
FOLLOWING = "one reader looks for news of all whose logs are followed"

_TOKEN_BY_DIGEST = Statement("system.TOKEN_BY_DIGEST", TokenRow, across_tenants=SIGNING_IN)
_KNOWN_DIGESTS: Statement[Any] = Statement("system.KNOWN_DIGESTS", across_tenants=COMMAND_LINE)
_TOKENS_IN_ORDER = Statement("system.TOKENS_IN_ORDER", TokenRow, across_tenants=COMMAND_LINE)
_USED: Statement[Any] = Statement("system.USED", across_tenants=SIGNING_IN)
_REVOKE: Statement[Any] = Statement("system.REVOKE", across_tenants=COMMAND_LINE)
_ADD_TOKEN: Statement[Any] = Statement("system.ADD_TOKEN", across_tenants=COMMAND_LINE)
_ADD_ORGANIZATION: Statement[Any] = Statement(
    "system.ADD_ORGANIZATION", across_tenants=COMMAND_LINE
)
_ORGANIZATIONS = Statement("system.ORGANIZATIONS", OrganizationRow, across_tenants=COMMAND_LINE)
_ORGANIZATION_BY_NAME = Statement(
    "system.ORGANIZATION_BY_NAME", OrganizationRow, across_tenants=COMMAND_LINE
)
_SWITCH: Statement[Any] = Statement("system.SWITCH", across_tenants=COMMAND_LINE)
_TOKENS_BY_IDS = Statement("system.TOKENS_BY_IDS", TokenRow, across_tenants=SIGNING_IN)
_MESSAGE_ENDS: Statement[Any] = Statement("system.MESSAGE_ENDS", across_tenants=FOLLOWING)
_LOG_ENDS: Statement[Any] = Statement("system.LOG_ENDS", across_tenants=FOLLOWING)
_EXPIRED: Statement[Any] = Statement("system.EXPIRED", across_tenants=CLOCK)
_STALE: Statement[Any] = Statement("system.STALE", across_tenants=CLOCK)
_DUE: Statement[Any] = Statement("system.DUE", across_tenants=CLOCK)
_OLDEST_DUE: Statement[Any] = Statement("system.OLDEST_DUE", across_tenants=CLOCK)
_SETTLE: Statement[Any] = Statement("system.SETTLE", across_tenants=COMMAND_LINE)
_HOME = Statement("system.HOME", HomeRow, across_tenants=LINK)
_SEAT_HOME = Statement("system.SEAT_HOME", SeatHome, across_tenants=SEAT)
_ABSENT_SEATS = Statement("system.ABSENT_SEATS", AbsentSeat, across_tenants=CLOCK)
_HOLDERS = Statement("system.HOLDERS", HolderRow, across_tenants=CLOCK)
_STALE_MESSAGES: Statement[Any] = Statement("system.STALE_MESSAGES", across_tenants=CLOCK)
_IS_EMPTY: Statement[Any] = Statement("system.IS_EMPTY", across_tenants=COMMAND_LINE)


async def token_by_digest(tx: Transaction, digest: str) -> TokenRow | None:
    """Returns the token with this SHA-256 digest; None when there is none, or more than one.

    Of several nobody knows whose organization is meant.
    """
    rows = await tokens_by_digest(tx, digest)
    return rows[0] if len(rows) == 1 else None


async def tokens_by_digest(tx: Transaction, digest: str) -> list[TokenRow]:
    """Returns the tokens with this SHA-256 digest: one at most, unless two were stored at once."""
    return await tx.fetch(_TOKEN_BY_DIGEST, {"digest": digest})


async def known_digests(tx: Transaction, digests: list[str]) -> set[str]:
    """Returns those of the digests with which tokens are stored."""
    return {digest for (digest,) in await tx.fetch(_KNOWN_DIGESTS, {"digests": digests})}


async def tokens_by_ids(tx: Transaction, ids: list[str]) -> list[TokenRow]:
    """Returns those of the tokens that exist, in no particular order."""
    return await tx.fetch(_TOKENS_BY_IDS, {"ids": ids})


async def log_ends(tx: Transaction, organization_ids: list[str]) -> dict[str, int]:
    """Returns the number of the latest event of each of these organizations."""
    return dict(await tx.fetch(_LOG_ENDS, {"ids": organization_ids}))


async def message_ends(tx: Transaction, organization_ids: list[str]) -> dict[str, int]:
    """Returns the number of the newest message of each room of these organizations."""
    return dict(await tx.fetch(_MESSAGE_ENDS, {"ids": organization_ids}))


async def expired_logs(tx: Transaction, before: datetime, limit: int) -> list[str]:
    """Returns the ids of organizations whose oldest event happened at `before` or earlier."""
    return [id for (id,) in await tx.fetch(_EXPIRED, {"before": before, "limit": limit})]


async def stale_keys(tx: Transaction, before: datetime, limit: int) -> list[str]:
    """Returns the ids of organizations that keep an outcome of `before` or earlier under a key."""
    return [id for (id,) in await tx.fetch(_STALE, {"before": before, "limit": limit})]


async def tokens(tx: Transaction) -> list[TokenRow]:
    """Returns every token, by organization and age."""
    return await tx.fetch(_TOKENS_IN_ORDER, {})


async def token_used(tx: Transaction, id: str, used_at: datetime) -> None:
    """Records when a token was last used."""
    await tx.execute(_USED, {"at_id": id, "used_at": used_at})


async def revoke_token(tx: Transaction, id: str, revoked_at: datetime) -> None:
    """Revokes a token."""
    await tx.execute(_REVOKE, {"at_id": id, "revoked_at": revoked_at})


async def add_tokens(tx: Transaction, *values: dict[str, Any]) -> None:
    """Inserts tokens."""
    await tx.execute_many(_ADD_TOKEN, values)


async def organizations(tx: Transaction) -> list[OrganizationRow]:
    """Returns every organization by name."""
    return await tx.fetch(_ORGANIZATIONS, {})


async def organization_by_name(tx: Transaction, name: str) -> OrganizationRow | None:
    """Returns the organization of this name, or None."""
    rows = await tx.fetch(_ORGANIZATION_BY_NAME, {"name": name})
    return rows[0] if rows else None


async def add_organization(tx: Transaction, row: OrganizationRow) -> None:
    """Inserts an organization with an empty event log and no appointments."""
    empty = {"event_seq": 0, "event_floor": 0, "appointment_count": 0}
    await tx.execute(_ADD_ORGANIZATION, row._asdict() | empty)


async def switch_organization(tx: Transaction, id: str, active: bool) -> None:
    """Enables or disables an organization."""
    await tx.execute(_SWITCH, {"at_id": id, "active": active})


async def due_appointments(tx: Transaction, before: datetime, limit: int) -> list[tuple[str, str]]:
    """Returns organization and id of appointments whose `clock_end_at` is `before` or earlier."""
    return await tx.fetch(_DUE, {"before": before, "limit": limit})


async def oldest_due(tx: Transaction, before: datetime) -> datetime | None:
    """Returns the earliest `clock_end_at` that is `before` or earlier; None when there is none."""
    rows = await tx.fetch(_OLDEST_DUE, {"before": before})
    return rows[0][0] if rows else None


async def settle_organization(tx: Transaction, row: OrganizationRow) -> None:
    """Stores what an organization has set for its pages."""
    values = {
        "language": row.language,
        "contact": row.contact,
        "shows_cancel_reason": row.shows_cancel_reason,
    }
    await tx.execute(_SETTLE, {"at_id": row.id, **values})


async def home_of_participant(tx: Transaction, id: str) -> HomeRow | None:
    """Returns a participant's organization, or None."""
    rows = await tx.fetch(_HOME, {"id": id})
    return rows[0] if rows else None


async def home_of_seat(tx: Transaction, id: str) -> SeatHome | None:
    """Returns where a seat stands, or None when it was given up."""
    rows = await tx.fetch(_SEAT_HOME, {"id": id})
    return rows[0] if rows else None


async def absent_seats(tx: Transaction) -> list[AbsentSeat]:
    """Returns the seats whose socket is gone."""
    return await tx.fetch(_ABSENT_SEATS, {})


async def holders(tx: Transaction) -> list[HolderRow]:
    """Returns which processes hold seats of which organizations."""
    return await tx.fetch(_HOLDERS, {})


async def stale_messages(tx: Transaction, before: datetime, limit: int) -> list[str]:
    """Returns the ids of organizations with messages of rooms that can be removed."""
    return [id for (id,) in await tx.fetch(_STALE_MESSAGES, {"before": before, "limit": limit})]


async def is_empty(tx: Transaction) -> bool:
    """Whether the database holds no organization yet."""
    rows = await tx.fetch(_IS_EMPTY, {})
    return int(rows[0][0]) == 0
