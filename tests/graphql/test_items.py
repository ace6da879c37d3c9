"""Lists read no more of their rows than is shown, and show it all the same."""

import httpx2
import pytest
from graphql import GraphQLObjectType, get_named_type, is_leaf_type

from schema.build import build
from schema.internals import core_of
from tests.contract.test_appointments import booking
from tests.faces import RestFace
from tests.graphql.conftest import Ask
from tests.people import Tenant

NESTED = "appointment { participants(first: 2) { nodes { createdAt } } }"


def leaves(name: str) -> list[str]:
    """The fields of a type that need no selection below them."""
    kind = core_of(build()).type_map[name]
    assert isinstance(kind, GraphQLObjectType)
    return [key for key, each in kind.fields.items() if is_leaf_type(get_named_type(each.type))]


@pytest.fixture
async def id(client: httpx2.AsyncClient, tenant: Tenant) -> str:
    """An appointment with participants."""
    return str((await RestFace(client, tenant.write).create(**booking()))["id"])


@pytest.mark.parametrize("asked", [*leaves("Participant"), NESTED, "... on Node { id }"])
async def test_a_participant_in_a_list_shows_the_same(ask: Ask, id: str, asked: str) -> None:
    below = f"{{ participants(first: 2) {{ edges {{ cursor node {{ role {asked} }} }} }} }}"
    for _ in range(2):  # by graphql-core, then by a plan
        listed = await ask(f"{{ appointments(first: 2) {{ nodes {below} }} }}")
        alone = await ask(f'{{ appointment(id: "{id}") {below} }}')
        assert listed["data"]["appointments"]["nodes"] == [alone["data"]["appointment"]]
        # With a time beside it, whole rows are read.
        beside = below.replace("role", "role createdAt")
        whole = await ask(f'{{ appointment(id: "{id}") {beside} }}')
        edges = whole["data"]["appointment"]["participants"]["edges"]
        for edge in edges if asked != "createdAt" else []:
            assert edge["node"].pop("createdAt")
        assert whole == alone


@pytest.mark.parametrize("order", ["START_DATE_TIME", "CREATED_AT", "UPDATED_AT"])
@pytest.mark.parametrize("asked", [*leaves("Appointment"), "organization { id name }"])
async def test_an_appointment_in_a_list_shows_the_same(
    ask: Ask, id: str, asked: str, order: str
) -> None:
    sorted = f"appointments(first: 2, orderBy: {{ field: {order} }})"
    for _ in range(2):
        listed = await ask(f"{{ {sorted} {{ edges {{ cursor node {{ title {asked} }} }} }} }}")
        alone = await ask(f'{{ appointment(id: "{id}") {{ title {asked} }} }}')
        (edge,) = listed["data"]["appointments"]["edges"]
        assert edge["node"] == alone["data"]["appointment"]


async def test_a_later_page_of_participants_is_found_from_an_item(ask: Ask, id: str) -> None:
    first = "{ appointments { nodes { participants(first: 1) { pageInfo { endCursor } } } } }"
    (row,) = (await ask(first))["data"]["appointments"]["nodes"]
    end = row["participants"]["pageInfo"]["endCursor"]
    below = f'{{ participants(after: "{end}") {{ totalCount nodes {{ uniqueId createdAt }} }} }}'
    (row,) = (await ask(f"{{ appointments {{ nodes {below} }} }}"))["data"]["appointments"]["nodes"]
    alone = await ask(f'{{ appointment(id: "{id}") {below} }}')
    assert row == alone["data"]["appointment"]
    assert len(row["participants"]["nodes"]) == len(booking()["participants"]) - 1


async def test_times_are_seen_through_fragments(ask: Ask, id: str) -> None:
    query = """
    { appointments { nodes { ...Them  others: participants { nodes { ...Times } } } } }
    fragment Them on Appointment { participants { nodes { id } } }
    fragment Times on Participant { ... on Node { ... on Participant { createdAt } } }
    """
    (row,) = (await ask(query))["data"]["appointments"]["nodes"]
    assert all(person["createdAt"] for person in row["others"]["nodes"])


async def test_what_is_shown_elsewhere_is_not_taken_from_items(ask: Ask, id: str) -> None:
    found = await ask(f'{{ appointment(id: "{id}") {{ participants {{ nodes {{ id }} }} }} }}')
    person = found["data"]["appointment"]["participants"]["nodes"][0]["id"]
    query = f"""
    {{ appointment(id: "{id}") {{ participants {{ nodes {{ id }} }} }}
       participant(id: "{person}") {{ appointment {{ participants {{ nodes {{ createdAt }} }} }} }} }}
    """
    for _ in range(2):
        people = (await ask(query))["data"]["participant"]["appointment"]["participants"]["nodes"]
        assert all(person["createdAt"] for person in people)
