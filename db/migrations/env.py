"""Runs migrations in a transaction; called by Alembic through `db.migrate`."""

import asyncio

from alembic import context
from sqlalchemy import Connection, create_engine, event, pool, text
from sqlmodel import SQLModel

import db.tables  # noqa: F401  (registers the tables)
from db.location import Server
from db.sqlite import pragmas

# "Consular", so that nobody else who shares the database takes the same number by chance.
TURN = 0x436F6E73756C6172
TURN_SECONDS = 120
# Whoever waits for a table lets everybody wait who comes later: not for longer than this.
TABLE_SECONDS = 5


def migrate(connection: Connection) -> None:
    """Runs the migrations that Alembic was asked for."""
    context.configure(
        connection=connection,
        target_metadata=SQLModel.metadata,
        render_as_batch=True,
        transactional_ddl=True,
        on_version_apply=_tell,
    )
    with context.begin_transaction():
        context.run_migrations()


def _tell(*, step, **unused) -> None:  # type: ignore[no-untyped-def]
    context.config.attributes["steps"].reach(step.up_revision_id)


def migrate_file(url: str) -> None:
    """Migrates a file in one transaction."""
    engine = create_engine(url, poolclass=pool.NullPool)

    # The driver would commit before every CREATE. An explicit BEGIN makes a failed migration leave
    # nothing behind, and makes two processes that start together take turns.
    @event.listens_for(engine, "connect")
    def _by_hand(connection, record):  # type: ignore[no-untyped-def]
        connection.isolation_level = None
        connection.execute(pragmas.waiting(pragmas.TURN_SECONDS))
        pragmas.enter_wal(connection)

    @event.listens_for(engine, "begin")
    def _immediate(connection):  # type: ignore[no-untyped-def]
        connection.exec_driver_sql("BEGIN IMMEDIATE")

    with engine.begin() as connection:
        migrate(connection)


async def migrate_server(dsn: str) -> None:
    """Migrates a database on a server in one transaction, when no other process does."""
    from sqlalchemy.ext.asyncio import create_async_engine

    from db.postgresql.inspection import connect

    engine = create_async_engine(
        "postgresql+asyncpg://",
        async_creator=lambda: connect(dsn),
        poolclass=pool.NullPool,
        connect_args={"prepared_statement_cache_size": 0},
    )
    _without_json(engine.sync_engine.dialect)
    try:
        async with engine.begin() as connection:
            await connection.run_sync(_in_turn)
    finally:
        await engine.dispose()


def _without_json(dialect) -> None:  # type: ignore[no-untyped-def]
    """Keeps the driver from asking about types outside of a transaction, which a pooler breaks."""

    async def nothing(connection) -> None:  # type: ignore[no-untyped-def]
        return

    dialect.setup_asyncpg_json_codec = dialect.setup_asyncpg_jsonb_codec = nothing


def _in_turn(connection: Connection) -> None:
    # The lock ends with the transaction: one of the session would stay with a pooler's connection.
    connection.execute(text(f"SET LOCAL lock_timeout = '{TURN_SECONDS}s'"))
    connection.execute(text(f"SELECT pg_advisory_xact_lock({TURN})"))
    connection.execute(text(f"SET LOCAL lock_timeout = '{TABLE_SECONDS}s'"))
    migrate(connection)


location = context.config.attributes["location"]
if isinstance(location, Server):
    asyncio.run(migrate_server(location.dsn))
else:
    migrate_file(f"sqlite:///{location.path}")
