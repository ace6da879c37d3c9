"""Subscriptions over HTTP: graphql-sse and Apollo's multipart, resumed, kept alive, ended."""

import asyncio
import json
import time
from typing import Any

import pytest
from starlette.applications import Starlette

from gateway.live import streams
from schema.operator.organizations import switch_organization
from tests.people import Tenant
from tests.settling import idle
from tests.wire.local import Local

from .changes import EVENTS, booked, client_of, renamed, streamed
from .test_following import settled

BARE = "subscription { events { type } }"
VIEWER = "{ viewer { tokenName } }"
MULTIPART = 'multipart/mixed;boundary="graphql";subscriptionSpec=1.0,application/json;q=0.9'


def sent(query: str, **more: Any) -> dict[str, Any]:
    return {"json": {"query": query, **more}}


@pytest.mark.parametrize("method", ["POST", "GET"])
async def test_events_are_streamed_and_resumed_by_their_ids(
    live: Local, app: Starlette, token: str, method: str
) -> None:
    asked = sent(BARE) if method == "POST" else {"params": {"query": BARE}}
    async with client_of(live.port, token) as client:
        async with streamed(client, method, "/graphql", **asked) as source:
            assert source.response.status_code == 200
            assert source.response.headers["content-type"] == "text/event-stream; charset=utf-8"
            assert source.response.headers["cache-control"] == "no-store"
            await settled(live, app)
            id = await booked(client)
            first = await source.next()
            assert first is not None and first.event == "next"
            assert first.data == {"data": {"events": {"type": "APPOINTMENT_CREATED"}}}
            assert source.comments == 1
        for number in range(3):
            await renamed(client, id, f"Missed {number}")
        resumed = {"Last-Event-ID": str(first.id)}
        async with streamed(client, method, "/graphql", headers=resumed, **asked) as source:
            for _ in range(3):
                part = await source.next()
                assert part is not None
                assert part.data == {"data": {"events": {"type": "APPOINTMENT_UPDATED"}}}
        # It counts before what the document says.
        earlier = sent(EVENTS, variables={"after": ""})
        async with streamed(client, "POST", "/graphql", headers=resumed, **earlier) as source:
            part = await source.next()
            assert part is not None
            assert part.data["data"]["events"]["type"] == "APPOINTMENT_UPDATED"
            assert part.data["data"]["events"]["cursor"] == part.id


async def test_single_results_and_errors_are_events_too(live: Local, token: str) -> None:
    async with client_of(live.port, token) as client:
        for query, code in (
            (VIEWER, None),
            ("{", "GRAPHQL_PARSE_FAILED"),
            ("{ nothing }", "GRAPHQL_VALIDATION_FAILED"),
            ("subscription { nothing }", "GRAPHQL_VALIDATION_FAILED"),
            ('subscription { events(after: "x") { id } }', "BAD_USER_INPUT"),
        ):
            async with streamed(client, "POST", "/graphql", **sent(query)) as source:
                assert source.response.status_code == 200
                first, last = await source.next(), await source.next()
                assert first is not None and last is not None
                assert (first.event, last.event, last.data) == ("next", "complete", None)
                if code is None:
                    assert first.data["data"]["viewer"]["tokenName"] == "write token"
                else:
                    assert first.data["errors"][0]["extensions"]["code"] == code
                assert await source.next() is None


async def test_refusals_of_http_stay_what_they_are(live: Local, token: str) -> None:
    async with client_of(live.port, "nobody") as stranger:
        async with streamed(stranger, "POST", "/graphql", **sent(BARE)) as source:
            assert source.response.status_code == 401
        async with streamed(stranger, "POST", "/graphql", **sent("{ __typename }")) as source:
            first = await source.next()
            assert first is not None
            assert first.data == {"data": {"__typename": "Query"}}
    async with client_of(live.port, token) as client:
        async with streamed(client, "POST", "/graphql", json=[]) as source:
            assert source.response.status_code == 400
        mutation = 'mutation { deleteAppointment(id: "x") { __typename } }'
        async with streamed(client, "GET", "/graphql", params={"query": mutation}) as source:
            assert source.response.status_code == 405


@pytest.mark.parametrize(
    "accept",
    [None, "*/*", "application/json", "application/graphql-response+json", "multipart/mixed",
     "multipart/mixed;deferSpec=20220824, application/json", "text/*, */*"],
)  # fmt: skip
async def test_without_a_stream_a_subscription_is_told_what_to_do(
    live: Local, token: str, accept: str | None
) -> None:
    headers = {"Accept": accept} if accept else {}
    async with client_of(live.port, token) as client:
        asked = [await client.post("/graphql", headers=headers, **sent(BARE))]
        asked.append(await client.get("/graphql", headers=headers, params={"query": BARE}))
    for answer in asked:
        if accept == "multipart/mixed":
            assert answer.status_code == 406
            continue
        (error,) = answer.json()["errors"]
        assert error["extensions"]["code"] == "SUBSCRIPTION_NEEDS_STREAM"
        assert "text/event-stream" in error["message"] and "WebSocket" in error["message"]
        is_strict = accept == "application/graphql-response+json"
        assert answer.status_code == (400 if is_strict else 200)


@pytest.mark.parametrize(
    "headers",
    [
        {"Upgrade": "websocket"},
        {"Upgrade": "websocket", "Connection": "close"},
        {"Upgrade": "h2c, WebSocket", "Connection": "Upgrade"},
        {"Sec-WebSocket-Key": "AAAAAAAAAAAAAAAAAAAAAA==", "Sec-WebSocket-Version": "13"},
        {"Upgrade": "websocket", "Connection": "Upgrade"},
        {"Upgrade": "websocket", "Connection": "Upgrade", "Sec-WebSocket-Key": "x",
         "Sec-WebSocket-Version": "13"},
        {"Upgrade": "websocket", "Connection": "Upgrade", "Sec-WebSocket-Version": "7",
         "Sec-WebSocket-Key": "AAAAAAAAAAAAAAAAAAAAAA=="},
    ],
)  # fmt: skip
async def test_a_handshake_that_goes_wrong_is_not_asked_for_a_query(
    live: Local, headers: dict[str, str]
) -> None:
    lines = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
    request = f"GET /graphql HTTP/1.1\r\nHost: 127.0.0.1\r\n{lines}"
    request += "" if "Connection" in headers else "Connection: close\r\n"
    reader, writer = await live.open()
    writer.write(f"{request}\r\n".encode())
    head = await asyncio.wait_for(reader.readuntil(b"\r\n\r\n"), 10)
    status = int(head.split()[1])
    length = int(head.lower().partition(b"content-length:")[2].split()[0])
    body = json.loads(await asyncio.wait_for(reader.readexactly(length), 10))
    writer.close()
    assert status in (400, 426)
    assert "query" not in json.dumps(body)
    assert "websocket" in json.dumps(body).lower()


async def test_apollo_s_multipart_is_streamed_part_by_part(
    live: Local, app: Starlette, token: str
) -> None:
    async with client_of(live.port, token) as client:
        headers = {"Accept": MULTIPART}
        async with client.stream("POST", "/graphql", headers=headers, **sent(BARE)) as response:
            assert response.headers["content-type"].startswith("multipart/mixed")
            assert 'boundary="graphql"' in response.headers["content-type"]
            chunks = response.aiter_bytes()
            heard = await asyncio.wait_for(anext(chunks), 10)
            await settled(live, app)
            await booked(client)
            while b"APPOINTMENT_CREATED" not in heard or not heard.endswith(b"--graphql"):
                heard += await asyncio.wait_for(anext(chunks), 10)
        parts = [part.partition(b"\r\n\r\n")[2] for part in heard.split(b"\r\n--graphql")]
        told = [json.loads(part) for part in parts if part]
        assert told[0] == {}
        assert told[1] == {"payload": {"data": {"events": {"type": "APPOINTMENT_CREATED"}}}}
        # What is not a subscription, or cannot be one, is answered as ever.
        plain = await client.post("/graphql", headers=headers, **sent(VIEWER))
        assert plain.headers["content-type"].startswith("application/json")
        wrong = await client.post("/graphql", headers=headers, **sent("subscription { nothing }"))
        assert wrong.json()["errors"]
        lost = sent('subscription { events(after: "x") { id } }')
        broken = await client.post("/graphql", headers=headers, **lost)
        last = broken.content.split(b"\r\n--graphql")[2].partition(b"\r\n\r\n")[2]
        assert json.loads(last)["payload"] is None
        assert json.loads(last)["errors"][0]["extensions"]["code"] == "BAD_USER_INPUT"
        assert broken.content.endswith(b"\r\n--graphql--\r\n")


async def test_a_stream_without_news_is_kept_alive(
    live: Local, app: Starlette, token: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(streams, "HEARTBEAT_SECONDS", 0.05)
    async with (
        client_of(live.port, token) as client,
        streamed(client, "POST", "/graphql", **sent(BARE)) as source,
    ):
        with pytest.raises(TimeoutError):
            await source.next(0.5)
        assert source.comments >= 5


async def test_a_stream_ends_with_its_token_within_a_second(
    live: Local, app: Starlette, tenant: Tenant
) -> None:
    async with (
        client_of(live.port, tenant.write) as client,
        streamed(client, "POST", "/graphql", **sent(BARE)) as source,
    ):
        await settled(live, app)
        await asyncio.sleep(0.6)
        services = app.state.lifespan["services"]
        await switch_organization(services.database, tenant.name, active=False)
        began = time.monotonic()
        assert await source.next() is None
        assert time.monotonic() - began < 1


async def test_streams_count_with_the_sockets_of_their_token(live: Local, tenant: Tenant) -> None:
    from contextlib import AsyncExitStack

    from .talk import init, opened

    async with AsyncExitStack() as stack:
        client = await stack.enter_async_context(client_of(live.port, tenant.read))
        for _ in range(20):
            asked = streamed(client, "POST", "/graphql", **sent(BARE))
            assert (await stack.enter_async_context(asked)).response.status_code == 200
        async with streamed(client, "POST", "/graphql", **sent(BARE)) as source:
            assert source.response.status_code == 429
            body = json.loads(await source.response.aread())
            assert body["errors"][0]["extensions"]["code"] == "TOO_MANY_CONNECTIONS"
        async with opened(live.port) as talk:
            await talk.say(init(tenant.read))
            assert (await talk.ending()).code == 4429


async def test_a_stream_that_is_left_leaves_nothing(
    live: Local, app: Starlette, token: str
) -> None:
    services = app.state.lifespan["services"]
    async with client_of(live.port, token) as client:
        await booked(client)
    await live.closes()
    before = len(asyncio.all_tasks())
    for _ in range(30):
        async with (
            client_of(live.port, token) as client,
            streamed(client, "POST", "/graphql", **sent(EVENTS, variables={"after": ""})) as source,
        ):
            await source.next()
    await live.closes()
    async with asyncio.timeout(10):
        while len(asyncio.all_tasks()) > before or services.feed.waiting:  # noqa: ASYNC110
            await asyncio.sleep(0.01)
    await idle(services.database)


async def test_streams_stand_in_metrics_of_their_own(
    live: Local, app: Starlette, token: str, capfd: pytest.CaptureFixture[str]
) -> None:
    async with client_of(live.port, token) as client:
        async with streamed(client, "POST", "/graphql", **sent(BARE)) as source:
            await settled(live, app)
            await booked(client)
            await source.next()
        async with asyncio.timeout(10):
            metrics = ""
            while 'connect_live_open{transport="sse"} 0.0' not in metrics:
                metrics = (await client.get("/metrics")).text
    assert 'connect_live_closes_total{code="1006",transport="sse"} 1.0' in metrics
    assert 'connect_live_events_total{transport="sse"} 1.0' in metrics
    # How long a stream lasted is no measure of an answer.
    assert 'operation="subscription"' not in metrics
    assert "".join(capfd.readouterr()).count("stream_closed") == 1


async def test_a_service_that_stops_ends_its_streams_at_once(
    live: Local, app: Starlette, token: str
) -> None:
    async with (
        client_of(live.port, token) as client,
        streamed(client, "POST", "/graphql", **sent(BARE)) as source,
    ):
        await settled(live, app)
        began = time.monotonic()
        live.server.should_exit = True
        assert await source.next() is None
        assert time.monotonic() - began < 1
