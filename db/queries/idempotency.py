"""Reading and writing what keyed writes answered."""

from datetime import datetime
from typing import Any

from ..engine import Tenancy
from ..models import KeptOutcome, StoredOutcome
from ..statement import Statement

_GET = Statement("idempotency.GET", KeptOutcome)
_OUTCOMES = Statement("idempotency.OUTCOMES", StoredOutcome)
_CHANGE: Statement[Any] = Statement("idempotency.CHANGE")
_INSERT: Statement[Any] = Statement("idempotency.INSERT")
_REMOVE: Statement[Any] = Statement("idempotency.REMOVE")
_NTH_OLDEST: Statement[Any] = Statement("idempotency.NTH_OLDEST")
_REMOVE_UNTIL: Statement[Any] = Statement("idempotency.REMOVE_UNTIL")


async def get(tx: Tenancy, key: str, place: str) -> KeptOutcome | None:
    """Returns what is kept for a place under a key, also when it is too old; or None."""
    return await tx.fetch_one(_GET, key=key, place=place)


async def add(tx: Tenancy, key: str, place: str, kept: KeptOutcome) -> None:
    """Keeps an outcome where none is kept."""
    await tx.execute(_INSERT, key=key, place=place, **kept._asdict())


async def remove(tx: Tenancy, key: str, place: str) -> None:
    """Removes what is kept for a place under a key."""
    await tx.execute(_REMOVE, key=key, place=place)


async def outcomes(tx: Tenancy, after: tuple[str, str], limit: int) -> list[StoredOutcome]:
    """Returns outcomes in the order of key and place, behind one of them."""
    key, place = after
    return await tx.fetch(_OUTCOMES, key=key, place=place, limit=limit)


async def change(tx: Tenancy, stored: StoredOutcome) -> None:
    """Stores another outcome in its place, if one is still kept there."""
    await tx.execute(_CHANGE, key=stored.key, place=stored.place, new_outcome=stored.outcome)


async def remove_oldest(tx: Tenancy, before: datetime, limit: int) -> int:
    """Removes what was kept at `before` or earlier, about `limit` at most; returns how many."""
    beyond = await tx.fetch_one(_NTH_OLDEST, skipped=limit - 1)
    until = min(before, beyond[0]) if beyond else before
    return await tx.execute_large(_REMOVE_UNTIL, until=until)
