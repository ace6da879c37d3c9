"""A running service with the built-in room, and its API as an organizer uses it."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx2

from tests.service import EmbeddedService, Service

LIST = "/api/v1/appointments/"
NAMES = ("Anna", "Ben", "Chloe", "Dario", "Emine", "Farid", "Grace", "Hugo")
BUILTIN = {
    "CONNECT_ROOMS": "builtin",
    # So that an appointment that has just been booked can end by the clock within a test.
    "CONNECT_JOIN_CLOSES_AFTER_MINUTES": "0",
    "CONNECT_LOG_LEVEL": "info",
}
STAYS = """query ($id: ID!) { appointment(id: $id) { participants(first: 8) {
    nodes { uniqueId attendance(last: 10) { joinedAt leftAt } } } } }"""


class Appointment:
    """One appointment that was booked, with the links of its people in order."""

    def __init__(self, row: dict[str, Any]) -> None:
        self.id = str(row["id"])
        self.names = [str(person["display_name"]) for person in row["participants"]]
        self.people = [str(person["id"]) for person in row["participants"]]
        self.links = [str(person["access_link"]) for person in row["participants"]]

    @classmethod
    def of_graphql(cls, made: dict[str, Any]) -> "Appointment":
        """Returns one that was booked over GraphQL, without the ids of its people."""
        people = [
            {"id": "", "display_name": node["uniqueId"], "access_link": node["accessLink"]}
            for node in made["participants"]["nodes"]
        ]
        return cls({"id": made["id"], "participants": people})


class Office:
    """A service in a process of its own; the first of each appointment's people is its moderator."""

    def __init__(self, folder: Path, settings: dict[str, str], port: int | None = None) -> None:
        folder.mkdir(exist_ok=True)
        self.folder = folder
        self.settings = {"CONNECT_DATA_DIR": str(folder)} | BUILTIN | settings
        first = EmbeddedService(folder, self.settings, port=port)
        self.service: Service = first
        self.token = first.token
        self.url = settings.get("CONNECT_PUBLIC_URL", first.url)
        self._client = httpx2.AsyncClient(
            base_url=first.url, headers=first.headers, timeout=30, trust_env=False
        )

    async def book(self, count: int, *, begun: float = 60.0, **config: bool) -> Appointment:
        """Books for so many people; `begun` is for how many seconds the quarter of an hour has run."""
        start = datetime.now(UTC) - timedelta(seconds=begun)
        people = [
            {"unique_id": name.lower(), "display_name": name, "role": "participant"}
            for name in NAMES[:count]
        ]
        people[0]["role"] = "moderator"
        answer = await self._client.post(
            LIST,
            json={
                "title": "Passport renewal",
                "start_date_time": start.isoformat(),
                "duration_minutes": 15,
                "participants": people,
                "config": config or None,
            },
        )
        assert answer.status_code == 201, answer.text
        return Appointment(answer.json())

    async def complete(self, appointment: Appointment) -> None:
        """Completes it, as a back office does."""
        answer = await self._client.post(f"{LIST}{appointment.id}/complete/")
        assert answer.status_code == 200, answer.text

    async def look(self, link: str) -> str:
        """Returns the code with which a link answers."""
        answer = await self._client.get(link, headers={"Accept": "application/json"})
        return str(answer.json()["code"])

    async def status(self, appointment: Appointment) -> str:
        """Returns the status of an appointment."""
        return str((await self._client.get(f"{LIST}{appointment.id}/")).json()["status"])

    async def query(self, document: str, **variables: Any) -> Any:
        """Returns the data of a GraphQL operation."""
        body = {"query": document, "variables": variables}
        answer = (await self._client.post("/graphql", json=body)).json()
        assert "errors" not in answer, answer
        return answer["data"]

    async def stays(self, appointment: Appointment) -> dict[str, list[tuple[str, str | None]]]:
        """Returns when each person came and left."""
        data = await self.query(STAYS, id=appointment.id)
        return {
            node["uniqueId"]: [(stay["joinedAt"], stay["leftAt"]) for stay in node["attendance"]]
            for node in data["appointment"]["participants"]["nodes"]
        }

    async def events(self, appointment: Appointment) -> list[str]:
        """Returns the types of what happened to an appointment, in order."""
        return [event["type"] for event in await self._log(appointment)]

    async def told(self, appointment: Appointment) -> dict[str, list[str]]:
        """Returns when what happened to an appointment did so, by the type of the event."""
        times: dict[str, list[str]] = {}
        for event in await self._log(appointment):
            times.setdefault(event["type"], []).append(event["occurred_at"])
        return times

    async def _log(self, appointment: Appointment) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = []
        after: dict[str, str] = {}
        while True:
            answer = await self._client.get("/api/v1/events/", params=after)
            page = answer.json()
            found += [e for e in page["results"] if e["appointment_id"] == appointment.id]
            if not page["results"]:
                return found
            after = {"after": page["next_cursor"]}

    async def restart(self) -> None:
        """Ends the service as an operator does, and starts it again on the same data and port."""
        old = self.service
        await asyncio.to_thread(old.stop)
        self.service = Service(self.folder, self.settings, port=old.port)
        await asyncio.to_thread(self.service.wait)

    async def close(self) -> None:
        """Ends the service."""
        await self._client.aclose()
        await asyncio.to_thread(self.service.stop)


@asynccontextmanager
async def office(folder: Path, port: int | None = None, **settings: str) -> AsyncIterator[Office]:
    """Runs a service with settings of its own beside those of every test here."""
    running = await asyncio.to_thread(Office, folder, settings, port)
    try:
        yield running
    finally:
        await running.close()
