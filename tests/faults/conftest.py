"""A PostgreSQL of their own, because others of the suite do not like theirs to be broken."""

from collections.abc import Iterator

import pytest

from tests.postgresql import PostgreSQL


@pytest.fixture(scope="session")
def breakable(request: pytest.FixtureRequest) -> Iterator[PostgreSQL]:
    """A server that tests may restart and cut off."""
    if request.config.getoption("--database") == "sqlite":
        pytest.skip("only SQLite was asked for")
    server = PostgreSQL(request.config.getoption("--postgresql"))
    try:
        yield server
    finally:
        server.stop()
