"""Fixtures for all tests: a migrated database, the application in process, a real server.

Real things throughout: a real SQLite file, a real PostgreSQL, the real application, a real socket for the browser.
"""

import threading
import time
from collections.abc import AsyncIterator, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import NamedTuple

import httpx2
import pytest
import uvicorn
from starlette.applications import Starlette

from db.location import Location, Server
from gateway.app import create_app
from gateway.settings import Settings
from gateway.wire.patience import PatientProtocol
from gateway.wire.socket import PatientSocket
from tests.people import Tenant, add_tenant
from tests.postgresql import fixtures
from tests.postgresql.fixtures import (
    dialect,
    empty,
    location,
    migrated,
    places,
    pooler,
    postgresql,
)
from tests.service import free_port

__all__ = ["dialect", "empty", "location", "migrated", "places", "pooler", "postgresql"]  # fixtures

NOON = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)


def pytest_addoption(parser: pytest.Parser) -> None:
    fixtures.add_options(parser)


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    fixtures.choose(metafunc)


class MovableClock:
    """A clock that stands still until a test moves it."""

    def __init__(self, start: datetime = NOON) -> None:
        self._now = start
        self._jumped = timedelta()

    def now(self) -> datetime:
        return self._now

    def move(self, **by: float) -> None:
        """Moves it, for instance `minutes=15`."""
        self._now += timedelta(**by)

    def set(self, instant: datetime) -> None:
        """Lets time pass up to an instant."""
        self._now = instant

    def jump(self, **by: float) -> None:
        """Sets it forward or back while no time passes."""
        self._jumped += timedelta(**by)
        self._now += timedelta(**by)

    def elapsed(self) -> float:
        """Returns the seconds that have passed, jumps left out."""
        return (self._now - self._jumped).timestamp()


@pytest.fixture
def settings(location: Location, tmp_path: Path) -> Settings:
    """Settings with a database of the test's own."""
    return Settings(
        data_dir=tmp_path,
        given_database=location if isinstance(location, Server) else None,
        given_public_url="http://testserver",
        secret_keys=("a-key-of-the-tests-0123456789abcdef",),
        cors_origins=("https://app.example",),
        log_level="error",
    )


@pytest.fixture
def clock() -> MovableClock:
    """A clock that the test moves."""
    return MovableClock()


@pytest.fixture
async def app(settings: Settings, clock: MovableClock) -> AsyncIterator[Starlette]:
    """The application with its lifespan running."""
    app = create_app(settings, clock)
    async with app.router.lifespan_context(app) as state:
        app.state.lifespan = state
        yield app


class InProcess:
    """The running application with the state that a server would hand to every request."""

    def __init__(self, app: Starlette) -> None:
        self.app = app

    async def __call__(self, scope, receive, send) -> None:
        scope["state"] = dict(self.app.state.lifespan)
        await self.app(scope, receive, send)


@pytest.fixture
async def client(app: Starlette) -> AsyncIterator[httpx2.AsyncClient]:
    """A client without a token."""
    transport = httpx2.ASGITransport(app=InProcess(app))
    async with httpx2.AsyncClient(transport=transport, base_url="http://testserver") as client:
        yield client


@pytest.fixture
async def tenant(app: Starlette) -> Tenant:
    """An organization with a token of each scope."""
    return await add_tenant(app.state.lifespan["services"], "Consulate General")


@pytest.fixture
async def other_tenant(app: Starlette) -> Tenant:
    return await add_tenant(app.state.lifespan["services"], "Embassy of Elsewhere")


@pytest.fixture
def token(tenant: Tenant) -> str:
    """A token with the scope `write`."""
    return tenant.write


class LiveServer(NamedTuple):
    url: str
    token: str
    clock: MovableClock


class OnThread(uvicorn.Server):
    """uvicorn on a thread of its own."""

    def install_signal_handlers(self) -> None:
        """Leaves signals to the tests."""


@pytest.fixture
def live_server(settings: Settings) -> Iterator[LiveServer]:
    """The application on a loopback port, with a token in a new organization."""
    import asyncio
    from dataclasses import replace

    from gateway.services import open_services

    port = free_port()
    settings = replace(
        settings, host="127.0.0.1", port=port, given_public_url=f"http://127.0.0.1:{port}"
    )
    clock = MovableClock(datetime.now(UTC))

    async def made() -> Tenant:
        async with open_services(settings) as services:
            return await add_tenant(services, "Consulate General")

    tenant = asyncio.run(made())
    config = uvicorn.Config(
        create_app(settings, clock),
        host="127.0.0.1",
        port=port,
        log_level="error",
        # Of ours, because it ends streams when the server stops; uvicorn's waits for them.
        http=PatientProtocol,
        ws=PatientSocket,
    )
    server = OnThread(config)
    thread = threading.Thread(target=server.run)
    thread.start()
    try:
        deadline = time.monotonic() + 20
        while not server.started:
            if time.monotonic() > deadline or not thread.is_alive():
                raise RuntimeError("the server did not start")
            time.sleep(0.01)
        yield LiveServer(f"http://127.0.0.1:{port}", tenant.write, clock)
    finally:
        server.should_exit = True
        thread.join(timeout=20)
