"""Compiles the statements of `db.statements`, beforehand into `statements.json` or when one is due.

Imported where SQLAlchemy is needed, by no server whose statements are compiled.
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
    """A statement reaches a tenant's table without the tenant filter."""


def written(name: str, arguments: tuple[Hashable, ...]) -> ClauseElement:
    """Returns the statement of this name: `module.NAME`, or `module.function` with arguments."""
    module, _, within = name.partition(".")
    found = getattr(import_module(f"{__package__}.statements.{module}"), within)
    return cast(ClauseElement, found(*arguments) if arguments else found)


def describe(clause: ClauseElement, dialect: str, *, crosses: bool = False) -> Description:
    """Compiles a statement; `crosses` when it has a reason to do without the tenant filter.

    Raises UnscopedStatement.
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
    """Returns `statements.json` as it is committed, a line for each statement."""
    lines = [
        f"{orjson.dumps(key(each.name, each.arguments)).decode()}: "
        + orjson.dumps(list(each.described(SQLITE))).decode()
        for each in statements()
    ]
    body = ",\n".join(sorted(lines))
    return f'{{"sources": "{fingerprint()}", "{SQLITE}": {{\n{body}\n}}}}\n'


def statements() -> Iterator[Statement[Any]]:
    """Yields every statement that there is, families in the variants that are common."""
    for module in QUERIES:
        for found in vars(import_module(f"{__package__}.queries.{module}")).values():
            if isinstance(found, Family):
                yield from (found(*arguments) for arguments in VARIANTS[found.name])
            elif isinstance(found, Statement):
                yield found
            elif isinstance(found, dict):
                yield from (each for each in found.values() if isinstance(each, Statement))
