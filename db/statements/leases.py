"""Statements on leases: each change is a compare-and-swap."""

from sqlalchemy import bindparam, select, update
from sqlalchemy.dialects.postgresql import insert

from ..tables import Lease

LEASE = Lease.__table__  # type: ignore[attr-defined]

LEASE_OF = select(LEASE.c.holder, LEASE.c.term).where(LEASE.c.name == bindparam("name"))
# SQLite understands the clause as well: of two processes that begin together one is first.
ADD = (
    insert(Lease)
    .values({name: bindparam(name) for name in LEASE.c.keys()})  # noqa: SIM118
    .on_conflict_do_nothing()
)
PASS = (
    update(Lease)
    .where(
        LEASE.c.name == bindparam("at_name"),
        LEASE.c.holder == bindparam("from_holder"),
        LEASE.c.term == bindparam("from_term"),
    )
    .values(holder=bindparam("to_holder"), term=bindparam("to_term"))
)
