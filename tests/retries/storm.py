"""Clients that send the same writes under the same keys until each has its answer."""

import asyncio
import random
from collections.abc import Callable
from typing import Any, NamedTuple

from tests.faults.wire import Answer, Cut, Line, NotSent

REST = "/api/v1/appointments/"
START = "2031-03-10T09:00:00Z"
CREATE = f"""mutation($title: String!, $name: String!) {{ createAppointment(input: {{title: $title,
  startDateTime: "{START}", durationMinutes: 30, participants: [{{uniqueId: $name, role: MODERATOR}}]
}}) {{ ... on AppointmentCreated {{ appointment {{ id title createdAt version
  participants {{ nodes {{ id uniqueId accessLink }} }} }} }} }} }}"""
TRY_AGAIN = (409, 429, 503)


class Job(NamedTuple):
    """One write: REST's or GraphQL's, by its number."""

    number: int

    @property
    def title(self) -> str:
        return f"title {self.number}"

    @property
    def is_rest(self) -> bool:
        return self.number % 2 == 0

    async def send(self, line: Line, port: int, token: str) -> Answer:
        headers = {"Authorization": f"Bearer {token}", "Idempotency-Key": f'"key {self.number}"'}
        name = f"person {self.number}"
        if self.is_rest:
            body: Any = {"title": self.title, "start_date_time": START, "duration_minutes": 30}
            body["participants"] = [{"unique_id": name, "role": "moderator"}]
            return await line.ask(port, "POST", REST, body, **headers)
        asked = {"query": CREATE, "variables": {"title": self.title, "name": name}}
        return await line.ask(port, "POST", "/graphql", asked, **headers)


class Storm:
    """So many clients that each send every write, in about the same order."""

    def __init__(self, port: Callable[[], int], token: str, keys: int, clients: int) -> None:
        self._port = port
        self._token = token
        self._jobs = [Job(number) for number in range(keys)]
        self._clients = clients
        self.answers: dict[Job, set[bytes]] = {job: set() for job in self._jobs}
        self._tasks: list[asyncio.Task[None]] = []
        self.answered = 0
        self.replayed = 0
        self.cut = 0

    def begin(self) -> None:
        """Lets the clients begin."""
        self._tasks = [asyncio.ensure_future(self._client()) for _ in range(self._clients)]

    async def reach(self, answers: int) -> None:
        """Waits until so many answers have come; raises what went wrong in a client."""
        while self.answered < answers:
            await asyncio.sleep(0.002)
            for task in self._tasks:
                if task.done():
                    task.result()

    async def finish(self) -> None:
        """Returns when every client has an answer to every write."""
        await asyncio.gather(*self._tasks)

    def end(self) -> None:
        """Stops those who still send."""
        for task in self._tasks:
            task.cancel()

    @property
    def wanted(self) -> int:
        """How many answers there are in the end."""
        return len(self._jobs) * self._clients

    async def _client(self) -> None:
        line = Line()
        try:
            for job in self._jobs:
                await self._until_answered(line, job)
                await asyncio.sleep(random.random() * 0.01)
        finally:
            line.close()

    async def _until_answered(self, line: Line, job: Job) -> None:
        while True:
            try:
                answer = await job.send(line, self._port(), self._token)
            except NotSent:
                await asyncio.sleep(0.02)
                continue
            except Cut:
                self.cut += 1
                continue
            if answer.status in TRY_AGAIN:
                await asyncio.sleep(0.05)
                continue
            assert answer.status == (201 if job.is_rest else 200), (answer.status, answer.body)
            self.answers[job].add(answer.body)
            self.answered += 1
            self.replayed += answer.headers.get("idempotency-replayed") == "true"
            return
