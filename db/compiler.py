"""Compiles the statements of `db.statements`: ahead of time into `statements.json`, or on demand.

Imports SQLAlchemy, so a server whose statements are all precompiled never imports this module.
"""

from collections.abc import Hashable, Iterator
from importlib import import_module
from typing import Any, cast

import orjson
from sqlalchemy import Boolean, ClauseElement, Dialect, SelectBase
from sqlalchemy.dialects import sqlite
from sqlalchemy.dialects.postgresql import asyncpg
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.types import TypeEngine

from .precompiled import Description, fingerprint, key
from .scope import PARAMETER, unfiltered
from .statement import Family, Statement
from .statements.lists import form_of
from .statements.variants import VARIANTS
from .values import FLAG, POSTGRESQL, READS, SQLITE, STORES

DIALECTS: dict[str, Dialect] = {
    SQLITE: sqlite.dialect(paramstyle="qmark"),
    POSTGRESQL: asyncpg.dialect(),  # type: ignore[no-untyped-call]
}
QUERIES = (
    "appointments",
    "events",
    "histogram",
    "idempotency",
    "leases",
    "participants",
    "rooms",
    "system",
)


class UnscopedStatement(Exception):
    """A statement uses a tenant's table without the tenant filter."""


def written(name: str, arguments: tuple[Hashable, ...]) -> ClauseElement:
    """Returns the clause with this name: `module.NAME`, or the result of `module.function`."""
    module, _, within = name.partition(".")
    found = getattr(import_module(f"{__package__}.statements.{module}"), within)
    return cast(ClauseElement, found(*arguments) if arguments else found)


def describe(clause: ClauseElement, dialect: str, *, crosses: bool = False) -> Description:
    """Compiles a statement.

    Raises UnscopedStatement if the tenant filter is missing, unless `crosses` allows that.
    """
    missing = unfiltered(clause)
    if missing and not crosses:
        raise UnscopedStatement(
            f"filter {', '.join(sorted(missing))} with db.scope.within(): {clause}"
        )
    chosen, clause = DIALECTS[dialect], form_of(clause, dialect)
    compiled = cast(SQLCompiler, clause.compile(dialect=chosen))
    binds = {name: compiled.binds[name] for name in compiled.positiontup or compiled.params}
    stores = {name: _kind(bind.type) for name, bind in binds.items()}
    reads = [_kind(each.type) for each in getattr(clause, "exported_columns", ())]
    return Description(
        text=str(compiled),
        names=list(compiled.positiontup or binds),
        defaults={
            name: bind.value
            for name, bind in binds.items()
            if not bind.required and name != PARAMETER
        },
        stores={name: kind for name, kind in stores.items() if kind in STORES[dialect]},
        reads=[kind if kind in READS[dialect] else None for kind in reads],
        only_reads=isinstance(clause, SelectBase),
    )


def _kind(type: TypeEngine[Any]) -> str:
    return FLAG if isinstance(type, Boolean) else getattr(type, "kind", "")


def committed() -> str:
    """Returns the content of `statements.json`, with one line for each statement."""
    bodies = [f'"{dialect}": {{\n{_body(dialect)}\n}}' for dialect in DIALECTS]
    return f'{{"sources": "{fingerprint()}", {", ".join(bodies)}}}\n'


def _body(dialect: str) -> str:
    lines = [
        f"{orjson.dumps(key(each.name, each.arguments)).decode()}: "
        + orjson.dumps(list(each.described(dialect))).decode()
        for each in statements()
    ]
    return ",\n".join(sorted(lines))


def statements() -> Iterator[Statement[Any]]:
    """Yields every statement, and the common variants of each family."""
    for module in QUERIES:
        for found in vars(import_module(f"{__package__}.queries.{module}")).values():
            if isinstance(found, Family):
                yield from (found(*arguments) for arguments in VARIANTS[found.name])
            elif isinstance(found, Statement):
                yield found
            elif isinstance(found, dict):
                yield from (each for each in found.values() if isinstance(each, Statement))
