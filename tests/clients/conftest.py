"""A server for the clients, and workshops in which everything that the page says was done."""

from collections.abc import Iterator

import httpx2
import pytest

from tests.service import EmbeddedService

from . import page
from .workshop import Workshop, with_generators, with_node

DOWNLOADS = "curl"
OF_NODE = "npx"
BOOKING = {
    "title": "Called off",
    "start_date_time": "2031-03-01T09:00:00Z",
    "duration_minutes": 30,
    "participants": [],
}


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[EmbeddedService]:
    """The service in a process of its own."""
    service = EmbeddedService(tmp_path_factory.mktemp("server"))
    try:
        yield service
    finally:
        service.stop()


@pytest.fixture(scope="session")
def typescript(tmp_path_factory: pytest.TempPathFactory, server: EmbeddedService) -> Workshop:
    """The clients of TypeScript, generated and bundled."""
    workshop = with_node(tmp_path_factory.mktemp("typescript") / "clients", server.url)
    for command in page.commands():
        if command.startswith((DOWNLOADS, OF_NODE)):
            workshop.must(command)
    workshop.must("node build.mjs")
    return workshop


@pytest.fixture(scope="session")
def python(tmp_path_factory: pytest.TempPathFactory, server: EmbeddedService) -> Workshop:
    """The clients of Python, generated."""
    workshop = with_generators(tmp_path_factory.mktemp("python") / "clients", server.url)
    for command in page.commands():
        if not command.startswith(OF_NODE):
            workshop.must(command)
    return workshop


@pytest.fixture(scope="session")
def cancelled(server: EmbeddedService) -> str:
    """The id of an appointment that was called off."""
    with httpx2.Client(base_url=f"{server.url}/api/v1", headers=server.headers) as client:
        id = client.post("/appointments/", json=BOOKING).json()["id"]
        client.post(f"/appointments/{id}/cancel/", json={}).raise_for_status()
    return str(id)


@pytest.fixture
def surroundings(client_name: str, server: EmbeddedService, cancelled: str) -> dict[str, str]:
    """What a scenario reads from its environment; each client books for a person of its own."""
    person = f"{client_name}@example.org"
    return {"URL": server.url, "TOKEN": server.token, "PERSON": person, "CANCELLED": cancelled}
