"""Odd values over GraphQL: refused or taken with a clear answer, never a fault of ours."""

import httpx2
import pytest

from tests.people import Tenant

BODIES = [
    b'{"query":"query($r:ParticipantRole!){appointment(id:\\"x\\"){id}}","variables":{"r":"\\ud800"}}',
    b'{"query":"{ viewer { tokenName } } # \\ud800"}',
    b'{"query":"{ appointment(id: \\"\\ud800\\") { id } }"}',
    b'{"query":"{ \\ud800 }"}',
    b'{"query":"{ nope(a: \\"\\ud800\\") }"}',
    b'{"query":"query($i:Int){appointments(first:$i){totalCount}}","variables":{"i":"\\ud800"}}',
    b'{"query":"query($i:Int){appointments(first:$i){totalCount}}","variables":{"i":99999999999999999999999}}',
    b'{"query":"query($i:String){appointments(after:$i){totalCount}}","variables":{"i":"\\ud800"}}',
    b'{"query":"query($i:String){appointments(filter:{participantUniqueId:$i}){totalCount}}","variables":{"i":"\\ud800"}}',
    b'{"query":"query($i:String){appointments(filter:{participantUniqueId:$i}){totalCount}}","variables":{"i":"a\\u0000"}}',
    b'{"query":"mutation($t:String!){createAppointment(input:{title:$t,startDateTime:\\"2026-05-05T10:00:00Z\\",durationMinutes:30,participants:[]}){__typename}}","variables":{"t":"\\ud800"}}',
    b'{"query":"mutation($t:DateTime!){createAppointment(input:{title:\\"x\\",startDateTime:$t,durationMinutes:30,participants:[]}){__typename}}","variables":{"t":"\\ud800"}}',
    b'{"query":"mutation{createAppointment(input:{title:\\"x\\",startDateTime:\\"0001-01-01T00:00:00+05:00\\",durationMinutes:30,participants:[]}){__typename}}"}',
    b'{"query":"mutation{createAppointment(input:{title:\\"x\\",startDateTime:\\"0001-01-01T00:00:00Z\\",durationMinutes:30,participants:[{uniqueId:\\"a\\",role:MODERATOR}]}){__typename ... on AppointmentCreated{appointment{id participants{nodes{admission{code opensAt}}}}}}}"}',
    b'{"query":"mutation{createAppointment(input:{title:\\"x\\",startDateTime:\\"9999-12-31T23:20:00Z\\",durationMinutes:30,participants:[{uniqueId:\\"a\\",role:MODERATOR}]}){__typename ... on AppointmentCreated{appointment{id endDateTime participants{nodes{admission{code closesAt}}}}}}}"}',
    b'{"query":"{ __typename }","operationName":"\\ud800"}',
    b'{"query":"mutation{updateAppointment(id:\\"x\\",changes:{},expectedVersion:99999999999){__typename}}"}',
    b'{"query":"mutation{cancelAppointment(id:\\"x\\",reason:\\"\\ud800\\"){__typename}}"}',
    b'{"query":"{appointments(filter:{status:[]}){totalCount}}"}',
    b'{"query":"{appointments(filter:null,orderBy:{}){totalCount}}"}',
    b'{"query":"{appointments(filter:{status:null,startsFrom:null}){totalCount}}"}',
    b'{"query":"{appointments(orderBy:null){totalCount}}"}',
    b'{"query":"query($o:AppointmentOrder!){appointments(orderBy:$o){totalCount}}","variables":{"o":{"field":null}}}',
    b'{"query":"{ viewer { tokenName @skip(if: true) } }"}',
    b'{"query":"query @cost(weight: 1) { viewer { tokenName } }"}',
    b'{"query":"query($s:[AppointmentStatus!]){appointments(filter:{status:$s}){totalCount}}","variables":{"s":["\\ud800"]}}',
    b'{"query":"query($f:AppointmentFilter){appointments(filter:$f){totalCount}}","variables":{"f":{"\\ud800":1}}}',
    b'{"query":"query($i:[ID!]!){nodes(ids:$i){id}}","variables":{"i":["\\ud800"]}}',
    b'{"query":"query($i:ID!){node(id:$i){id} participant(id:$i){id}}","variables":{"i":"\\ud800"}}',
    b'{"query":"mutation($p:[NewParticipant!]!){addParticipants(appointmentId:1,participants:$p){__typename}}","variables":{"p":[{"uniqueId":"a","role":"\\ud800"}]}}',
    b'{"query":"mutation($i:ID!){updateAppointment(id:$i,changes:{}){__typename ... on Problem{message}}}","variables":{"i":"\\ud800"}}',
]


@pytest.mark.parametrize("body", BODIES)
async def test_an_odd_value_has_a_clear_answer(
    client: httpx2.AsyncClient, tenant: Tenant, body: bytes
) -> None:
    headers = {"Authorization": f"Token {tenant.write}", "Content-Type": "application/json"}
    response = await client.post("/graphql", content=body, headers=headers)
    assert response.status_code == 200
    assert "INTERNAL_SERVER_ERROR" not in response.text
    for error in response.json().get("errors", ()):
        assert error["message"] and error["extensions"]["code"]


async def test_a_lone_surrogate_among_ids_is_refused_before_anything_is_written(
    client: httpx2.AsyncClient, tenant: Tenant
) -> None:
    headers = {"Authorization": f"Token {tenant.write}", "Content-Type": "application/json"}
    people = [{"unique_id": "a", "role": "moderator"}]
    booked = await client.post(
        "/api/v1/appointments/",
        headers=headers,
        json={
            "title": "T", "start_date_time": "2026-03-10T09:00:00Z", "duration_minutes": 30,
            "participants": people,
        },
    )  # fmt: skip
    row = booked.json()
    ids = f'["{row["participants"][0]["id"]}", "\\ud800"]'
    body = (
        '{"query": "mutation($a: ID!, $i: [ID!]!) { removeParticipants(appointmentId: $a,'
        " participantIds: $i) { ... on ValidationFailed { fields { path code } }"
        ' ... on ParticipantsRemoved { unknownIds } } }",'
        f' "variables": {{"a": "{row["id"]}", "i": {ids}}}}}'
    )
    answer = await client.post("/graphql", content=body.encode(), headers=headers)
    (field,) = answer.json()["data"]["removeParticipants"]["fields"]
    assert field == {"path": ["participantIds", "1"], "code": "INVALID"}
    kept = await client.get(f"/api/v1/appointments/{row['id']}/", headers=headers)
    assert len(kept.json()["participants"]) == 1


async def test_a_query_that_breaks_a_constraint_says_which(
    client: httpx2.AsyncClient, tenant: Tenant
) -> None:
    query = (
        "query($who: String) { appointments(filter: {participantUniqueId: $who}) { totalCount } }"
    )
    response = await client.post(
        "/graphql",
        json={"query": query, "variables": {"who": "a\x00"}},
        headers={"Authorization": f"Token {tenant.read}"},
    )
    extensions = response.json()["errors"][0]["extensions"]
    assert extensions["code"] == "BAD_USER_INPUT"
    assert extensions["fields"][0]["path"] == ["filter", "participantUniqueId"]
