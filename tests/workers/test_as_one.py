"""Four workers on one database are to a client what one process is."""

import inspect
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import AbstractContextManager
from pathlib import Path
from shutil import copy

import httpx2
import pytest

from db.ids import new_id
from db.location import Location, SqliteFile
from tests.contract import conftest, test_appointments, test_participants, test_retries
from tests.contract.recording import add_keys, replayed
from tests.live import proofs
from tests.people import Tenant, add_tenant
from tests.workers.four import COUNT, Four, four, spread

FACED = {"face", "other_face", "foreign_face", "client", "tenant", "other_tenant"}

# Scenarios that need nothing but a client run here as they do against the application itself.
globals().update(
    {
        f"{name}_with_four": function
        for module in (test_appointments, test_participants, test_retries)
        for name, function in vars(module).items()
        if name.startswith("test_") and set(inspect.signature(function).parameters) <= FACED
    }
)

face, other_face, foreign_face = conftest.face, conftest.other_face, conftest.foreign_face


@pytest.fixture(scope="module")
def locations(
    request: pytest.FixtureRequest, dialect: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Location]:
    """A migrated database for all tests here."""
    if dialect == "postgresql":
        with request.getfixturevalue("postgresql").one() as server:
            yield server
        return
    path = tmp_path_factory.mktemp("four") / "connect.db"
    copy(request.getfixturevalue("migrated"), path)
    yield SqliteFile(path)


@pytest.fixture(scope="module")
def running(locations: Location, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Four]:
    """Four workers."""
    with four(tmp_path_factory.mktemp("four"), locations, proofs.CROWD) as running:
        yield running


@pytest.fixture
async def client(running: Four) -> AsyncIterator[httpx2.AsyncClient]:
    async with spread(running.port) as client:
        yield client


@pytest.fixture
async def tenant(running: Four) -> Tenant:
    async with running.services() as services:
        return await add_tenant(services, f"Consulate General {new_id()}")


@pytest.fixture
async def other_tenant(running: Four) -> Tenant:
    async with running.services() as services:
        return await add_tenant(services, f"Embassy of Elsewhere {new_id()}")


async def test_the_recorded_conversation_goes_the_same_way(
    running: Four, client: httpx2.AsyncClient
) -> None:
    async with running.services() as services:
        await add_keys(services)
    assert await replayed(client) == []


async def test_every_worker_had_a_part_in_it(client: httpx2.AsyncClient) -> None:
    lines = (await client.get("/metrics")).text.splitlines()
    counts = {
        worker: sum(
            float(line.split()[-1])
            for line in lines
            if line.startswith("connect_requests_total{") and f'worker="{worker}"' in line
        )
        for worker in range(COUNT)
    }
    assert min(counts.values()) > 20, counts


Serve = Callable[[Path], AbstractContextManager[Four]]


@pytest.fixture
def serve(location: Location) -> Serve:
    """Starts four workers on a database of the test's own."""
    return lambda folder: four(folder, location, proofs.CROWD)


async def test_ledgers_are_complete_over_four_workers(tmp_path: Path, serve: Serve) -> None:
    proof = await proofs.ledgers(tmp_path, subscribers=8, events=150, aborts=40, serve=serve)
    assert proof.holds, proof.words


async def test_events_arrive_quickly_from_other_workers(tmp_path: Path, serve: Serve) -> None:
    # The machine of the tests may be busy; measured alone the median is a tenth of this.
    proof = await proofs.latency(tmp_path, 3, subscribers=8, writers=2, serve=serve, most_ms=300)
    assert proof.holds, proof.words
