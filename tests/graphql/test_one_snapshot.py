"""One operation, one snapshot: what lies below is as it was above, whoever writes meanwhile."""

import asyncio
from collections.abc import AsyncIterator
from datetime import datetime
from typing import Any

import httpx2
import pytest
from starlette.applications import Starlette

from db.models import EventSource
from schema.inputs import AppointmentFilter, AppointmentOrder
from schema.operation.call import Call, Caller, Services
from schema.operation.snapshot import Snapshot
from schema.resolvers.appointments import get_appointment, list_appointments
from schema.resolvers.participants import admission_of, appointment_of, attendance_of
from tests.conftest import MovableClock
from tests.contract.test_appointments import booking
from tests.graphql.conftest import Ask
from tests.people import Tenant
from tests.settling import idle

REST = "/api/v1/appointments/"
NESTED = "{ id appointment { id participantCount } attendance { joinedAt } admission { code } }"
READS = {
    "participant": f'{{ participant(id: "PERSON") {NESTED} }}',
    "nodes": '{ nodes(ids: ["PERSON", "ID"]) { id ... on Participant { appointment { id } } } }',
    "appointment": '{ appointment(id: "ID") { participants { totalCount nodes '
    "{ appointment { id participants(last: 1) { totalCount nodes { id } } } } } } }",
    "appointments": '{ appointments(first: 20, filter: {participantUniqueId: "UNIQUE"}) '
    "{ totalCount nodes { id participants { nodes { appointment { id } } } } } }",
}
WRITES = {
    "update": 'mutation { updateParticipant(id: "PERSON", changes: {displayName: "x"}) '
    "{ __typename ... on ParticipantUpdated { participant NESTED } } }",
    "nothing": 'mutation { updateParticipant(id: "PERSON", changes: {role: MODERATOR}) '
    "{ __typename ... on ParticipantUpdated { participant NESTED } } }",
    "rotate": 'mutation { rotateAccessLink(id: "PERSON") '
    "{ __typename ... on AccessLinkRotated { participant NESTED } } }",
    "add": 'mutation { addParticipants(appointmentId: "ID", participants: [{uniqueId: "c", '
    "role: MODERATOR}]) { __typename ... on ParticipantsAdded "
    "{ added { id appointment { id } } appointment { id participants { totalCount } } } } }",
}  # fmt: skip


async def booked(client: httpx2.AsyncClient, tenant: Tenant, unique_id: str) -> dict[str, Any]:
    body = booking()
    body["participants"][0] = {**body["participants"][0], "unique_id": unique_id}
    headers = {"Authorization": f"Token {tenant.write}"}
    made: dict[str, Any] = (await client.post(REST, headers=headers, json=body)).json()
    return made


@pytest.mark.parametrize("name", [*READS, *WRITES])
async def test_no_nested_read_fails_while_others_delete(
    client: httpx2.AsyncClient, tenant: Tenant, ask: Ask, name: str
) -> None:
    headers = {"Authorization": f"Token {tenant.write}"}
    query = (READS | WRITES)[name].replace("NESTED", NESTED)

    async def read_beside_a_deleter(place: int) -> dict[str, Any]:
        unique_id = f"u{place}@example.org"
        made = await booked(client, tenant, unique_id)
        text = query.replace("PERSON", made["participants"][0]["id"])
        text = text.replace("ID", made["id"], 1).replace('"ID"', f'"{made["id"]}"')
        text = text.replace("UNIQUE", unique_id)

        async def delete() -> None:
            for _ in range(place % 9):
                await asyncio.sleep(0)
            await client.delete(f"{REST}{made['id']}/", headers=headers)

        answer, _ = await asyncio.gather(ask(text), delete())
        return answer

    answers = await asyncio.gather(*[read_beside_a_deleter(place) for place in range(60)])
    assert [answer for answer in answers if "errors" in answer] == []
    if name == "appointments":
        for answer in answers:
            found = answer["data"]["appointments"]
            assert found["totalCount"] == len(found["nodes"])
            assert all(len(each["participants"]["nodes"]) == 2 for each in found["nodes"])
    if name == "appointment":
        for answer in answers:
            row = answer["data"]["appointment"]
            for person in row["participants"]["nodes"] if row else ():
                assert len(person["appointment"]["participants"]["nodes"]) == 1


@pytest.fixture
async def call(app: Starlette, tenant: Tenant) -> AsyncIterator[Call]:
    services: Services = app.state.lifespan["services"]
    caller = Caller(tenant.id, tenant.name, "t", "t", ("write",))
    async with Call(caller, services, EventSource.GRAPHQL, "r") as call:
        yield call


async def everything(call: Call) -> int:
    page = await list_appointments(call, filter=AppointmentFilter(), order_by=AppointmentOrder())
    assert page.count is not None
    assert await page.count() == len(page.rows)
    return len(page.rows)


async def test_two_reads_of_one_call_see_the_same_state_while_a_write_commits(
    call: Call, client: httpx2.AsyncClient, tenant: Tenant
) -> None:
    made = await booked(client, tenant, "a@example.org")
    seen = await get_appointment(call, id=made["id"], with_participants=True)
    assert seen is not None and seen.participants is not None
    headers = {"Authorization": f"Token {tenant.write}"}
    assert (await client.delete(f"{REST}{made['id']}/", headers=headers)).status_code == 204
    await booked(client, tenant, "b@example.org")
    assert await get_appointment(call, id=made["id"]) == seen._replace(participants=None)
    assert await everything(call) == 1
    person = seen.participants[0]
    assert await appointment_of(call, person) is not None
    assert await admission_of(call, person) is not None
    assert await attendance_of(call, person, None) == []
    await idle(call.services.database, readers=1)


async def test_reads_below_a_write_see_what_was_committed(
    call: Call, client: httpx2.AsyncClient, tenant: Tenant
) -> None:
    from schema.inputs import AppointmentChanges
    from schema.resolvers.appointments import delete_appointment, update_appointment

    made = await booked(client, tenant, "a@example.org")
    before = await get_appointment(call, id=made["id"], with_participants=True)
    assert before is not None and before.participants is not None
    assert (await appointment_of(call, before.participants[0])) is not None
    from strawberry import Some

    await update_appointment(call, id=made["id"], changes=AppointmentChanges(title=Some("Other")))
    after = await get_appointment(call, id=made["id"])
    below = await appointment_of(call, before.participants[0])
    assert after is not None and below is not None
    assert after.title == below.title == "Other"
    await delete_appointment(call, id=made["id"])
    assert await get_appointment(call, id=made["id"]) is None
    assert await appointment_of(call, before.participants[0]) is None


async def test_a_write_holds_no_reader_while_it_waits(
    call: Call, client: httpx2.AsyncClient, tenant: Tenant
) -> None:
    from schema.resolvers.appointments import delete_appointment

    made = await booked(client, tenant, "a@example.org")
    await get_appointment(call, id=made["id"])
    database: Any = call.services.database
    writers = 1 if database.dialect == "postgresql" else 0
    async with database.write(tenant.id):
        waiting = asyncio.ensure_future(delete_appointment(call, id=made["id"]))
        await asyncio.sleep(0.01)
        await idle(database, writers)  # A server's writer is one of its connections.
    await waiting


async def test_what_outlives_its_operation_opens_nothing(call: Call) -> None:
    database: Any = call.services.database
    await everything(call)
    await call.snapshot.end()
    with pytest.raises(RuntimeError, match="ended"):
        await everything(call)
    await idle(database)


async def test_outside_an_operation_every_read_gives_its_reader_back(
    app: Starlette, tenant: Tenant
) -> None:
    services: Services = app.state.lifespan["services"]
    caller = Caller(tenant.id, tenant.name, "t", "t", ("write",))
    call = Call(caller, services, EventSource.CLI, "r")
    database: Any = services.database
    for _ in range(8):
        await everything(call)
        await idle(database)


TORN = {
    "update": 'updateAppointment(id: "ID", changes: {title: "x"}) '
    "{ ... on AppointmentUpdated { appointment SEEN } }",
    "start": 'startAppointment(id: "ID") { ... on AppointmentTransitioned { appointment SEEN } }',
    "add": 'addParticipants(appointmentId: "ID", participants: [{uniqueId: "c", role: MODERATOR}]) '
    "{ ... on ParticipantsAdded { appointment SEEN } }",
    "remove": 'removeParticipants(appointmentId: "ID", participantIds: ["PERSON"]) '
    "{ ... on ParticipantsRemoved { appointment SEEN } }",
    "remove one": 'removeParticipant(id: "PERSON") '
    "{ ... on ParticipantRemoved { appointment SEEN } }",
    "change": 'updateParticipant(id: "PERSON", changes: {displayName: "x"}) '
    "{ ... on ParticipantUpdated { participant { appointment SEEN } } }",
    "nothing": 'updateParticipant(id: "PERSON", changes: {role: MODERATOR}) '
    "{ ... on ParticipantUpdated { participant { appointment SEEN } } }",
    "rotate": 'rotateAccessLink(id: "PERSON") '
    "{ ... on AccessLinkRotated { participant { appointment SEEN } } }",
}
SEEN = "{ version participantCount participants { totalCount nodes { uniqueId } } }"


@pytest.mark.parametrize("name", TORN)
async def test_a_mutation_shows_the_participants_of_its_version(
    client: httpx2.AsyncClient,
    tenant: Tenant,
    ask: Ask,
    clock: MovableClock,
    monkeypatch: pytest.MonkeyPatch,
    name: str,
) -> None:
    """Somebody else adds a participant right after the commit, before the answer is made."""
    headers = {"Authorization": f"Token {tenant.write}"}
    made = await booked(client, tenant, "u@example.org")
    clock.set(datetime.fromisoformat(made["start_date_time"]))
    id = made["id"]
    person = next(each for each in made["participants"] if each["role"] == "moderator")
    renew, answers = Snapshot.renew, []

    async def renew_late(snapshot: Snapshot, *, keep: bool = False) -> None:
        await renew(snapshot, keep=keep)
        if keep and not answers:
            answers.append("on its way")
            path = f"{REST}{id}/participants/add/"
            late = [{"unique_id": "late", "role": "participant"}]
            answers.append((await client.post(path, headers=headers, json=late)).status_code)

    monkeypatch.setattr(Snapshot, "renew", renew_late)
    mutation = TORN[name].replace('"ID"', f'"{id}"').replace("PERSON", person["id"])
    mutation = mutation.replace("SEEN", SEEN)
    (payload,) = (await ask(f"mutation {{ {mutation} }}"))["data"].values()
    seen = payload.get("participant", payload)["appointment"]
    assert answers == ["on its way", 200]
    names = [each["uniqueId"] for each in seen["participants"]["nodes"]]
    assert "late" not in names
    assert len(names) == seen["participantCount"] == seen["participants"]["totalCount"]
