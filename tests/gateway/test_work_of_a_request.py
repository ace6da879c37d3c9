"""The cost of a request, measured by the number of function calls rather than by time."""

import gc
import sys
from collections.abc import Awaitable, Callable
from types import FrameType
from typing import Any

import orjson
import pytest
from starlette.applications import Starlette

from tests.contract.test_appointments import booking
from tests.people import Tenant

pytestmark = pytest.mark.sqlite("counts the calls of a read that no network answers")

LIST = "/api/v1/appointments/"
PAGE = "{ appointments(first: %d) { nodes { id title organization { name } participants { nodes { id accessLink } } } } }"


class Calls:
    """Counts Python functions that are called or resumed while the block runs."""

    def __init__(self) -> None:
        self.count = 0

    def _note(self, frame: FrameType, event: str, argument: object) -> None:
        self.count += event == "call"

    def __enter__(self) -> "Calls":
        # A collection would call finalizers of objects that other tests left behind.
        gc.disable()
        sys.setprofile(self._note)
        return self

    def __exit__(self, *_: object) -> None:
        sys.setprofile(None)
        gc.enable()


CallsOf = Callable[..., Awaitable[int]]


@pytest.fixture
def calls_of(app: Starlette, tenant: Tenant) -> CallsOf:
    """Requests a path without an HTTP client; returns how many calls that took."""

    async def ask(path: str, query: str = "") -> int:
        body = orjson.dumps({"query": query}) if query else b""
        scope: dict[str, Any] = {
            "type": "http", "method": "POST" if query else "GET", "path": path, "raw_path": path.encode(),
            "query_string": b"", "root_path": "", "scheme": "http", "http_version": "1.1",
            "client": ("127.0.0.1", 1), "server": ("testserver", 80),
            "headers": [
                (b"host", b"testserver"), (b"authorization", f"Token {tenant.write}".encode()),
                (b"content-type", b"application/json"),
            ],
            "state": dict(app.state.lifespan),
        }  # fmt: skip
        statuses = []

        async def receive() -> dict[str, Any]:
            return {"type": "http.request", "body": body}

        async def send(message: dict[str, Any]) -> None:
            statuses.append(message.get("status"))

        with Calls() as calls:
            await app(scope, receive, send)  # type: ignore[arg-type]
        assert statuses == [200, None]
        return calls.count

    return ask


@pytest.fixture
async def made(client: Any, tenant: Tenant) -> str:
    """The path of an appointment among twenty."""
    headers = {"Authorization": f"Token {tenant.write}"}
    paths = []
    for _ in range(20):
        answer = await client.post(LIST, headers=headers, json=booking())
        paths.append(f"{LIST}{answer.json()['id']}/")
    return paths[0]


@pytest.mark.sqlite("the driver of PostgreSQL makes calls of its own")
async def test_one_appointment_costs_few_calls(calls_of: CallsOf, made: str) -> None:
    await calls_of(made)
    # 149 when this was written, half of them behind the gate; 266 with the router.
    assert await calls_of(made) <= 175


@pytest.mark.sqlite("the driver of PostgreSQL makes calls of its own")
async def test_a_row_of_a_page_costs_no_call(calls_of: CallsOf, made: str) -> None:
    await calls_of(LIST)
    # 170 when this was written, for twenty rows; each row took another eleven before.
    assert await calls_of(LIST) <= 200


async def test_a_row_of_a_graphql_page_costs_few_calls(calls_of: CallsOf, made: str) -> None:
    calls = {}
    for first in (10, 20):
        for _ in range(2):  # read, compiled
            await calls_of("/graphql", PAGE % first)
        # The least of a few, because what else the loop has to do is counted with one of them.
        calls[first] = min([await calls_of("/graphql", PAGE % first) for _ in range(10)])
    people = len(booking()["participants"])
    # 15 for an appointment and 3 for a participant when this was written; 22 and 6 before.
    assert calls[20] - calls[10] <= 10 * (16 + 3 * people)
