"""Leases: who has a duty, and passing it on. They belong to no organization."""

from typing import Any, NamedTuple

from ..engine import Transaction
from ..statement import Statement


class LeaseRow(NamedTuple):
    """Who has a duty, empty for nobody; `term` grows with every change."""

    holder: str
    term: int


_LEASE_OF = Statement("leases.LEASE_OF", LeaseRow)
_ADD: Statement[Any] = Statement("leases.ADD")
_PASS: Statement[Any] = Statement("leases.PASS")


async def find(tx: Transaction, name: str) -> LeaseRow | None:
    """Returns the lease of this name, or None while nobody ever had it."""
    rows = await tx.fetch(_LEASE_OF, {"name": name})
    return rows[0] if rows else None


async def add(tx: Transaction, name: str, holder: str) -> LeaseRow | None:
    """Inserts a lease that `holder` has; returns None when there is one."""
    made = LeaseRow(holder, 1)
    return made if await tx.execute(_ADD, {"name": name, **made._asdict()}) else None


async def hand_on(tx: Transaction, name: str, seen: LeaseRow, holder: str) -> LeaseRow | None:
    """Gives the lease to `holder`, if it is still as it was seen; returns None when it is not."""
    made = LeaseRow(holder, seen.term + 1)
    values = {
        "at_name": name,
        "from_holder": seen.holder,
        "from_term": seen.term,
        "to_holder": made.holder,
        "to_term": made.term,
    }
    return made if await tx.execute(_PASS, values) else None
