"""Keys over GraphQL: header and extension, one entry for each mutation of a request."""

import asyncio
import hashlib
from itertools import pairwise
from typing import Any

import httpx2
import pytest
from starlette.applications import Starlette

from schema.operation.throttle import Rate, Throttle
from tests.contract.test_appointments import START
from tests.faces import GraphQLFace
from tests.live.conftest import live  # noqa: F401  (a fixture)
from tests.live.talk import greeted
from tests.people import Tenant
from tests.retries.conftest import Held
from tests.wire.local import Local

BOOKED = """fragment Booked on AppointmentCreated { appointment {
  id title version createdAt participants { nodes { uniqueId accessLink } } } }"""


def booking(key: str, title: str, people: str) -> str:
    return (
        f'{key}: createAppointment(input: {{title: {title}, startDateTime: "{START}", '
        f"durationMinutes: 30, participants: {people}}}) {{ ...Booked ... on Problem {{ code }} }}"
    )


ONE = booking("a", "$title", "$people")
CREATE = f"mutation($title: String!, $people: [NewParticipant!]! = []) {{ {ONE} }} {BOOKED}"
TWO = f"""mutation($title: String!, $people: [NewParticipant!]! = [], $other: String = "other") {{
  {ONE} {booking("b", "$other", "[]")} }} {BOOKED}"""
LIST = "{ appointments { nodes { id title } } }"
KEY = "8e03978e-40d5-43e8-bc93-6894a57f9324"


class Caller:
    """Sends operations under keys."""

    def __init__(self, client: httpx2.AsyncClient, token: str) -> None:
        self._client = client
        self._token = token

    async def __call__(
        self,
        query: str,
        *,
        header: str | None = None,
        extensions: Any = None,
        accept: str = "application/json",
        **variables: Any,
    ) -> httpx2.Response:
        headers = {"Authorization": f"Bearer {self._token}", "Accept": accept}
        if header is not None:
            headers["Idempotency-Key"] = header
        body = {"query": query, "variables": variables}
        if extensions is not None:
            body["extensions"] = extensions
        return await self._client.post("/graphql", headers=headers, json=body)

    async def titles(self) -> list[str]:
        nodes = (await self(LIST)).json()["data"]["appointments"]["nodes"]
        return sorted(each["title"] for each in nodes)


@pytest.fixture
def send(client: httpx2.AsyncClient, tenant: Tenant) -> Caller:
    return Caller(client, tenant.write)


def codes(answer: httpx2.Response) -> list[str]:
    return [each["extensions"]["code"] for each in answer.json().get("errors", ())]


async def with_anna(face: GraphQLFace) -> dict[str, Any]:
    """Books an appointment with one participant."""
    return await face.create(
        title="t",
        start_date_time=START,
        duration_minutes=30,
        participants=[{"unique_id": "anna", "display_name": None, "role": "moderator"}],
    )


async def test_header_and_extension_name_the_same_key(send: Caller) -> None:
    first = await send(CREATE, header=f'"{KEY}"', title="t")
    assert "idempotency-replayed" not in first.headers
    for sent in (
        {"header": KEY},
        {"extensions": {"idempotencyKey": KEY}},
        {"header": KEY, "extensions": {"idempotencyKey": KEY}},
    ):
        again = await send(CREATE, **sent, title="t")
        assert again.content == first.content
        assert again.headers["idempotency-replayed"] == "true"
    assert await send.titles() == ["t"]


@pytest.mark.parametrize(
    ("header", "extension"),
    [
        *(("a", "b"), ('"', None), ("", None), ("a,b", None), ("x" * 256, None)),
        *((None, ""), (None, 1), (None, ["a"]), (None, {}), (None, "é"), (None, "x" * 256)),
        *((None, False), ("a", 1)),
    ],
)
async def test_a_wrong_key_is_a_bad_request(
    send: Caller, header: str | None, extension: Any
) -> None:
    extensions = None if extension is None else {"idempotencyKey": extension}
    answer = await send(CREATE, header=header, extensions=extensions, title="t")
    assert (answer.status_code, codes(answer)) == (400, ["BAD_REQUEST"])
    assert await send.titles() == []
    read = await send(LIST, header=header, extensions=extensions)
    assert (read.status_code, codes(read)) == (200, [])


async def test_a_null_extension_is_none(send: Caller) -> None:
    for _ in range(2):
        answer = await send(CREATE, extensions={"idempotencyKey": None}, title="t")
        assert answer.status_code == 200
    assert await send.titles() == ["t", "t"]


async def test_each_mutation_of_a_request_has_its_own(send: Caller) -> None:
    first = await send(TWO, header="k", title="t", other="u")
    data = first.json()["data"]
    assert data["a"]["appointment"]["id"] != data["b"]["appointment"]["id"]
    assert (await send(TWO, header="k", title="t", other="u")).content == first.content
    assert await send.titles() == ["t", "u"]


async def test_a_request_that_was_cut_off_is_completed(send: Caller) -> None:
    first = await send(CREATE, header="k", title="t")
    second = await send(TWO, header="k", title="t", other="u")
    assert second.json()["data"]["a"] == first.json()["data"]["a"]
    assert second.headers["idempotency-replayed"] == "true"
    assert await send.titles() == ["t", "u"]


@pytest.mark.parametrize("reads_first", [False, True])
async def test_a_mutation_that_differs_fails_alone(send: Caller, reads_first: bool) -> None:
    # Compiled to a plan, or executed by graphql-core: the second time, and the first.
    if reads_first:
        for _ in range(3):
            await send(TWO, title="", other="")
    first = await send(TWO, header="k", title="t", other="u")
    answer = await send(TWO, header="k", title="t", other="v")
    assert answer.json()["data"]["a"] == first.json()["data"]["a"]
    assert answer.json()["data"]["b"] is None
    (error,) = answer.json()["errors"]
    assert (error["path"], error["extensions"]["code"]) == (["b"], "IDEMPOTENCY_KEY_REUSED")
    assert await send.titles() == ["t", "u"]


async def test_problems_leave_the_key_free(send: Caller) -> None:
    answer = await send(TWO, header="k", title="t", other=" ")
    assert answer.json()["data"]["b"] == {"code": "VALIDATION_FAILED"}
    again = await send(TWO, header="k", title="t", other="u")
    assert again.json()["data"]["a"] == answer.json()["data"]["a"]
    assert again.json()["data"]["b"]["appointment"]["title"] == "u"
    assert await send.titles() == ["t", "u"]


async def test_names_of_any_length_are_places(send: Caller) -> None:
    names = ["a" * 254, "a" * 255, "a" * 256, "a" * 4_000, "a" * 3_999 + "b"]
    found = []
    for name in names * 2:
        answer = await send(CREATE.replace("a: create", f"{name}: create"), header="k", title="t")
        found.append(answer.json()["data"][name]["appointment"]["id"])
    assert found[:5] == found[5:]
    assert len(set(found)) == 5


async def test_literals_and_variables_are_the_same(send: Caller) -> None:
    first = await send(CREATE, header="k", title="t")
    literal = CREATE.replace("title: $title", 'title: "t"').replace("$title: String!, ", "")
    assert (await send(literal, header="k")).json() == first.json()


async def test_another_selection_is_the_same_request(send: Caller) -> None:
    people = [{"uniqueId": "anna", "role": "MODERATOR"}]
    first = await send(CREATE, header="k", title="t", people=people)
    booked = first.json()["data"]["a"]["appointment"]
    other = await send(
        CREATE.replace("id title version", "status participantCount id durationMinutes"),
        header="k",
        title="t",
        people=people,
    )
    again = other.json()["data"]["a"]["appointment"]
    assert (again["id"], again["participants"]) == (booked["id"], booked["participants"])
    assert (again["durationMinutes"], again["participantCount"]) == (30, 1)


async def test_what_lies_below_a_change_is_shown_as_it_was_written(
    client: httpx2.AsyncClient, tenant: Tenant, send: Caller
) -> None:
    face = GraphQLFace(client, tenant.write)
    booked = await with_anna(face)
    rename = """mutation($id: ID!) { updateParticipant(id: $id, changes: {displayName: "A"}) {
      ... on ParticipantUpdated { participant { displayName appointment { title version } } } } }"""
    id = booked["participants"][0]["id"]
    first = await send(rename, header="k", id=id)
    await face.update(booked["id"], title="another")
    assert (await send(rename, header="k", id=id)).json() == first.json()
    await face.delete(booked["id"])
    assert (await send(rename, header="k", id=id)).json() == first.json()


@pytest.mark.parametrize(
    ("mutation", "payload"),
    [
        ('updateAppointment(id: $id, changes: {title: "u"})', "AppointmentUpdated"),
        ("removeParticipant(id: $person)", "ParticipantRemoved"),
        (
            "removeParticipants(appointmentId: $id, participantIds: [$person])",
            "ParticipantsRemoved",
        ),
        ("cancelAppointment(id: $id)", "AppointmentTransitioned"),
    ],
)
async def test_participants_are_those_of_the_first_answer(
    client: httpx2.AsyncClient, tenant: Tenant, send: Caller, mutation: str, payload: str
) -> None:
    face = GraphQLFace(client, tenant.write)
    person = {"display_name": None, "role": "moderator"}
    booked = await face.create(
        title="t",
        start_date_time=START,
        duration_minutes=30,
        participants=[{"unique_id": name, **person} for name in ("anna", "ben")],
    )
    ids = {"id": booked["id"], "person": booked["participants"][0]["id"]}
    takes = ", ".join(f"${name}: ID!" for name in ids if f"${name}" in mutation)
    query = f"""mutation({takes}) {{ {mutation} {{ ... on {payload} {{ appointment {{
      title version participants {{ nodes {{ uniqueId displayName }} }} }} }} }} }}"""
    given = {name: id for name, id in ids.items() if f"${name}" in mutation}
    first = await send(query, header="k", **given)
    assert "errors" not in first.json()
    if payload != "AppointmentTransitioned":
        await face.add(booked["id"], [{"unique_id": "clara", "role": "moderator"}])
    assert (await send(query, header="k", **given)).content == first.content
    await face.delete(booked["id"])
    assert (await send(query, header="k", **given)).content == first.content


async def test_links_that_were_replaced_are_told_again(
    client: httpx2.AsyncClient, tenant: Tenant, send: Caller
) -> None:
    face = GraphQLFace(client, tenant.write)
    booked = await with_anna(face)
    rotate = """mutation($id: ID!) { rotateAccessLink(id: $id) {
      ... on AccessLinkRotated { participant { accessLink } } } }"""
    id = booked["participants"][0]["id"]
    answers = [(await send(rotate, header="k", id=id)).content for _ in range(3)]
    assert len(set(answers)) == 1
    assert (await send(rotate, header="l", id=id)).content != answers[0]


async def test_a_persisted_operation_has_keys_as_well(send: Caller) -> None:
    hash = hashlib.sha256(CREATE.encode()).hexdigest()
    persisted = {"persistedQuery": {"version": 1, "sha256Hash": hash}, "idempotencyKey": "k"}
    first = await send(CREATE, extensions=persisted, title="t")
    again = await send("", extensions=persisted, title="t")
    assert again.content == first.content
    assert await send.titles() == ["t"]


async def test_a_mutation_in_a_stream_has_keys_as_well(send: Caller) -> None:
    answers = [
        await send(CREATE, header="k", accept="text/event-stream", title="t") for _ in range(2)
    ]
    assert answers[0].content == answers[1].content
    assert answers[1].headers["idempotency-replayed"] == "true"


async def test_a_mutation_on_a_socket_has_keys_as_well(
    live: Local,  # noqa: F811
    token: str,
    send: Caller,
) -> None:
    payload = {"variables": {"title": "t"}, "extensions": {"idempotencyKey": "k"}}
    async with greeted(live.port, token) as talk:
        answers = [await talk.ask(CREATE, **payload) for _ in range(2)]
        wrong = await talk.ask(CREATE, variables={"title": "t"}, extensions={"idempotencyKey": 1})
        assert wrong[0]["payload"][0]["extensions"]["code"] == "BAD_REQUEST"
    assert answers[0] == answers[1]
    over_http = await send(CREATE, header="k", title="t")
    assert over_http.json() == answers[0][0]["payload"]
    assert await send.titles() == ["t"]


async def test_a_hundred_at_once_are_one(send: Caller) -> None:
    answers = await asyncio.gather(*[send(TWO, header="k", title="t") for _ in range(100)])
    assert {each.content for each in answers} == {answers[0].content}
    assert await send.titles() == ["other", "t"]


async def test_the_wait_runs_out(send: Caller, held: Held, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("schema.operation.once.WAIT_SECONDS", 0.05)
    first = asyncio.ensure_future(send(CREATE, header="k", title="t"))
    await held.entered()
    answer = await send(CREATE, header="k", title="t")
    assert (answer.status_code, codes(answer)) == (200, ["IDEMPOTENCY_KEY_IN_USE"])
    assert answer.json()["data"] == {"a": None}
    held.let_go()
    assert (await send(CREATE, header="k", title="t")).content == (await first).content


async def test_retries_cost_what_the_request_costs(app: Starlette, send: Caller) -> None:
    """What bounds the rows that keys take is the rate limit."""
    services = app.state.lifespan["services"]
    throttle = Throttle(Rate(100, 3600))
    object.__setattr__(services, "throttle", throttle)
    statuses = [
        (await send(CREATE, header=f"k{each}", title="t")).status_code for each in range(12)
    ]
    assert statuses[-1] == 429
    assert statuses.count(200) <= 10


async def test_what_is_kept_is_paid_for(app: Starlette, send: Caller) -> None:
    """Whoever is in the appointment is kept with it, although the answer shows nobody."""
    people = [{"uniqueId": f"{each:05}" * 51, "role": "MODERATOR"} for each in range(900)]
    booked = await send(CREATE, title="t", people=people)
    throttle = Throttle(Rate(10_000, 3600), now=lambda: 0.0)
    object.__setattr__(app.state.lifespan["services"], "throttle", throttle)
    add = """mutation($id: ID!, $people: [NewParticipant!]!) {
      addParticipants(appointmentId: $id, participants: $people) { __typename } }"""
    id = booked.json()["data"]["a"]["appointment"]["id"]
    await send(add, id=id, people=people[:1])  # Reading a new document costs points as well.
    left = [await remaining(send)]
    for header in (None, "k", "k"):
        answer = await send(add, header=header, id=id, people=people[:1])
        assert answer.json()["data"]["addParticipants"]["__typename"] == "ParticipantsAdded"
        left.append(await remaining(send))
    plain, kept, replayed = [before - after for before, after in pairwise(left)]
    assert replayed == plain < kept


async def remaining(send: Caller) -> int:
    """How many points the token has left."""
    answer = await send("{ viewer { tokenName } }")
    return int(answer.headers["ratelimit"].partition("r=")[2].partition(";")[0])
