"""Without a condition, concurrent changes of different fields all stay, whichever face made them."""

import asyncio
from pathlib import Path
from typing import Any

import httpx2
import pytest

from db.location import Location
from tests.histories.cluster import Cluster, cluster

REST = "/api/v1/appointments/"
MUTATION = (
    "mutation($id: ID!, $changes: AppointmentChanges!) { updateAppointment(id: $id, changes: "
    "$changes) { __typename ... on AppointmentUpdated { appointment { version } } } }"
)
BODY = {"title": "T", "start_date_time": "2030-01-01T12:00:00Z", "duration_minutes": 60, "participants": []}  # fmt: skip
ROUNDS = 25


class Clients:
    """A client for each process, used in turns."""

    def __init__(self, running: Cluster) -> None:
        headers = {"Authorization": f"Bearer {running.token}"}
        self._clients = [httpx2.AsyncClient(base_url=url, headers=headers) for url in running.urls]
        self._turn = 0

    @property
    def next(self) -> httpx2.AsyncClient:
        self._turn += 1
        return self._clients[self._turn % len(self._clients)]

    async def rest(self, id: str, **changes: Any) -> None:
        reply = await self.next.patch(f"{REST}{id}/", json=changes)
        assert reply.status_code == 200, reply.text

    async def graphql(self, id: str, **changes: Any) -> None:
        variables = {"id": id, "changes": changes}
        reply = await self.next.post("/graphql", json={"query": MUTATION, "variables": variables})
        assert reply.json()["data"]["updateAppointment"]["__typename"] == "AppointmentUpdated"

    async def close(self) -> None:
        for each in self._clients:
            await each.aclose()


async def race(running: Cluster) -> None:
    clients = Clients(running)
    made = (await clients.next.post(REST, json=BODY)).json()
    id = made["id"]
    for at in range(1, ROUNDS + 1):
        flag, start = bool(at % 2), f"2030-01-01T12:{at:02}:00Z"
        await asyncio.gather(
            clients.rest(id, title=f"T{at}"),
            clients.graphql(id, durationMinutes=60 + at),
            clients.rest(id, start_date_time=start),
            clients.graphql(id, config={"chatEnabled": flag}),
        )
        reply = await clients.next.get(f"{REST}{id}/")
        seen = reply.json()
        assert seen["title"] == f"T{at}"
        assert seen["duration_minutes"] == 60 + at
        assert seen["start_date_time"] == start
        assert seen["config"] == {"chat_enabled": flag}
        # Each of the four was made once.
        assert reply.headers["etag"] == f'"{4 * at + 1}"'
    await clients.close()


@pytest.mark.parametrize("processes", [1, 2])
def test_changes_of_different_fields_all_stay(
    tmp_path: Path, location: Location, processes: int
) -> None:
    with cluster(tmp_path, location, processes) as running:
        asyncio.run(race(running))
