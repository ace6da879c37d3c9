"""Subscriptions over a WebSocket: what comes, from where, until when."""

import asyncio
import time
from collections import Counter
from datetime import timedelta
from typing import Any

import pytest
from starlette.applications import Starlette

from db.queries import system
from gateway.live.operations import MOST_OPERATIONS, MOST_RESPONSES
from gateway.live.websocket import Socket
from schema.domain.token_text import digest
from schema.operator.organizations import switch_organization
from schema.operator.tokens import NewToken, create_token, revoke_token
from tests.conftest import MovableClock
from tests.contract.test_appointments import ANNA
from tests.people import Tenant
from tests.settling import idle
from tests.wire.local import Local

from .changes import EVENTS, LIST, booked, client_of, renamed
from .talk import Talk, greeted

WITH_APPOINTMENT = """subscription { events {
  type source changedFields appointmentId appointment { title organization { name } participantCount }
  ... on ParticipantEvent { participantId participant { displayName } } } }"""


async def event_of(talk: Talk) -> Any:
    """The next event of the only subscription."""
    message = await talk.hear()
    assert message["type"] == "next", message
    assert "errors" not in message["payload"], message
    return message["payload"]["data"]["events"]


async def settled(live: Local, app: Starlette, count: int = 1) -> None:
    """Waits until so many followers wait."""
    feed = app.state.lifespan["services"].feed
    async with asyncio.timeout(10):
        # One more for each token whose sockets are watched.
        while sum(1 for wait in feed._waits() if wait.after < 2**60) < count:  # noqa: ASYNC110
            await asyncio.sleep(0.005)


async def test_what_happens_is_pushed_in_order_with_what_it_is_about(
    live: Local, app: Starlette, token: str
) -> None:
    async with greeted(live.port, token) as talk, client_of(live.port, token) as client:
        await talk.follow(WITH_APPOINTMENT)
        await settled(live, app)
        id = await booked(client, title="First")
        created = await event_of(talk)
        assert created["type"] == "APPOINTMENT_CREATED"
        assert created["source"] == "REST"
        assert created["appointment"] == {
            "title": "First",
            "organization": {"name": "Consulate General"},
            "participantCount": 0,
        }
        await client.post(f"{LIST}{id}/participants/add/", json=[ANNA])
        added = await event_of(talk)
        assert added["type"] == "PARTICIPANT_ADDED"
        assert added["participant"] == {"displayName": "Anna"}
        await renamed(client, id, "Second")
        changed = await event_of(talk)
        assert changed["type"] == "APPOINTMENT_UPDATED"
        assert changed["changedFields"] == ["title"]
        assert changed["appointment"]["title"] == "Second"
        await client.delete(f"{LIST}{id}/")
        deleted = await event_of(talk)
        assert (deleted["type"], deleted["appointmentId"]) == ("APPOINTMENT_DELETED", id)
        assert deleted["appointment"] is None


async def test_a_subscription_runs_by_its_plan(live: Local, app: Starlette, token: str) -> None:
    async with greeted(live.port, token) as talk, client_of(live.port, token) as client:
        await talk.follow(WITH_APPOINTMENT)
        await settled(live, app)
        for _ in range(4):
            await booked(client)
            await event_of(talk)
        metrics = (await client.get("/metrics")).text
    assert 'connect_graphql_operations_total{execution="unplanned",reason="first"}' in metrics
    planned = 'connect_graphql_operations_total{execution="planned",reason=""} '
    assert float(metrics.partition(planned)[2].split()[0]) >= 3


async def test_a_subscription_resumes_after_what_was_seen(live: Local, token: str) -> None:
    async with client_of(live.port, token) as client:
        id = await booked(client)
        for number in range(60):
            await renamed(client, id, f"Title {number}")
        async with greeted(live.port, token) as talk:
            await talk.follow(EVENTS, variables={"after": ""})
            first = [await event_of(talk) for _ in range(30)]
            # The socket breaks off.
            talk.socket.transport.abort()
        async with greeted(live.port, token) as talk:
            await talk.follow(EVENTS, variables={"after": first[-1]["cursor"]})
            rest = [await event_of(talk) for _ in range(31)]
    ids = [each["id"] for each in first + rest]
    assert len(set(ids)) == 61
    assert ids == sorted(ids)


async def test_complete_ends_a_subscription_and_frees_its_id(
    live: Local, app: Starlette, token: str
) -> None:
    async with greeted(live.port, token) as talk, client_of(live.port, token) as client:
        for _ in range(5):
            await talk.follow(EVENTS, "again")
            await settled(live, app)
            await talk.say({"type": "complete", "id": "again"})
        await talk.follow(EVENTS, "again")
        await settled(live, app)
        await booked(client)
        heard = [await talk.hear()]
        await talk.say({"type": "ping"})
        while heard[-1] != {"type": "pong"}:
            heard.append(await talk.hear())
        assert [each["type"] for each in heard] == ["next", "pong"]


async def test_nothing_of_another_organization_is_pushed(
    live: Local, app: Starlette, tenant: Tenant, other_tenant: Tenant
) -> None:
    async with (
        greeted(live.port, tenant.read) as talk,
        client_of(live.port, other_tenant.write) as theirs,
        client_of(live.port, tenant.write) as ours,
    ):
        await talk.follow(WITH_APPOINTMENT)
        await settled(live, app)
        await booked(theirs, title="Theirs")
        await booked(ours, title="Ours")
        assert (await event_of(talk))["appointment"]["title"] == "Ours"


@pytest.mark.parametrize("follows", [True, False])
@pytest.mark.parametrize("how", ["revoked", "expired", "disabled"])
async def test_a_token_that_ends_closes_its_sockets_within_a_second(
    live: Local, app: Starlette, clock: MovableClock, tenant: Tenant, how: str, follows: bool
) -> None:
    database = app.state.lifespan["services"].database
    reader = tenant.read
    if how == "expired":
        wanted = NewToken(tenant.name, ["read"], expires_at=clock.now() + timedelta(hours=1))
        reader = (await create_token(database, wanted, clock.now())).text
    async with (
        greeted(live.port, reader) as idle,
        greeted(live.port, reader) as talk,
        greeted(live.port, tenant.write) as other,
    ):
        if follows:
            await talk.follow(EVENTS)
            await settled(live, app)
        await asyncio.sleep(0.6)  # The feed has looked at the tokens.
        if how == "revoked":
            async with database.read() as transaction:
                row = await system.token_by_digest(transaction, digest(reader))
            assert row is not None
            await revoke_token(database, row.id, clock.now())
        elif how == "expired":
            clock.move(hours=2)
        else:
            await switch_organization(database, tenant.name, active=False)
        began = time.monotonic()
        for each in (idle, talk):
            closed = await each.ending()
            assert closed.code == 4403
            assert closed.reason
        assert time.monotonic() - began < 1.0
        if how == "revoked":
            assert (await other.ask("{ __typename }"))[-1]["type"] == "complete"


async def test_mutations_of_a_socket_are_made_in_the_order_in_which_they_were_sent(
    live: Local, app: Starlette, token: str
) -> None:
    change = (
        "mutation($id: ID!, $title: String!) "
        "{ updateAppointment(id: $id, changes: {title: $title}) { __typename } }"
    )
    async with greeted(live.port, token) as talk, client_of(live.port, token) as client:
        id = await booked(client)
        for number in range(15):
            variables = {"id": id, "title": f"Title {number:02}"}
            await talk.follow(change, f"m{number}", variables=variables)
        heard = [await talk.hear() for _ in range(30)]
        ended = [each["id"] for each in heard if each["type"] == "complete"]
        assert ended == [f"m{number}" for number in range(15)]
        events = await client.post(
            "/graphql",
            json={
                "query": "{ events(first: 50) { nodes { type source } } "
                f'appointment(id: "{id}") {{ title version }} }}'
            },
        )
    data = events.json()["data"]
    assert data["appointment"] == {"title": "Title 14", "version": 16}
    sources = [each["source"] for each in data["events"]["nodes"]]
    assert sources == ["REST"] + ["GRAPHQL"] * 15


async def test_what_happens_to_one_that_is_read_slowly_does_not_reach_others(
    live: Local, app: Starlette, token: str
) -> None:
    wide = "subscription { events { " + " ".join(f"a{n}: appointmentId" for n in range(28)) + " } }"
    async with (
        greeted(live.port, token, max_queue=1) as slow,
        greeted(live.port, token) as quick,
        client_of(live.port, token) as client,
    ):
        id = await booked(client)
        await slow.follow(wide, variables={})
        await quick.follow(EVENTS)
        await settled(live, app, 2)
        # Stops reading: whatever the kernel and the client hold fills up.
        slow.socket.transport.pause_reading()
        slow.socket.transport.get_extra_info("socket")
        for number in range(300):
            await renamed(client, id, f"Title {number}")
        began = time.monotonic()
        for _ in range(300):
            await event_of(quick)
        assert time.monotonic() - began < 5
        slow.socket.transport.resume_reading()
        for _ in range(300):
            await event_of(slow)


async def test_a_socket_that_is_not_read_holds_few_responses(
    live: Local, app: Starlette, token: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    tell, may_send, held, most = Socket.tell, asyncio.Event(), 0, 0

    async def slowly(self: Socket, text: str) -> None:
        nonlocal held, most
        if '"type":"next"' in text:
            held += 1
            most = max(most, held)
            await may_send.wait()
            held -= 1
        await tell(self, text)

    monkeypatch.setattr(Socket, "tell", slowly)
    async with greeted(live.port, token) as talk, client_of(live.port, token) as client:
        for number in range(MOST_OPERATIONS - 1):
            await talk.follow(EVENTS, str(number))
        await settled(live, app, MOST_OPERATIONS - 1)
        await booked(client)
        await talk.follow("{ viewer { tokenName } }", "query")
        async with asyncio.timeout(10):
            while held < MOST_RESPONSES:  # noqa: ASYNC110
                await asyncio.sleep(0.01)
        await booked(client)
        may_send.set()
        heard = Counter([(await talk.hear())["id"] for _ in range(2 * MOST_OPERATIONS)])
    assert most == MOST_RESPONSES
    assert set(heard.values()) == {2} and len(heard) == MOST_OPERATIONS


async def test_a_throttled_token_s_events_wait(settings: Any, app: Starlette) -> None:
    from schema.operation.budget import afford
    from schema.operation.throttle import Rate, Throttle
    from tests.schema.following import call_of

    services = app.state.lifespan["services"]
    object.__setattr__(services, "throttle", Throttle(Rate(2, 1)))
    from tests.people import add_tenant

    call = await call_of(services, await add_tenant(services, "Poor"))
    began = time.monotonic()
    for _ in range(4):
        await afford(call, 1)
    assert 0.9 < time.monotonic() - began < 3


async def test_what_was_carried_stands_in_the_metrics_and_the_log(
    live: Local, app: Starlette, token: str, capfd: pytest.CaptureFixture[str]
) -> None:
    async with client_of(live.port, token) as client:
        async with greeted(live.port, token) as talk:
            await talk.follow(EVENTS)
            await settled(live, app)
            await booked(client)
            await event_of(talk)
            metrics = (await client.get("/metrics")).text
            assert 'connect_live_open{transport="websocket"} 1.0' in metrics
            assert 'connect_live_events_total{transport="websocket"} 1.0' in metrics
        async with greeted(live.port, token) as talk:
            await talk.say("x")
            await talk.ending()
        async with asyncio.timeout(10):
            while 'connect_live_open{transport="websocket"} 0.0' not in metrics:
                metrics = (await client.get("/metrics")).text
    assert 'connect_live_closes_total{code="4400",transport="websocket"} 1.0' in metrics
    assert 'connect_live_closes_total{code="1000",transport="websocket"} 1.0' in metrics
    told = "".join(capfd.readouterr())
    assert told.count("socket_closed") == 2
    assert token not in told


async def test_an_aborted_subscription_leaves_nothing(
    live: Local, app: Starlette, token: str
) -> None:
    services = app.state.lifespan["services"]
    async with greeted(live.port, token) as talk:
        await talk.follow(EVENTS)
        await settled(live, app)
    await live.closes()
    before = len(asyncio.all_tasks())
    for _ in range(50):
        async with greeted(live.port, token) as talk:
            for number in range(3):
                await talk.follow(EVENTS, str(number))
            talk.socket.transport.abort()
    await live.closes()
    async with asyncio.timeout(10):
        while len(asyncio.all_tasks()) > before or services.feed.waiting:  # noqa: ASYNC110
            await asyncio.sleep(0.01)
    await idle(services.database)


async def test_a_service_that_stops_says_so_at_once(
    live: Local, app: Starlette, token: str
) -> None:
    async with greeted(live.port, token) as talk:
        await talk.follow(EVENTS)
        await settled(live, app)
        began = time.monotonic()
        live.server.should_exit = True
        closed = await talk.ending()
        assert (closed.code, bool(closed.reason)) == (1012, True)
        assert time.monotonic() - began < 1
