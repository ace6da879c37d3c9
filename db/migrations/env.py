"""Runs migrations in one transaction; called by Alembic through `db.migrate`."""

from alembic import context
from sqlalchemy import create_engine, event, pool
from sqlmodel import SQLModel

import db.tables  # noqa: F401  (registers the tables)
from db.sqlite import pragmas

engine = create_engine(context.config.attributes["url"], poolclass=pool.NullPool)

if engine.dialect.name == "sqlite":
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
    context.configure(
        connection=connection,
        target_metadata=SQLModel.metadata,
        render_as_batch=True,
        transactional_ddl=True,
    )
    with context.begin_transaction():
        context.run_migrations()
