"""The same promises through PgBouncer in transaction mode."""

from collections.abc import Iterator

import pytest

from db.engine import Database
from db.location import Server
from db.postgresql import PostgresDatabase
from tests.postgresql import Databases, PgBouncer

from .test_isolation import *  # noqa: F403
from .test_values import *  # noqa: F403


@pytest.fixture
def location(postgresql: Databases, pooler: PgBouncer) -> Iterator[Server]:
    """A database behind the pooler; in place of one of each engine."""
    with postgresql.one() as server:
        yield Server(pooler.dsn(server.dsn.rpartition("/")[2]))


def test_the_pooler_is_recognized(database: Database) -> None:
    assert isinstance(database, PostgresDatabase)
    assert database.is_pooled
