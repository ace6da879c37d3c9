"""Statements about what keyed writes answered."""

from sqlalchemy import bindparam, delete, insert, select, tuple_, update

from ..models import KeptOutcome
from ..scope import tenant, within
from ..tables import Idempotency
from .lists import columns

TABLE = Idempotency.__table__  # type: ignore[attr-defined]

_SLOT = (
    within(Idempotency),
    TABLE.c.key == bindparam("key"),
    TABLE.c.place == bindparam("place"),
)

GET = select(*columns(Idempotency, KeptOutcome)).where(*_SLOT)
REMOVE = delete(Idempotency).where(*_SLOT)
INSERT = insert(Idempotency).values(
    {
        name: tenant() if name == "organization_id" else bindparam(name)
        for name in TABLE.c.keys()  # noqa: SIM118
    }
)
OUTCOMES = (
    select(TABLE.c.key, TABLE.c.place, TABLE.c.outcome)
    .where(
        within(Idempotency),
        tuple_(TABLE.c.key, TABLE.c.place) > tuple_(bindparam("key"), bindparam("place")),
    )
    .order_by(TABLE.c.key, TABLE.c.place)
    .limit(bindparam("limit"))
)
CHANGE = update(Idempotency).where(*_SLOT).values(outcome=bindparam("new_outcome"))
NTH_OLDEST = (
    select(TABLE.c.created_at)
    .where(within(Idempotency))
    .order_by(TABLE.c.created_at)
    .limit(1)
    .offset(bindparam("skipped"))
)
REMOVE_UNTIL = delete(Idempotency).where(
    within(Idempotency), TABLE.c.created_at <= bindparam("until")
)
