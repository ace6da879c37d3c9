"""Keys over REST: statuses, headers and bytes of the answers."""

import asyncio
from typing import Any

import httpx2
import pytest

from tests.contract.test_appointments import START, booking
from tests.people import Tenant
from tests.retries.conftest import Held

PATH = "/api/v1/appointments/"
# What differs from one answer to the next, whatever they say.
OF_THE_REQUEST = {"x-request-id", "ratelimit", "idempotency-replayed"}


class Caller:
    """Sends requests under keys."""

    def __init__(self, client: httpx2.AsyncClient, token: str) -> None:
        self._client = client
        self._token = token

    async def __call__(
        self, method: str, path: str = "", key: str | None = "k", **more: Any
    ) -> httpx2.Response:
        headers = {"Authorization": f"Token {self._token}", **more.pop("headers", {})}
        if key is not None:
            headers["Idempotency-Key"] = key
        return await self._client.request(method, PATH + path, headers=headers, **more)

    async def booked(self) -> Any:
        return (await self("POST", key=None, json=booking())).json()


@pytest.fixture
def send(client: httpx2.AsyncClient, tenant: Tenant) -> Caller:
    return Caller(client, tenant.write)


def said(answer: httpx2.Response) -> tuple[int, bytes, dict[str, str]]:
    headers = {name: value for name, value in answer.headers.items() if name not in OF_THE_REQUEST}
    return answer.status_code, answer.content, headers


WRITES = [
    ("POST", "", {"json": booking()}, 201),
    ("PATCH", "{id}/", {"json": {"title": "Visa", "strange": 1}}, 200),
    ("PATCH", "{id}/", {"data": {"title": "Visa", "config.chat_enabled": "true"}}, 200),
    ("DELETE", "{id}/", {}, 204),
    ("PATCH", "{id}/participants/{person}/", {"json": {"role": "participant"}}, 200),
    ("DELETE", "{id}/participants/{person}/", {}, 204),
    ("POST", "{id}/participants/add/", {"json": [{"unique_id": "c", "role": "moderator"}]}, 200),
    ("POST", "{id}/participants/add/", {"json": []}, 200),
    ("POST", "{id}/participants/add/", {"data": {"[0]unique_id": "c", "[0]role": "moderator"}}, 200),
    ("POST", "{id}/participants/remove/", {"json": [{"id": "{person}"}, {"id": "{id}"}]}, 200),
    ("POST", "{id}/cancel/", {"json": {"reason": "ill"}}, 200),
    ("POST", "{id}/cancel/", {}, 200),
]  # fmt: skip


@pytest.mark.parametrize(("method", "path", "body", "status"), WRITES)
async def test_every_write_answers_again_byte_for_byte(
    send: Caller, method: str, path: str, body: dict[str, Any], status: int
) -> None:
    booked = await send.booked()
    ids = {"{id}": booked["id"], "{person}": booked["participants"][0]["id"]}
    path, body = filled(path, ids), filled(body, ids)
    first = await send(method, path, **body)
    assert first.status_code == status
    assert "idempotency-replayed" not in first.headers
    for _ in range(2):
        again = await send(method, path, **body)
        assert said(again) == said(first)
        assert again.headers["idempotency-replayed"] == "true"
    await send("DELETE", f"{booked['id']}/", key=None)
    assert said(await send(method, path, **body)) == said(first)


def filled(value: Any, ids: dict[str, str]) -> Any:
    if isinstance(value, str):
        for name, id in ids.items():
            value = value.replace(name, id)
        return value
    if isinstance(value, list):
        return [filled(each, ids) for each in value]
    return (
        {name: filled(each, ids) for name, each in value.items()}
        if isinstance(value, dict)
        else value
    )


async def test_a_form_and_json_are_the_same_request(send: Caller) -> None:
    booked = await send.booked()
    path = f"{booked['id']}/"
    first = await send("PATCH", path, json={"title": "Visa", "duration_minutes": 45})
    again = await send("PATCH", path, data={"duration_minutes": "45", "title": " Visa "})
    assert (again.content, again.headers["idempotency-replayed"]) == (first.content, "true")


async def test_an_indented_answer_is_the_same_request(send: Caller) -> None:
    await send("POST", json=booking())
    pretty = await send("POST", json=booking(), headers={"Accept": "application/json; indent=2"})
    assert (pretty.status_code, pretty.content[:4]) == (201, b"{\n  ")
    assert pretty.headers["idempotency-replayed"] == "true"


async def test_both_spellings_name_one_key(send: Caller) -> None:
    first = await send("POST", key="abc", json=booking())
    assert said(await send("POST", key='"abc"', json=booking())) == said(first)
    assert said(await send("POST", key='"abc"; v=1', json=booking())) == said(first)


@pytest.mark.parametrize("key", ["", '"', '""', "a b", "a,b", "x" * 256, '"a", "b"', "\xe9"])
async def test_a_wrong_key_is_refused_and_nothing_is_done(send: Caller, key: str) -> None:
    raw = [(b"idempotency-key", key.encode("latin-1"))]
    token = f"Token {send._token}".encode()
    answer = await send._client.request(
        "POST", PATH, headers=[*raw, (b"authorization", token)], json=booking()
    )
    assert answer.status_code == 400
    assert answer.json()["detail"].startswith("Give `Idempotency-Key` as one string")
    assert (await send("GET", key=None)).json()["count"] == 0


async def test_two_headers_are_no_key(send: Caller) -> None:
    token = f"Token {send._token}".encode()
    keys = [(b"idempotency-key", b"a"), (b"idempotency-key", b"a")]
    answer = await send._client.request(
        "POST", PATH, headers=[*keys, (b"authorization", token)], json=booking()
    )
    assert answer.status_code == 400


@pytest.mark.parametrize("method", ["GET", "HEAD", "OPTIONS"])
async def test_reads_ignore_whatever_key(send: Caller, method: str) -> None:
    assert (await send(method, key='"')).status_code == 200


async def test_another_request_is_422(send: Caller) -> None:
    booked = await send.booked()
    await send("PATCH", f"{booked['id']}/", json={"title": "Visa"})
    others = [
        ("PATCH", f"{booked['id']}/", {"json": {"title": "Other"}}),
        ("PATCH", f"{booked['id']}/", {"json": {}}),
        ("PATCH", f"{(await send.booked())['id']}/", {"json": {"title": "Visa"}}),
        ("DELETE", f"{booked['id']}/", {}),
        ("POST", "", {"json": booking()}),
        ("POST", f"{booked['id']}/participants/add/", {"json": []}),
    ]
    for method, path, body in others:
        answer = await send(method, path, **body)
        assert answer.status_code == 422
        assert "take a new key" in answer.json()["detail"]
    assert (await send("PATCH", f"{booked['id']}/", json={"title": "Visa"})).status_code == 200


async def test_a_missing_object_leaves_the_key_free(send: Caller) -> None:
    booked = await send.booked()
    await send("DELETE", f"{booked['id']}/", key="d")
    assert (await send("DELETE", f"{booked['id']}/", key="e")).status_code == 404
    assert (await send("DELETE", f"{booked['id']}/", key="d")).status_code == 204
    assert (await send("POST", key="e", json=booking())).status_code == 201


async def test_what_was_done_under_a_condition_is_not_412_later(send: Caller) -> None:
    booked = await send.booked()
    path, held = f"{booked['id']}/", {"If-Match": '"1"'}
    stale = await send("PATCH", path, json={"title": "a"}, headers={"If-Match": '"7"'})
    assert stale.status_code == 412
    first = await send("PATCH", path, json={"title": "a"}, headers=held)
    assert (first.status_code, first.headers["etag"]) == (200, '"2"')
    again = await send("PATCH", path, json={"title": "a"}, headers=held)
    assert said(again) == said(first)
    assert (
        await send("PATCH", path, key="l", json={"title": "b"}, headers=held)
    ).status_code == 412
    gone = await send("DELETE", path, key="m", headers={"If-Match": '"2"'})
    assert said(await send("DELETE", path, key="m", headers={"If-Match": '"2"'})) == said(gone)


async def test_the_wait_runs_out_with_409(
    send: Caller, held: Held, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("schema.operation.once.WAIT_SECONDS", 0.05)
    first = asyncio.ensure_future(send("POST", json=booking()))
    await held.entered()
    answer = await send("POST", json=booking())
    assert (answer.status_code, answer.headers["retry-after"]) == (409, "1")
    assert "still running" in answer.json()["detail"]
    held.let_go()
    assert said(await send("POST", json=booking())) == said(await first)


async def test_those_who_wait_hold_nobody_up(send: Caller, held: Held) -> None:
    """They hold no reader and no turn of the writer while the first one is in its transaction."""
    first = asyncio.ensure_future(send("POST", json=booking()))
    await held.entered()
    waiting = [asyncio.ensure_future(send("POST", json=booking())) for _ in range(99)]
    await asyncio.sleep(0.05)
    async with asyncio.timeout(5):
        reads = [send("GET", key=None) for _ in range(20)]
        assert {each.status_code for each in await asyncio.gather(*reads)} == {200}
    assert not any(each.done() for each in waiting)
    held.let_go()
    answers = await asyncio.gather(first, *waiting)
    assert {each.content for each in answers} == {answers[0].content}
    assert sum("idempotency-replayed" in each.headers for each in answers) == 99


async def test_a_client_that_leaves_finds_out_later(send: Caller, held: Held) -> None:
    first = asyncio.ensure_future(send("POST", json=booking()))
    await held.entered()
    first.cancel()
    second = asyncio.ensure_future(send("POST", json=booking()))
    await asyncio.sleep(0.02)
    held.let_go()
    answer = await second
    assert (answer.status_code, answer.headers["idempotency-replayed"]) == (201, "true")
    assert (await send("GET", key=None)).json()["count"] == 1


async def test_a_retry_is_answered_when_the_first_fails_on_our_side(
    send: Caller, monkeypatch: pytest.MonkeyPatch
) -> None:
    from db.queries import idempotency

    add, failures = idempotency.add, [RuntimeError("a fault"), RuntimeError("a fault")]

    async def faulty(*arguments: Any) -> None:
        if failures:
            raise failures.pop()
        await add(*arguments)

    monkeypatch.setattr(idempotency, "add", faulty)
    statuses = [(await send("POST", json=booking())).status_code for _ in range(4)]
    assert statuses == [500, 500, 201, 201]
    assert (await send("GET", key=None)).json()["count"] == 1


async def test_what_another_release_kept_is_not_made_again(
    send: Caller, monkeypatch: pytest.MonkeyPatch
) -> None:
    import zlib

    from schema.operation import once

    async def strange(outcome: Any) -> bytes:
        return zlib.compress(b'{"result": {"id": "x"}, "kept": []}')

    monkeypatch.setattr(once, "pack", strange)
    assert (await send("POST", json=booking())).status_code == 201
    again = await send("POST", json=booking())
    assert again.status_code == 422
    assert again.json()["detail"].startswith("This was done under the same `Idempotency-Key`")
    assert (await send("GET", key=None)).json()["count"] == 1


async def test_null_and_absent_are_the_same_where_they_mean_the_same(send: Caller) -> None:
    body = {"title": "t", "start_date_time": START, "duration_minutes": 15}
    person = {"unique_id": "a", "role": "moderator"}
    named = {**person, "display_name": None}
    first = await send("POST", json={**body, "participants": [named], "config": None})
    assert said(await send("POST", json={**body, "participants": [person]})) == said(first)
    path = f"{first.json()['id']}/"
    changed = await send("PATCH", path, key="p", json={"config": None})
    assert changed.status_code == 200
    assert (await send("PATCH", path, key="p", json={})).status_code == 422
