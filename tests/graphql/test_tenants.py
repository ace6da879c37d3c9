"""Two tenants: over every field and every operation a foreign id behaves exactly as an absent one."""

import re
from typing import Any

import httpx2
import pytest
from graphql import GraphQLObjectType, build_schema

from schema.build import sdl
from tests.contract.test_appointments import booking
from tests.faces import RestFace
from tests.people import Tenant

ABSENT = "01900000-0000-7000-8000-000000000000"
# One query or mutation for each root field that takes an id; `ID` is put in.
FIELDS = {
    "appointment": '{ appointment(id: "ID") { id title } }',
    "participant": '{ participant(id: "ID") { id uniqueId } }',
    "node": '{ node(id: "ID") { __typename id } }',
    "nodes": '{ nodes(ids: ["ID"]) { __typename id } }',
    "events": '{ events(appointmentId: "ID") { nodes { __typename id } } }',
    "updateAppointment": 'mutation { updateAppointment(id: "ID", changes: {title: "x"}) { __typename ...P } }',
    "deleteAppointment": 'mutation { deleteAppointment(id: "ID") { __typename ...P } }',
    "startAppointment": 'mutation { startAppointment(id: "ID") { __typename ...P } }',
    "completeAppointment": 'mutation { completeAppointment(id: "ID") { __typename ...P } }',
    "cancelAppointment": 'mutation { cancelAppointment(id: "ID", reason: "x") { __typename ...P } }',
    "addParticipants": 'mutation { addParticipants(appointmentId: "ID", participants: []) { __typename ...P } }',
    "removeParticipants": 'mutation { removeParticipants(appointmentId: "ID", participantIds: []) { __typename ...P } }',
    "updateParticipant": 'mutation { updateParticipant(id: "ID", changes: {displayName: "x"}) { __typename ...P } }',
    "removeParticipant": 'mutation { removeParticipant(id: "ID") { __typename ...P } }',
    "rotateAccessLink": 'mutation { rotateAccessLink(id: "ID") { __typename ...P } }',
}
WITHOUT_IDS = {"appointments", "viewer", "createAppointment"}
PROBLEM = " fragment P on Problem { code message ... on NotFound { id } }"
REST = [
    ("GET", "{id}/", None),
    ("PATCH", "{id}/", {"title": "x"}),
    ("DELETE", "{id}/", None),
    ("POST", "{id}/start/", {}),
    ("POST", "{id}/complete/", {}),
    ("POST", "{id}/cancel/", {}),
    ("GET", "{id}/participants/", None),
    ("POST", "{id}/participants/add/", [{"unique_id": "x", "role": "moderator"}]),
    ("POST", "{id}/participants/remove/", []),
    ("GET", "{id}/participants/{person}/", None),
    ("PATCH", "{id}/participants/{person}/", {"display_name": "x"}),
    ("DELETE", "{id}/participants/{person}/", None),
]


def test_the_matrix_covers_every_root_field() -> None:
    schema = build_schema(sdl())
    roots = [schema.query_type, schema.mutation_type]
    names = {name for root in roots if isinstance(root, GraphQLObjectType) for name in root.fields}
    assert names == FIELDS.keys() | WITHOUT_IDS


@pytest.fixture
async def owned(client: httpx2.AsyncClient, tenant: Tenant) -> dict[str, Any]:
    """An appointment of the first tenant."""
    return await RestFace(client, tenant.admin).create(**booking())


async def whole(client: httpx2.AsyncClient, tenant: Tenant, owned: dict[str, Any]) -> Any:
    """Everything the owner sees of it."""
    return await RestFace(client, tenant.admin).get(owned["id"])


@pytest.mark.parametrize("field", FIELDS)
async def test_a_foreign_id_is_an_absent_id_over_graphql(
    client: httpx2.AsyncClient,
    tenant: Tenant,
    other_tenant: Tenant,
    owned: dict[str, Any],
    field: str,
) -> None:
    headers = {"Authorization": f"Bearer {other_tenant.admin}"}

    async def ask(id: str) -> str:
        query = FIELDS[field].replace("ID", id) + (PROBLEM if "...P" in FIELDS[field] else "")
        response = await client.post("/graphql", headers=headers, json={"query": query})
        assert response.status_code == 200
        # What tells an absent id apart is the id that was sent, and nothing else.
        return response.text.replace(id, "ID")

    absent = await ask(ABSENT)
    assert "error" not in absent
    for foreign in (owned["id"], owned["participants"][0]["id"], tenant.id):
        assert await ask(foreign) == absent
    assert await whole(client, tenant, owned) == owned


@pytest.mark.parametrize(("method", "path", "body"), REST)
async def test_a_foreign_id_is_an_absent_id_over_rest(
    client: httpx2.AsyncClient,
    tenant: Tenant,
    other_tenant: Tenant,
    owned: dict[str, Any],
    method: str,
    path: str,
    body: Any,
) -> None:
    own = await RestFace(client, other_tenant.admin).create(**booking())

    async def ask(id: str, person: str) -> tuple[int, str]:
        response = await client.request(
            method,
            "/api/v1/appointments/" + path.format(id=id, person=person),
            headers={"Authorization": f"Token {other_tenant.admin}"},
            **({} if body is None else {"json": body}),
        )
        return response.status_code, response.text

    person = owned["participants"][0]["id"]
    absent = await ask(ABSENT, ABSENT)
    assert absent[0] == 404
    assert await ask(owned["id"], person) == absent
    if "{person}" in path:
        # Somebody else's participant below an appointment of one's own.
        assert await ask(own["id"], person) == await ask(own["id"], ABSENT)
    assert await whole(client, tenant, owned) == owned


async def test_foreign_participants_are_not_removed_through_an_own_appointment(
    client: httpx2.AsyncClient, tenant: Tenant, other_tenant: Tenant, owned: dict[str, Any]
) -> None:
    other = RestFace(client, other_tenant.admin)
    own = await other.create(**booking())
    after = await other.remove(own["id"], [owned["participants"][0]["id"]])
    assert len(after["participants"]) == 2
    assert await whole(client, tenant, owned) == owned


async def test_lists_counts_and_filters_hold_nothing_foreign(
    client: httpx2.AsyncClient, other_tenant: Tenant, owned: dict[str, Any]
) -> None:
    headers = {"Authorization": f"Bearer {other_tenant.admin}"}
    unique_id = owned["participants"][0]["unique_id"]
    query = (
        "query($who: String) { appointments(filter: {participantUniqueId: $who}) "
        "{ totalCount nodes { id } } }"
    )
    for who in (None, unique_id):
        sent = {"query": query, "variables": {"who": who}}
        answer = (await client.post("/graphql", headers=headers, json=sent)).json()
        assert answer["data"]["appointments"] == {"totalCount": 0, "nodes": []}
        params = {"participant_unique_id": who} if who else {}
        page = await client.get("/api/v1/appointments/", headers=headers, params=params)
        assert page.json()["count"] == 0


async def test_an_id_in_another_spelling_is_the_same_id(
    client: httpx2.AsyncClient, tenant: Tenant, owned: dict[str, Any]
) -> None:
    face = RestFace(client, tenant.read)
    for spelling in (owned["id"].upper(), owned["id"].replace("-", ""), f"{{{owned['id']}}}"):
        found = await face.get(spelling)
        assert found is not None and re.fullmatch("[0-9a-f-]{36}", found["id"])
