"""Compiles the statements of `db.statements`: ahead of time into `statements.json`, or on demand.

Imports SQLAlchemy, so a server whose statements are all precompiled never imports this module.
"""

from collections.abc import Hashable, Iterator
from importlib import import_module
from typing import Any, cast

import orjson
from sqlalchemy import Boolean, ClauseElement, Dialect, SelectBase
from sqlalchemy.dialects import sqlite
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.types import TypeEngine

from .precompiled import Description, fingerprint, key
from .scope import PARAMETER, unfiltered
from .statement import SQLITE, Family, Statement
from .statements.variants import VARIANTS
from .values import FLAG

DIALECTS: dict[str, Dialect] = {SQLITE: sqlite.dialect(paramstyle="qmark")}
QUERIES = ("appointments", "events", "participants", "system")


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
    chosen = DIALECTS[dialect]
    compiled = cast(SQLCompiler, clause.compile(dialect=chosen))
    binds = {name: compiled.binds[name] for name in compiled.positiontup or compiled.params}
    stores = {name: _stored(bind.type, chosen) for name, bind in binds.items()}
    return Description(
        text=str(compiled),
        names=list(compiled.positiontup or binds),
        defaults={
            name: bind.value
            for name, bind in binds.items()
            if not bind.required and name != PARAMETER
        },
        stores={name: kind for name, kind in stores.items() if kind},
        reads=[_read(each.type, chosen) for each in getattr(clause, "exported_columns", ())],
        only_reads=isinstance(clause, SelectBase),
    )


def _stored(type: TypeEngine[Any], dialect: Dialect) -> str | None:
    return _kind(type) if type.dialect_impl(dialect).bind_processor(dialect) else None


def _read(type: TypeEngine[Any], dialect: Dialect) -> str | None:
    return _kind(type) if type.dialect_impl(dialect).result_processor(dialect, None) else None


def _kind(type: TypeEngine[Any]) -> str:
    return FLAG if isinstance(type, Boolean) else cast(Any, type).kind


def committed() -> str:
    """Returns the content of `statements.json`, with one line for each statement."""
    lines = [
        f"{orjson.dumps(key(each.name, each.arguments)).decode()}: "
        + orjson.dumps(list(each.described(SQLITE))).decode()
        for each in statements()
    ]
    body = ",\n".join(sorted(lines))
    return f'{{"sources": "{fingerprint()}", "{SQLITE}": {{\n{body}\n}}}}\n'


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
