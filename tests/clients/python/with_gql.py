"""Appointments through gql."""

from pathlib import Path
from typing import Any

from gql import Client, GraphQLRequest, gql
from gql.transport.aiohttp import AIOHTTPTransport
from gql.transport.exceptions import TransportQueryError

OPERATIONS = gql(Path("operations.graphql").read_text())


class SignedOut(Exception):
    """The service refuses the token."""


def connect(url: str, token: str) -> Client:
    headers = {"Authorization": f"Bearer {token}"}
    return Client(transport=AIOHTTPTransport(f"{url}/graphql", headers=headers))


def execute(client: Client, operation: str, **variables: Any) -> dict[str, Any]:
    request = GraphQLRequest(OPERATIONS, variable_values=variables, operation_name=operation)
    try:
        return client.execute(request)
    except TransportQueryError as refused:
        codes = {error["extensions"]["code"] for error in refused.errors or ()}
        if "UNAUTHENTICATED" in codes:
            raise SignedOut from refused
        raise


def list_appointments(client: Client, person: str, first: int = 20) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = []
    after = None
    while True:
        page = execute(client, "Appointments", person=person, first=first, after=after)
        found += [edge["node"] for edge in page["appointments"]["edges"]]
        if not page["appointments"]["pageInfo"]["hasNextPage"]:
            return found
        after = page["appointments"]["pageInfo"]["endCursor"]


def book(client: Client, booking: dict[str, Any]) -> str:
    match execute(client, "Book", input=booking)["createAppointment"]:
        case {"__typename": "AppointmentCreated", "appointment": {"startDateTime": start}}:
            return f"booked for {start}"
        case {"__typename": "ValidationFailed", "fields": fields}:
            return "\n".join(f"{'.'.join(each['path'])}: {each['message']}" for each in fields)
    return "not booked"


def rename(client: Client, id: str, title: str, expected_version: int | None = None) -> str:
    answer = execute(client, "Rename", id=id, title=title, expectedVersion=expected_version)
    match answer["updateAppointment"]:
        case {"__typename": "AppointmentUpdated", "appointment": {"title": title}}:
            return f"now called {title}"
        case {"__typename": "ValidationFailed", "fields": fields}:
            return "\n".join(f"{'.'.join(each['path'])}: {each['message']}" for each in fields)
        case {"__typename": "VersionConflict", "currentVersion": version}:
            return f"changed by somebody else, now at version {version}"
        case {"__typename": "NotAllowedInStatus", "status": status}:
            return f"not while it is {status}"
        case {"__typename": "NotFound", "id": missing}:
            return f"no appointment {missing}"
    return "not renamed"  # null, or a problem that was added to the schema later
