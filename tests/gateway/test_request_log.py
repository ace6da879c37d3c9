"""One log line for each change, none for a read, on either face; concurrent lines do not mix."""

import json
from typing import Any

import pytest
from structlog.testing import capture_logs

from gateway import logs
from tests.contract.test_appointments import booking
from tests.people import Tenant

LIST = "/api/v1/appointments/"
READ = "{ appointments(first: 1) { totalCount } }"
CHANGE = 'mutation { deleteAppointment(id: "0") { __typename } }'


@pytest.mark.parametrize(
    ("method", "path", "body", "told"),
    [
        ("GET", LIST, None, []),
        ("POST", LIST, booking(), [("rest", "appointments_create")]),
        ("POST", "/graphql", {"query": READ}, []),
        ("POST", "/graphql", {"query": CHANGE}, [("graphql", "mutation")]),
    ],
)
async def test_only_changes_are_logged(
    client: Any, tenant: Tenant, method: str, path: str, body: Any, told: list[tuple[str, str]]
) -> None:
    headers = {"Authorization": f"Token {tenant.write}"}
    with capture_logs() as lines:
        response = await client.request(method, path, headers=headers, json=body)
    assert response.status_code < 300
    requests = [line for line in lines if line["event"] == "request"]
    assert [(line["face"], line["operation"]) for line in requests] == told


async def test_a_read_that_fails_is_logged(client: Any, tenant: Tenant) -> None:
    headers = {"Authorization": f"Token {tenant.write}"}
    with capture_logs() as lines:
        response = await client.post("/graphql", headers=headers, json={"query": ""})
    assert response.status_code == 400
    assert [line["status"] for line in lines if line["event"] == "request"] == [400]


def test_a_line_with_a_lone_surrogate_is_written_too() -> None:
    assert json.loads(logs._dumps({"event": "\ud800", "at": 1})) == {"event": "\ud800", "at": 1}
