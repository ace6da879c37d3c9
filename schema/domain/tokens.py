"""Whether a token is good: one rule, asked when somebody signs in and while they follow."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from db.models import TokenRow


class Refusal(NamedTuple):
    """Why a token is not good: which case it is, and what to answer."""

    reason: str
    message: str


INVALID = Refusal("invalid", "Invalid token.")
INACTIVE = Refusal("inactive", "User inactive or deleted.")


def refusal_of(row: TokenRow | None, now: datetime) -> Refusal | None:
    """Returns why a token is not good at this instant; None for a good one."""
    if row is None or row.revoked_at is not None:
        return INVALID
    if row.expires_at is not None and row.expires_at <= now:
        return INVALID
    return None if row.organization_is_active else INACTIVE
