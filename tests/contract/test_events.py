"""The event log: the same events in the same order on both faces."""

from datetime import timedelta
from typing import Any

import httpx2
import pytest
from starlette.applications import Starlette

from schema.resolvers.retention import sweep
from tests.conftest import NOON, MovableClock
from tests.contract.test_appointments import booking
from tests.faces import Face, GraphQLFace, Refused
from tests.people import Tenant


@pytest.fixture
async def booked(face: Face, clock: MovableClock) -> dict[str, Any]:
    """An appointment to which something has happened."""
    row = await face.create(**booking(start_date_time=(NOON + timedelta(days=1)).isoformat()))
    await face.update(row["id"], title="Another")
    await face.update(row["id"], start_date_time=(NOON + timedelta(days=2)).isoformat())
    person = row["participants"][0]["id"]
    await face.update_participant(row["id"], person, display_name="Annabel")
    await face.remove_participant(row["id"], person)
    return row


HAPPENED = [
    "appointment.created",
    "appointment.updated",
    "appointment.rescheduled",
    "participant.updated",
    "participant.removed",
]


async def test_the_log_tells_what_happened_in_order(
    face: Face, other_face: Face, booked: dict[str, Any]
) -> None:
    page = await face.events()
    assert [each["type"] for each in page["results"]] == HAPPENED
    assert page["has_more"] is False
    assert page["next_cursor"] == page["results"][-1]["cursor"]
    assert {each["appointment_id"] for each in page["results"]} == {booked["id"]}
    assert {each["source"] for each in page["results"]} == {face.name}
    person = booked["participants"][0]["id"]
    assert [each["participant_id"] for each in page["results"]] == [None] * 3 + [person] * 2
    changed = [each["changed_fields"] for each in page["results"]]
    assert changed == [[], ["title"], ["start_date_time"], ["display_name"], []]
    assert len({each["id"] for each in page["results"]}) == 5
    assert all(each["occurred_at"] == "2026-03-02T12:00:00Z" for each in page["results"])
    assert await other_face.events() == page


async def test_every_cursor_leads_to_what_follows_it(
    face: Face, other_face: Face, booked: dict[str, Any]
) -> None:
    everything = (await face.events(after=""))["results"]
    for place, each in enumerate(everything):
        for asked in (face, other_face):
            page = await asked.events(after=each["cursor"])
            assert page["results"] == everything[place + 1 :]
            assert page["next_cursor"] == everything[-1]["cursor"]
    walked: list[Any] = []
    after, more = "", True
    while more:
        page = await face.events(after=after, limit=2)
        assert len(page["results"]) <= 2
        walked += page["results"]
        after, more = page["next_cursor"], page["has_more"]
    assert walked == everything
    # And what comes later comes behind the last cursor.
    await face.delete(booked["id"])
    (last,) = (await face.events(after=after))["results"]
    assert last["type"] == "appointment.deleted"


async def test_a_log_in_which_nothing_happened_has_a_cursor_to_wait_behind(face: Face) -> None:
    page = await face.events()
    assert (page["results"], page["has_more"]) == ([], False)
    row = await face.create(**booking())
    (event,) = (await face.events(after=page["next_cursor"]))["results"]
    assert event["appointment_id"] == row["id"]


@pytest.mark.parametrize("limit", [0, 101, -1])
async def test_a_page_has_one_to_a_hundred_events(face: Face, limit: int) -> None:
    with pytest.raises(Refused, match="validation_failed"):
        await face.events(limit=limit)


async def test_a_cursor_of_another_log_is_no_cursor(
    face: Face, foreign_face: Face, booked: dict[str, Any]
) -> None:
    cursor = (await face.events())["next_cursor"]
    refused = []
    for after in (cursor, "no cursor"):
        with pytest.raises(Refused) as raised:
            await foreign_face.events(after=after)
        refused.append(str(raised.value))
    assert refused[0] == refused[1]
    assert (await foreign_face.events())["results"] == []


async def test_events_that_are_gone_are_told_of(
    app: Starlette, face: Face, booked: dict[str, Any], clock: MovableClock
) -> None:
    before = (await face.events(limit=2))["next_cursor"]
    last = (await face.events())["next_cursor"]
    clock.move(days=30)
    assert await sweep(app.state.lifespan["services"]) == 5
    with pytest.raises(Refused) as raised:
        await face.events(after=before)
    assert raised.value.code == "cursor_expired"
    assert (await face.events(after=last))["results"] == []


async def test_wrong_limits_are_named(client: httpx2.AsyncClient, tenant: Tenant) -> None:
    headers = {"Authorization": f"Token {tenant.read}"}
    for limit in ("x", "1.5", "１", "1" * 5_000, "%00", "+1"):
        answer = await client.get(f"/api/v1/events/?limit={limit}", headers=headers)
        assert answer.status_code == 400
        assert answer.json() == {"limit": ["Enter a whole number from 1 to 100."]}
    for query in ("", "?limit=&after=", "?limit=100", "?limit=1"):
        assert (await client.get(f"/api/v1/events/{query}", headers=headers)).status_code == 200
    answer = await client.get("/api/v1/events/?after=x", headers=headers)
    assert answer.status_code == 400
    assert "not a cursor of this event log" in answer.json()["detail"]
    assert (await client.get("/api/v1/events/")).status_code == 401
    answer = await client.post(
        "/api/v1/events/", headers={"Authorization": f"Token {tenant.write}"}
    )
    assert (answer.status_code, answer.headers["allow"]) == (405, "GET, HEAD, OPTIONS")


QUERY = """
query($after: String, $types: [EventType!], $id: ID) {
  events(after: $after, types: $types, appointmentId: $id) {
    edges { cursor node {
      __typename type appointment { id title } ... on ParticipantEvent { participant { displayName } }
    } }
    pageInfo { startCursor endCursor hasPreviousPage }
  }
}
"""


@pytest.fixture
def graphql(client: httpx2.AsyncClient, tenant: Tenant) -> GraphQLFace:
    return GraphQLFace(client, tenant.write)


async def test_an_event_leads_to_what_it_is_about_as_long_as_that_is_there(
    graphql: GraphQLFace,
) -> None:
    row = await graphql.create(**booking())
    person = row["participants"][0]["id"]
    await graphql.update_participant(row["id"], person, display_name="Annabel")
    for _ in range(3):  # read, compiled, run
        page = (await graphql.send(QUERY))["events"]
        booked, renamed = (each["node"] for each in page["edges"])
        appointment = {"id": row["id"], "title": row["title"]}
        assert booked == {
            "__typename": "AppointmentEvent", "type": "APPOINTMENT_CREATED",
            "appointment": appointment,
        }  # fmt: skip
        assert renamed == {
            "__typename": "ParticipantEvent", "type": "PARTICIPANT_UPDATED",
            "appointment": appointment, "participant": {"displayName": "Annabel"},
        }  # fmt: skip
        assert page["pageInfo"] == {
            "startCursor": page["edges"][0]["cursor"],
            "endCursor": page["edges"][1]["cursor"],
            "hasPreviousPage": False,
        }
    await graphql.delete(row["id"])
    nodes = [each["node"] for each in (await graphql.send(QUERY))["events"]["edges"]]
    assert [each["appointment"] for each in nodes] == [None] * 3
    assert nodes[1]["participant"] is None


async def test_events_of_some_types_and_of_one_appointment(graphql: GraphQLFace) -> None:
    rows = [await graphql.create(**booking()) for _ in range(3)]
    for row in rows:
        await graphql.update(row["id"], title="Another")

    async def found(**variables: Any) -> list[tuple[str, str]]:
        edges = (await graphql.send(QUERY, **variables))["events"]["edges"]
        return [(each["node"]["type"], each["node"]["appointment"]["id"]) for each in edges]

    created, updated = "APPOINTMENT_CREATED", "APPOINTMENT_UPDATED"
    ids = [row["id"] for row in rows]
    assert await found(types=[updated]) == [(updated, id) for id in ids]
    assert await found(types=[updated, updated, created], id=ids[1]) == [
        (created, ids[1]), (updated, ids[1]),
    ]  # fmt: skip
    assert await found(id=ids[2]) == [(created, ids[2]), (updated, ids[2])]
    assert await found(types=["PARTICIPANT_LEFT"]) == []
    own = (
        "query($id: ID!, $after: String) { appointment(id: $id) { events(first: 1, after: $after) "
        "{ nodes { type } pageInfo { endCursor hasNextPage } } } }"
    )
    page = (await graphql.send(own, id=ids[0]))["appointment"]["events"]
    assert page["nodes"] == [{"type": created}]
    assert page["pageInfo"]["hasNextPage"]
    after = page["pageInfo"]["endCursor"]
    page = (await graphql.send(own, id=ids[0], after=after))["appointment"]["events"]
    assert page["nodes"] == [{"type": updated}]
    assert not page["pageInfo"]["hasNextPage"]
