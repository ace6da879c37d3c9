"""graphql-transport-ws: what is closed with which code, and what is not closed at all."""

import asyncio
import json
import time
from contextlib import AsyncExitStack
from hashlib import sha256
from itertools import pairwise
from typing import Any

import pytest
from starlette.applications import Starlette
from websockets.exceptions import InvalidStatus

from gateway.graphql_operation import Operations
from gateway.live import operations, protocol, websocket
from schema.operation.throttle import Rate, Throttle
from tests.people import Tenant
from tests.wire.local import Local

from .talk import SUBPROTOCOL, Closed, greeted, init, opened

VIEWER = "{ viewer { tokenName } }"
PING = {"type": "ping"}


async def test_a_query_is_answered_and_complete(live: Local, token: str) -> None:
    async with greeted(live.port, token) as talk:
        heard = await talk.ask(VIEWER, "a")
    assert heard == [
        {"id": "a", "type": "next", "payload": {"data": {"viewer": {"tokenName": "write token"}}}},
        {"id": "a", "type": "complete"},
    ]


@pytest.mark.parametrize(
    "message",
    [
        "", "x", "null", "1", '"x"', "[]", "{}", "{", '{"type": 1}', '{"type": "start"}',
        '{"type": null}', '{"type": "subscribe"}', '{"type":"ping","type":"ping"}',
        '{"type": "subscribe", "id": ["1"], "payload": {"query": "{__typename}"}}',
        '{"type": "subscribe", "id": 1, "payload": {"query": "{__typename}"}}',
        '{"type": "subscribe", "id": "", "payload": {"query": "{__typename}"}}',
        '{"type": "subscribe", "id": "%s", "payload": {"query": "{__typename}"}}' % ("x" * 256),
        '{"type": "subscribe", "id": "1"}',
        '{"type": "subscribe", "id": "1", "payload": "x"}',
        '{"type": "subscribe", "id": "1", "payload": []}',
        '{"type": "subscribe", "id": "1", "payload": {"query": 1}}',
        '{"type": "subscribe", "id": "1", "payload": {"query": "{__typename}", "variables": []}}',
        '{"type": "subscribe", "id": "1", "payload": {"query": "{__typename}", "operationName": 1}}',
        '{"type": "subscribe", "id": "1", "payload": {"query": "{__typename}", "extensions": 1}}',
        '{"type": "complete"}', '{"type": "complete", "id": 1}', '{"type": "connection_ack"}',
        '{"type": "next", "id": "1"}', '{"type": "ping", "payload": "x"}', "[" * 5_000, "NaN",
        b"{}", json.dumps(PING).encode(),
    ],
)  # fmt: skip
async def test_a_message_that_is_none_closes_with_4400(
    live: Local, token: str, message: str | bytes
) -> None:
    async with greeted(live.port, token) as talk:
        await talk.say(message)
        closed = await talk.ending()
    assert (closed.code, bool(closed.reason)) == (4400, True)


async def test_the_first_message_has_to_be_one_too(live: Local) -> None:
    for message in ("x", "[]", b"\x00", {"type": "connection_init", "payload": 1},
                    {"type": "connection_init", "payload": {"Authorization": 1}}):  # fmt: skip
        async with opened(live.port) as talk:
            await talk.say(message)
            assert (await talk.ending()).code == 4400


async def test_before_it_is_known_who_speaks_messages_are_short(live: Local, token: str) -> None:
    async with opened(live.port) as talk:
        await talk.say({**PING, "payload": {"x": "x" * 4_000}})
        assert (await talk.hear())["type"] == "pong"
        await talk.say({**PING, "payload": {"x": "x" * 4_100}})
        closed = await talk.ending()
    assert (closed.code, "4096 characters" in closed.reason) == (4400, True)
    async with greeted(live.port, token) as talk:
        await talk.say({**PING, "payload": {"x": "x" * 4_100}})
        assert (await talk.hear())["type"] == "pong"


async def test_an_operation_before_the_acknowledgement_closes_with_4401(live: Local) -> None:
    async with opened(live.port) as talk:
        await talk.say(PING)
        assert await talk.hear() == {"type": "pong"}
        await talk.follow(VIEWER)
        assert (await talk.ending()).code == 4401


@pytest.mark.parametrize(
    ("payload", "word"),
    [
        (None, "connection_init"),
        ({}, "connection_init"),
        ({"Authorization": None}, "connection_init"),
        ({"Authorization": ""}, "connection_init"),
        ({"Authorization": "Bearer nobody"}, "Invalid token"),
        ({"authorization": "Token nobody"}, "Invalid token"),
        ({"token": "nobody"}, "Invalid token"),
        ({"Authorization": "Bearer a b"}, "spaces"),
        ({"Authorization": "Basic eDp5"}, "Bearer"),
        ({"Authorization": "Bearer \ud800"}, "Invalid token"),
    ],
)
async def test_a_token_that_is_none_closes_with_4403(live: Local, payload: Any, word: str) -> None:
    async with opened(live.port) as talk:
        await talk.say({"type": "connection_init", "payload": payload})
        closed = await talk.ending()
    assert closed.code == 4403
    assert word in closed.reason


async def test_the_token_may_stand_in_many_places(live: Local, tenant: Tenant) -> None:
    token = tenant.read
    for payload in (
        {"Authorization": f"Bearer {token}"}, {"authorization": f"Token {token}"},
        {"authorization": token}, {"token": token}, {"token": f"Bearer {token}"},
        {"X-API-Key": token}, {"x-api-key": token, "more": [1]},
    ):  # fmt: skip
        async with opened(live.port) as talk:
            await talk.say({"type": "connection_init", "payload": payload})
            assert await talk.hear() == {"type": "connection_ack"}
    headers = {"Authorization": f"Bearer {token}"}
    for message in ({"type": "connection_init"}, {"type": "connection_init", "payload": {}}):
        async with opened(live.port, additional_headers=headers) as talk:
            await talk.say(message)
            assert await talk.hear() == {"type": "connection_ack"}


async def test_the_payload_s_token_counts_before_the_header_s(live: Local, tenant: Tenant) -> None:
    headers = {"Authorization": f"Bearer {tenant.write}"}
    async with greeted(live.port, tenant.read, additional_headers=headers) as talk:
        heard = await talk.ask(VIEWER)
        assert heard[0]["payload"]["data"]["viewer"]["tokenName"] == "read token"
    async with opened(live.port, additional_headers=headers) as talk:
        await talk.say(init("nobody"))
        assert (await talk.ending()).code == 4403


async def test_another_subprotocol_closes_with_4406(live: Local) -> None:
    for offered in ((), ("graphql-ws",), ("x", "graphql-transport-ws2")):
        async with opened(live.port, subprotocols=offered) as talk:
            closed = await talk.ending()
        assert closed.code == 4406
        assert SUBPROTOCOL in closed.reason
    async with opened(live.port, subprotocols=("graphql-ws", SUBPROTOCOL)) as talk:
        assert talk.socket.subprotocol == SUBPROTOCOL


async def test_whoever_does_not_begin_is_closed_with_4408(
    live: Local, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert websocket.INIT_SECONDS == 5
    monkeypatch.setattr(websocket, "INIT_SECONDS", 0.2)
    async with opened(live.port) as talk:
        for _ in range(3):
            await talk.say(PING)
        assert (await talk.ending()).code == 4408


async def test_an_id_that_is_in_use_closes_with_4409(live: Local, token: str) -> None:
    async with greeted(live.port, token) as talk:
        await talk.follow("subscription { events { id } }", "same")
        await talk.follow("subscription { events { id } }", "same")
        closed = await talk.ending()
    assert (closed.code, closed.reason) == (4409, "Subscriber for same already exists")


async def test_an_id_that_is_no_unicode_is_closed_with_its_code_too(
    live: Local, token: str
) -> None:
    async with greeted(live.port, token) as talk:
        for _ in range(2):
            await talk.follow("subscription { events { id } }", "\ud800")
        closed = await talk.ending()
    assert (closed.code, closed.reason) == (4409, "Subscriber for ? already exists")


async def test_a_second_beginning_closes_with_4429(live: Local, token: str) -> None:
    async with greeted(live.port, token) as talk:
        await talk.say(init(token))
        closed = await talk.ending()
    assert (closed.code, closed.reason) == (4429, "Too many initialisation requests")


async def test_a_token_holds_twenty_sockets(live: Local, tenant: Tenant) -> None:
    from contextlib import AsyncExitStack

    async with AsyncExitStack() as stack:
        talks = [
            await stack.enter_async_context(greeted(live.port, tenant.read)) for _ in range(20)
        ]
        async with opened(live.port) as talk:
            await talk.say(init(tenant.read))
            closed = await talk.ending()
        assert closed.code == 4429
        assert "20" in closed.reason
        async with greeted(live.port, tenant.write):
            pass  # Another token is another's.
        await talks[0].socket.close()
        async with greeted(live.port, tenant.read):
            pass


async def test_a_socket_runs_twenty_operations(live: Local, token: str) -> None:
    assert operations.MOST_OPERATIONS == 20
    async with greeted(live.port, token) as talk:
        for number in range(20):
            await talk.follow("subscription { events { id } }", str(number))
        heard = await talk.ask(VIEWER, "more")
        assert heard[0]["type"] == "error"
        assert heard[0]["payload"][0]["extensions"]["code"] == "TOO_MANY_OPERATIONS"
        await talk.say({"type": "complete", "id": "7"})
        heard = await talk.ask(VIEWER, "more")
        assert [each["type"] for each in heard] == ["next", "complete"]


@pytest.mark.parametrize(
    ("query", "code"),
    [
        ("{", "GRAPHQL_PARSE_FAILED"),
        ("", "BAD_REQUEST"),
        (" \n", "BAD_REQUEST"),
        ("{ nothing }", "GRAPHQL_VALIDATION_FAILED"),
        ("query A { __typename } query B { __typename }", "BAD_USER_INPUT"),
        ("query($n: Int!) { appointments(first: $n) { totalCount } }", "BAD_USER_INPUT"),
        ("subscription { events { nothing } }", "GRAPHQL_VALIDATION_FAILED"),
        ("subscription { a: events { id } b: events { id } }", "GRAPHQL_VALIDATION_FAILED"),
        ("subscription($x: Nothing) { events { id } }", "GRAPHQL_VALIDATION_FAILED"),
        ('subscription($x: Int!) { events(after: "x") { id } }', "GRAPHQL_VALIDATION_FAILED"),
        ("subscription($x: String!) { events(after: $x) { id } }", "BAD_USER_INPUT"),
        ('subscription { events(after: "nonsense") { id } }', "BAD_USER_INPUT"),
        ('subscription { events(appointmentId: "nonsense") { id } }', "BAD_USER_INPUT"),
        ("subscription { events(types: []) { id } }", "BAD_USER_INPUT"),
    ],
)
async def test_what_is_wrong_with_an_operation_ends_only_that(
    live: Local, token: str, query: str, code: str
) -> None:
    async with greeted(live.port, token) as talk:
        (error,) = await talk.ask(query, "wrong")
        assert (error["type"], error["id"]) == ("error", "wrong")
        assert error["payload"][0]["extensions"]["code"] == code
        assert error["payload"][0]["message"]
        heard = await talk.ask(VIEWER, "wrong")
        assert [each["type"] for each in heard] == ["next", "complete"]


async def test_pings_carry_their_payload_back(live: Local, token: str) -> None:
    async with greeted(live.port, token) as talk:
        await talk.say({"type": "ping", "payload": {"at": [1, None, "ü"]}})
        assert await talk.hear() == {"type": "pong", "payload": {"at": [1, None, "ü"]}}
        await talk.say({"type": "pong"})
        await talk.say({"type": "pong", "payload": {}})
        await talk.say({"type": "complete", "id": "unknown"})
        await talk.say(PING)
        assert await talk.hear() == {"type": "pong"}
        waiter = await talk.socket.ping()
        await waiter


async def test_what_many_say_at_once_is_read_in_turns(
    live: Local, monkeypatch: pytest.MonkeyPatch
) -> None:
    sockets, read = 20, protocol.read
    turns: list[float] = []

    def slowly(text: str) -> protocol.Message:
        time.sleep(0.01)
        return read(text)

    async def turn() -> None:
        while True:
            turns.append(time.monotonic())
            await asyncio.sleep(0)

    monkeypatch.setattr(protocol, "read", slowly)
    async with AsyncExitStack() as stack:
        talks = [await stack.enter_async_context(opened(live.port)) for _ in range(sockets)]
        turning = asyncio.ensure_future(turn())
        await asyncio.gather(*[talk.say(PING) for talk in talks])
        assert await asyncio.gather(*[talk.hear() for talk in talks]) == [{"type": "pong"}] * 20
        turning.cancel()
        longest = max(after - before for before, after in pairwise(turns))
    assert longest < sockets * 0.01 / 2


async def test_more_than_64_kib_closes_with_1009(live: Local, token: str) -> None:
    async with greeted(live.port, token) as talk:
        await talk.say({"type": "ping", "payload": {"x": "y" * 60_000}})
        assert len((await talk.hear())["payload"]["x"]) == 60_000
        await talk.say({"type": "ping", "payload": {"x": "y" * 66_000}})
        assert (await talk.ending()).code == 1009


async def test_scopes_and_the_budget_hold(live: Local, tenant: Tenant) -> None:
    mutation = 'mutation { deleteAppointment(id: "x") { __typename } }'
    many = "{ " + " ".join(
        f"a{n}: appointments(first: 100) {{ nodes {{ participants(first: 100) {{ nodes {{ id }} }} }} }}"
        for n in range(3)
    ) + " }"  # fmt: skip
    async with greeted(live.port, tenant.read) as talk:
        (heard, _) = await talk.ask(mutation)
        assert heard["payload"]["errors"][0]["extensions"]["code"] == "FORBIDDEN"
        (heard,) = await talk.ask(many)
        assert heard["type"] == "error"
        assert "points" in heard["payload"][0]["message"]


@pytest.mark.parametrize(
    ("origin", "is_welcome"),
    [
        (None, True),
        ("https://app.example", True),
        ("HTTPS://APP.EXAMPLE", True),
        ("http://testserver", True),
        ("https://testserver", False),
        ("https://evil.example", False),
        ("null", False),
        ("https://app.example.evil.example", False),
        ("http://127.0.0.1:1", False),
        ("http://[", False),
    ],
)
async def test_only_pages_of_ours_may_open_a_socket(
    live: Local, origin: str | None, is_welcome: bool
) -> None:
    headers = {"Origin": origin} if origin else {}
    if is_welcome:
        async with opened(live.port, additional_headers=headers):
            return
    with pytest.raises(InvalidStatus) as refused:
        async with opened(live.port, additional_headers=headers):
            pass
    assert refused.value.response.status_code == 403
    assert b"CONNECT_CORS_ORIGINS" in refused.value.response.body


async def test_our_own_host_is_welcome_whatever_the_scheme(live: Local) -> None:
    for scheme in ("http", "https"):
        headers = {"Origin": f"{scheme}://127.0.0.1:{live.port}"}
        async with opened(live.port, additional_headers=headers):
            pass


async def test_there_is_no_socket_elsewhere(live: Local, token: str) -> None:
    for path in ("/", "/api/v1/appointments/", "/graphqlx", "/join/x", "/healthz"):
        with pytest.raises(InvalidStatus) as refused:
            async with opened(live.port, path=path):
                pass
        assert refused.value.response.status_code == 404
        assert b"/graphql" in refused.value.response.body
    async with greeted(live.port, token, path="/graphql/"):
        pass


async def test_another_host_is_refused_like_over_http(live: Local) -> None:
    with pytest.raises(InvalidStatus) as refused:
        async with opened(live.port, additional_headers={"Host": "evil.example"}):
            pass
    assert refused.value.response.status_code == 400
    assert b"CONNECT_ALLOWED_HOSTS" in refused.value.response.body


def test_reasons_fit_into_a_closing_frame() -> None:
    from gateway.live.protocol import Closing

    brief = Closing(4400, "ü" * 200).brief
    assert len(brief.encode()) <= 123
    assert set(brief) == {"ü"}


def test_closed_says_what_it_is() -> None:
    assert str(Closed(4400, "x")) == "4400 x"


async def test_a_document_may_be_named_by_its_hash(live: Local, token: str) -> None:
    persisted = {"version": 1, "sha256Hash": sha256(VIEWER.encode()).hexdigest()}
    message = {"id": "1", "type": "subscribe"}
    by_hash = message | {"payload": {"extensions": {"persistedQuery": persisted}}}
    async with greeted(live.port, token) as talk:
        await talk.say(by_hash)
        error = await talk.hear()
        assert error["payload"][0]["message"] == "PersistedQueryNotFound"
        await talk.ask(VIEWER, extensions={"persistedQuery": persisted})
        await talk.say(by_hash)
        heard = await talk.hear()
        assert heard["payload"]["data"]["viewer"]["tokenName"] == "write token"


async def test_a_token_without_points_is_told_so(live: Local, app: Starlette, token: str) -> None:
    services = app.state.lifespan["services"]
    object.__setattr__(services, "throttle", Throttle(Rate(10, 3600)))
    async with greeted(live.port, token) as talk:
        heard = [(await talk.ask(VIEWER))[-1] for _ in range(10)]
    assert heard[0]["type"] == "complete"
    assert heard[-1]["type"] == "error"
    assert heard[-1]["payload"][0]["extensions"]["code"] == "RATE_LIMITED"


async def test_a_fault_of_ours_ends_its_operation_and_is_masked(
    live: Local, token: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: Any) -> None:
        raise ZeroDivisionError("secret detail")

    async with greeted(live.port, token) as talk:
        monkeypatch.setattr(Operations, "price", broken)
        (error,) = await talk.ask(VIEWER)
        assert error["payload"][0]["extensions"]["code"] == "INTERNAL_SERVER_ERROR"
        assert "secret" not in json.dumps(error)
        monkeypatch.undo()
        assert (await talk.ask(VIEWER))[-1]["type"] == "complete"
