"""Identifiers over a WebSocket and an event stream mean what they mean over HTTP."""

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from starlette.applications import Starlette

from gateway.settings import Settings
from tests.live.changes import booked, client_of, streamed
from tests.live.conftest import live
from tests.live.talk import greeted
from tests.live.test_following import settled
from tests.wire.local import Local

from .conftest import VIEWER, persisted, sha

__all__ = ["live"]  # a fixture

CREATED = "subscription Created { events { type } }"
DATA = {"data": {"viewer": {"tokenName": "write token"}}}
EVENT = {"data": {"events": {"type": "APPOINTMENT_CREATED"}}}


@pytest.fixture
def settings(settings: Settings, tmp_path: Path) -> Settings:
    file = tmp_path / "manifest.json"
    file.write_text(json.dumps({"created": CREATED, "viewer": VIEWER}))
    return replace(settings, trusted_documents=(file,))


def named(**payload: Any) -> dict[str, Any]:
    return {"id": "1", "type": "subscribe", "payload": payload}


def code(message: dict[str, Any]) -> str:
    assert message["type"] == "error"
    return str(message["payload"][0]["extensions"]["code"])


async def test_a_socket_finds_and_registers_documents(live: Local, token: str) -> None:
    query = "{ viewer { organization { name } } }"
    async with greeted(live.port, token) as talk:
        await talk.say(named(**persisted(sha(query))))
        assert code(await talk.hear()) == "PERSISTED_QUERY_NOT_FOUND"
        assert (await talk.ask(query, **persisted(sha(query))))[0]["type"] == "next"
        for payload in (persisted(sha(query)), {"documentId": "viewer"}):
            await talk.say(named(**payload))
            assert (await talk.hear())["type"] == "next"
            assert (await talk.hear())["type"] == "complete"
        refused = await talk.ask(VIEWER, **persisted(sha(query)))
        assert code(refused[0]) == "PERSISTED_QUERY_HASH_MISMATCH"
        await talk.say(named(extensions={"persistedQuery": 1}))
        assert code(await talk.hear()) == "BAD_REQUEST"
    async with client_of(live.port, token) as client:
        answer = await client.post("/graphql", json=persisted(sha(query)))
        assert "data" in answer.json()


async def test_a_subscription_may_be_named(live: Local, app: Starlette, token: str) -> None:
    async with greeted(live.port, token) as talk, client_of(live.port, token) as client:
        asked = {"json": {"documentId": f"sha256:{sha(CREATED)}"}}
        async with streamed(client, "POST", "/graphql", **asked) as source:
            await talk.say(named(documentId="created"))
            await settled(live, app, 2)
            await booked(client)
            assert (await talk.hear())["payload"] == EVENT
            event = await source.next()
            assert event is not None
            assert event.data == EVENT


class TestOnly:
    """Where nothing but trusted documents may be run."""

    @pytest.fixture
    def settings(self, settings: Settings) -> Settings:
        return replace(settings, only_trusted_documents="on")

    async def test_sockets_and_streams_refuse_all_others(self, live: Local, token: str) -> None:
        other = "subscription { events { type cursor } }"
        async with greeted(live.port, token) as talk:
            assert code((await talk.ask(other))[0]) == "DOCUMENT_NOT_TRUSTED"
            await talk.say(named(documentId="unknown"))
            assert code(await talk.hear()) == "DOCUMENT_NOT_TRUSTED"
            assert (await talk.ask(VIEWER))[0]["payload"] == DATA
        async with client_of(live.port, token) as client:
            headers = {"Accept": "text/event-stream"}
            answer = await client.post("/graphql", headers=headers, json={"query": other})
            assert "DOCUMENT_NOT_TRUSTED" in answer.text
