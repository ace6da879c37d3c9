"""The operations stand in Starlette's routing table, and the long way answers like the short one."""

from typing import Any

import httpx2
import pytest
from starlette.applications import Starlette
from starlette.routing import Mount, NoMatchFound

from rest.routes import OPERATIONS
from rest.routing import OperationRoute
from tests.contract.test_appointments import booking
from tests.people import Tenant

PREFIX = "/api/v1"


def operations(app: Starlette) -> list[OperationRoute]:
    return [each for each in app.routes if isinstance(each, OperationRoute)]


def test_the_routing_table_lists_every_operation(app: Starlette) -> None:
    listed = [(each.path, each.name, each.endpoint) for each in operations(app)]
    assert listed == [(PREFIX + each.path, each.operation_id, each.handler) for each in OPERATIONS]
    verbs = {method for each in operations(app) for method in each.methods}
    assert verbs == {"GET", "HEAD", "POST", "PATCH", "DELETE"}


def test_paths_are_made_of_names(app: Starlette) -> None:
    path = app.url_path_for("appointments_participants_retrieve", id="a", participant_id="p")
    assert path == f"{PREFIX}/appointments/a/participants/p/"
    with pytest.raises(NoMatchFound):
        app.url_path_for("appointments_retrieve")


def test_the_prefix_itself_is_a_taken_path(app: Starlette) -> None:
    assert PREFIX in [each.path for each in app.routes if isinstance(each, Mount)]


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "/appointments/", 200),
        ("HEAD", "/appointments/", 200),
        ("GET", "/appointments", 200),
        ("OPTIONS", "/appointments/", 200),
        ("PUT", "/appointments/", 405),
        ("GET", "/appointments/x.y/", 404),
        ("GET", "/nothing/", 404),
        ("POST", "/appointments/", 201),
    ],
)
async def test_the_router_leads_to_the_same_answers(
    app: Starlette, client: httpx2.AsyncClient, tenant: Tenant, method: str, path: str, status: int
) -> None:
    headers = {"Authorization": f"Token {tenant.write}"}
    sent: dict[str, Any] = {"json": booking()} if method == "POST" else {}
    short = await client.request(method, PREFIX + path, headers=headers, **sent)
    # Above it stands what leads past the router: here the router is asked.
    crossroads: Any = app.middleware_stack
    while type(crossroads).__name__ != "Crossroads":
        crossroads = getattr(crossroads, "app", None) or crossroads._app
    crossroads._below_rest = "nothing begins like this"
    long = await client.request(method, PREFIX + path, headers=headers, **sent)
    assert short.status_code == long.status_code == status
    assert short.headers.get("allow") == long.headers.get("allow")
