"""The shape of a database: its revision, tables, columns, indexes and constraints."""

import sqlite3
from contextlib import closing
from typing import Any

from .copies import file_of
from .state import apart

SHAPE = (
    "SELECT table_name, column_name, data_type, is_nullable, column_default"
    " FROM information_schema.columns WHERE table_schema = 'public' ORDER BY 1, 2",
    "SELECT indexname, indexdef FROM pg_indexes WHERE schemaname = 'public' ORDER BY 1",
    "SELECT conname, pg_get_constraintdef(oid) FROM pg_constraint"
    " WHERE connamespace = 'public'::regnamespace ORDER BY 1",
)
REVISION = "SELECT version_num FROM alembic_version"


def shape(url: str) -> Any:
    """Returns what two databases of one shape have in common."""
    if url.startswith("sqlite:"):
        with closing(sqlite3.connect(file_of(url))) as connection:
            query = "SELECT name, sql FROM sqlite_master ORDER BY name"
            found = connection.execute(query).fetchall()
            known = any(name == "alembic_version" for name, _ in found)
            return found, connection.execute(REVISION).fetchall() if known else []
    return apart(_of_server(url))


async def _of_server(url: str) -> Any:
    import asyncpg

    connection = await asyncpg.connect(url)
    try:
        found = [[tuple(row) for row in await connection.fetch(query)] for query in SHAPE]
        known = await connection.fetchval("SELECT to_regclass('public.alembic_version')")
        return found, [tuple(row) for row in await connection.fetch(REVISION)] if known else []
    finally:
        await connection.close()
