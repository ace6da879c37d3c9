"""Nothing that a client sends leads to a 5xx; and what a fault on our side looks like."""

from typing import Any
from urllib.parse import quote

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from structlog.testing import CapturingLogger

from db.engine import DatabaseUnavailable
from rest import appointments, face
from rest.face import RestFace
from schema.operation.arrival import Arrival
from schema.operation.call import Caller
from tests.rest.site import LIST, PREFIX, Site, converse

UNKNOWN = "0190a5f6-0000-7000-8000-000000000000"

below = st.sampled_from(
    ["", f"{UNKNOWN}/", "ID/", "ID/participants/", f"ID/participants/{UNKNOWN}/",
     "ID/participants/add/", "ID/participants/remove"]
) | st.text(st.characters(exclude_categories=["Cs"]), max_size=20).map(quote)  # fmt: skip
bytes_as_text = st.binary(max_size=40).map(lambda raw: raw.decode("latin-1"))
queries = bytes_as_text | st.lists(
    st.tuples(
        st.sampled_from(["page", "page_size", "start_date", "end_date", "participant_unique_id",
                         "format", "x"]),
        st.text(st.characters(exclude_categories=["Cs"]), max_size=12) | st.sampled_from(
            ["2025-10-30", "last", "9" * 30, "-1", "json", "2025-10-30T15:26:22+02:00"]),
    ).map(lambda pair: f"{pair[0]}={quote(pair[1])}"),
    max_size=4,
).map("&".join)  # fmt: skip
bodies = st.binary(max_size=60) | st.sampled_from(
    [b"{}", b"[]", b"null", b'{"title":"\\ud800"}', b'[{"role":"\\ud800"}]', b"[0]role=x",
     b'{"config":{"\\ud800":"\\ud800"}}', b'[{"id":1e400}]', b'{"participants":[[],{},null]}',
     b'{"\\ud800":{"\\udc00":[]}}']
)  # fmt: skip
types = st.sampled_from(
    ["application/json", "application/x-www-form-urlencoded", "multipart/form-data; boundary=XX",
     "application/json; charset=utf-16", "text/plain", ""]
) | bytes_as_text  # fmt: skip
methods = st.sampled_from(["GET", "HEAD", "POST", "PATCH", "DELETE", "OPTIONS", "PUT", "X"])


@settings(
    max_examples=400,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(methods, below, queries, types, bytes_as_text, bodies)
async def test_no_request_leads_to_a_server_error(
    site: Site, method: str, path: str, query: str, kind: str, accept: str, body: bytes
) -> None:
    path = path.replace("ID", (await site.book())["id"])
    headers = [("Content-Type", kind), ("Accept", accept if len(accept) % 3 else "*/*")]
    reply = await site.ask(method, f"{LIST}{path}?{query}", headers, body)
    assert reply.status < 500
    assert reply.status == 204 or reply.headers["content-type"] == "application/json"


async def test_a_fault_of_ours_tells_its_request_id_and_nothing_else(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def fails(*_: Any, **__: Any) -> None:
        raise RuntimeError("a secret in a message")

    log = CapturingLogger()
    monkeypatch.setattr(face, "log", log)
    made = await site.book()
    monkeypatch.setattr(appointments, "get_appointment", fails)
    reply = await site.ask("GET", f"{LIST}{made['id']}/")
    assert reply.status == 500
    assert reply.json == {"detail": "A server error occurred.", "request_id": "request-1"}
    assert reply.headers["content-type"] == "application/json"
    assert reply.headers["allow"] == "GET, PATCH, DELETE, HEAD, OPTIONS"
    (logged,) = log.calls
    # `exception` is what writes the traceback.
    assert (logged.method_name, logged.args) == ("exception", ("unexpected_error",))
    assert logged.kwargs["request_id"] == "request-1"


async def test_a_database_that_is_away_is_told(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    async def away(*_: Any, **__: Any) -> None:
        raise DatabaseUnavailable("locked")

    monkeypatch.setattr(appointments, "list_appointments", away)
    reply = await site.ask("GET", LIST)
    assert (reply.status, reply.headers["retry-after"]) == (503, "5")
    assert reply.json == {"detail": "The database cannot be reached at the moment. Try again."}


async def test_a_head_of_a_fault_has_no_body(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    async def fails(*_: Any, **__: Any) -> None:
        raise RuntimeError

    monkeypatch.setattr(appointments, "list_appointments", fails)
    reply = await site.ask("HEAD", LIST)
    assert (reply.status, reply.body) == (500, b"")


async def test_a_head_is_a_get_without_its_body(site: Site) -> None:
    made = await site.book()
    for path in ("", f"{made['id']}/", f"{made['id']}/participants/", f"{UNKNOWN}/"):
        get, head = [await site.ask(method, f"{LIST}{path}") for method in ("GET", "HEAD")]
        # What is left to spend is the one thing that two equal requests differ in.
        assert get.headers.pop("ratelimit") and head.headers.pop("ratelimit")
        assert (head.status, head.headers, head.body) == (get.status, get.headers, b"")
        assert head.headers["content-length"] == str(len(get.body))


async def test_a_websocket_is_closed() -> None:
    told: list[Any] = []

    async def send(message: Any) -> None:
        told.append(message)

    closing = RestFace(PREFIX, "http://testserver", 20)
    await closing({"type": "websocket", "path": LIST}, send, send)  # type: ignore[arg-type]
    assert told == [{"type": "websocket.close", "code": 1000}]


async def test_links_stand_on_the_public_url_and_pages_on_the_setting(site: Site) -> None:
    for _ in range(3):
        await site.book()
    elsewhere = RestFace("/api/v1/", "https://connect.example/base/", 2)
    caller = Caller(site.clinic, "Demo Clinic", "id", "a token", ("read",))
    scope = {
        "type": "http",
        "method": "GET",
        "path": LIST,
        "query_string": b"x=1",
        "headers": [(b"host", b"evil.example")],
        "connect.arrival": Arrival(caller, site.services, "request-1"),
    }
    reply = await converse(elsewhere, scope, [b""])
    assert reply.json["next"] == "https://connect.example/base/api/v1/appointments/?page=2&x=1"
    assert len(reply.json["results"]) == 2
