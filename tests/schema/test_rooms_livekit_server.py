"""`livekit` and its server: removing people, and the server's webhooks.

The server is a stand-in on the loopback that checks everything with LiveKit's own package.
"""

import base64
import hashlib
import json
import socket
import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import jwt
import pytest
import structlog
from google.protobuf.json_format import MessageToJson, Parse
from livekit import api
from livekit.protocol.models import ParticipantInfo, Room
from livekit.protocol.room import RoomParticipantIdentity
from livekit.protocol.webhook import WebhookEvent
from structlog.testing import capture_logs

from schema.rooms import (
    DeviceJoined,
    DeviceLeft,
    Reporting,
    WebhookMalformed,
    WebhookRefused,
    open_rooms,
)
from schema.rooms import livekit as adapter

from .seats import APPOINTMENT_ID, PARTICIPANT_ID, SECRET, livekit, seat

IDS = {"appointment_id": APPOINTMENT_ID, "participant_id": PARTICIPANT_ID}
AT = datetime(2026, 3, 2, 12, 0, 5, tzinfo=UTC)


class FakeLiveKit(ThreadingHTTPServer):
    """Answers RemoveParticipant, and keeps what it was asked."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.url = f"ws://127.0.0.1:{self.server_port}"
        self.answer: tuple[int, dict[str, Any]] = (200, {})
        self.asked: list[tuple[str, api.access_token.Claims, RoomParticipantIdentity]] = []


class Handler(BaseHTTPRequestHandler):
    server: FakeLiveKit

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        token = self.headers["Authorization"].removeprefix("Bearer ")
        claims = api.TokenVerifier("APIkey123", SECRET, leeway=timedelta(0)).verify(token)
        assert self.headers["Content-Type"] == "application/json"
        self.server.asked.append((self.path, claims, Parse(body, RoomParticipantIdentity())))
        status, answer = self.server.answer
        content = json.dumps(answer).encode()
        self.send_response(status)
        self.send_header("Content-Length", str(len(content)))
        if status == 302:
            self.send_header("Location", "/elsewhere")
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, *_: object) -> None:
        """Says nothing."""


@pytest.fixture
def server() -> Iterator[FakeLiveKit]:
    with FakeLiveKit() as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield server
        server.shutdown()
        thread.join(5)


@pytest.fixture(autouse=True)
def plain_log() -> None:
    """A log as it comes, whatever other tests have configured."""
    structlog.reset_defaults()


async def ejected(url: str) -> list[dict[str, Any]]:
    """Ejects a person; returns what was logged."""
    rooms = open_rooms(livekit(livekit_url=url))
    with capture_logs() as logs:
        await rooms.eject(seat())
    await rooms.close()
    return [line for line in logs if line["event"] != "rooms_in_use"]


async def test_removed_person_is_removed_from_the_room(server):
    logs = await ejected(server.url)

    ((path, claims, wanted),) = server.asked
    assert path == "/twirp/livekit.RoomService/RemoveParticipant"
    assert (wanted.room, wanted.identity) == (APPOINTMENT_ID, PARTICIPANT_ID)
    assert claims.video.room_admin is True
    assert claims.video.room == APPOINTMENT_ID
    assert claims.video.room_join is None
    assert logs == [{"event": "ejected", "rooms": "livekit", "log_level": "info", **IDS}]


async def test_tokens_minted_so_far_are_revoked_and_later_ones_are_not(server):
    rooms = open_rooms(livekit(livekit_url=server.url))
    now = datetime.now(UTC)
    await rooms.eject(seat(now=now))
    await rooms.close()

    revoked_before = server.asked[0][2].revoke_token_ts
    assert int(now.timestamp()) < revoked_before <= now.timestamp() + 1


async def test_person_is_removed_even_after_the_window(server):
    rooms = open_rooms(livekit(livekit_url=server.url))
    await rooms.eject(seat(closes_in=timedelta(days=-1)))
    await rooms.close()

    assert len(server.asked) == 1


async def test_admin_token_is_good_for_minutes_only(server, monkeypatch):
    tokens = []
    sign = adapter.sign
    monkeypatch.setattr(adapter, "sign", lambda *given: tokens.append(sign(*given)) or tokens[-1])
    now = datetime.now(UTC)

    rooms = open_rooms(livekit(livekit_url=server.url))
    await rooms.eject(seat(now=now))
    await rooms.close()

    claims = jwt.decode(tokens[0], SECRET, ["HS256"])
    assert 0 < claims["exp"] - now.timestamp() <= 600


async def test_server_below_a_path_is_found(server):
    await ejected(server.url + "/livekit/")

    assert server.asked[0][0] == "/livekit/twirp/livekit.RoomService/RemoveParticipant"


async def test_person_who_is_not_in_the_room_is_no_trouble(server):
    server.answer = (404, {"code": "not_found", "msg": "participant does not exist"})

    logs = await ejected(server.url)

    assert [(line["event"], line["log_level"]) for line in logs] == [("eject_not_due", "debug")]


@pytest.mark.parametrize(
    ("answer", "code"),
    [
        ((404, {"code": "bad_route"}), "bad_route"),
        ((401, {"code": "unauthenticated", "msg": "Ada Lovelace"}), "unauthenticated"),
        ((503, {}), ""),
        ((500, {"code": ["Ada"]}), ""),
        ((302, {}), ""),
    ],
)
async def test_failure_is_logged_and_raises_nothing(server, answer, code):
    server.answer = answer

    logs = await ejected(server.url)

    assert logs == [
        {
            "event": "eject_failed",
            "rooms": "livekit",
            "status": answer[0],
            "code": code,
            "log_level": "warning",
            **IDS,
        }
    ]
    assert len(server.asked) == 1  # No redirect is followed: it would carry the token elsewhere.


async def test_server_that_is_not_there_is_logged_and_raises_nothing():
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        (line,) = await ejected(f"ws://127.0.0.1:{taken.getsockname()[1]}")

    assert (line["event"], line["error"]) == ("eject_failed", "ConnectionRefusedError")
    assert line["log_level"] == "warning"


async def test_server_that_does_not_answer_is_given_up(monkeypatch):
    monkeypatch.setattr(adapter, "ANSWER_SECONDS", 0.1)
    with socket.create_server(("127.0.0.1", 0)) as silent:
        (line,) = await ejected(f"ws://127.0.0.1:{silent.getsockname()[1]}")

    assert (line["event"], line["error"]) == ("eject_failed", "TimeoutError")


async def test_closed_adapter_raises_nothing(server):
    rooms = open_rooms(livekit(livekit_url=server.url))
    await rooms.close()

    with capture_logs() as logs:
        await rooms.eject(seat())

    assert [line["event"] for line in logs] == ["eject_failed"]
    assert server.asked == []


def hash_of(body: bytes) -> str:
    """Returns what LiveKit names in its token."""
    return base64.b64encode(hashlib.sha256(body).digest()).decode()


def signed(body: bytes, *, key: str = "APIkey123", secret: str = SECRET, minutes: float = 5) -> str:
    """Returns the header that LiveKit sends along with a body."""
    token = api.AccessToken(key, secret).with_sha256(hash_of(body))
    return token.with_ttl(timedelta(minutes=minutes)).to_jwt()


def event(
    kind: str, *, room: str = APPOINTMENT_ID, identity: str = PARTICIPANT_ID, name: str = "Ada"
) -> bytes:
    """Returns the body of a webhook, as LiveKit writes it."""
    message = WebhookEvent(
        event=kind,
        id="EV_2kZ",
        created_at=int(AT.timestamp()),
        room=Room(name=room, sid="RM_1"),
        participant=ParticipantInfo(identity=identity, name=name, sid="PA_1"),
    )
    return MessageToJson(message).encode()


def rooms() -> Reporting:
    return open_rooms(livekit())  # type: ignore[return-value]


def test_person_who_left_is_reported_with_the_time():
    body = event("participant_left", name="Zoë 🎉")

    report = rooms().webhook(body, signed(body))

    assert report == DeviceLeft(APPOINTMENT_ID, PARTICIPANT_ID, AT, "EV_2kZ")
    assert isinstance(report, DeviceLeft)
    # LiveKit's own receiver takes the same request.
    receiver = api.WebhookReceiver(api.TokenVerifier("APIkey123", SECRET))
    assert receiver.receive(body.decode(), signed(body)).participant.identity == PARTICIPANT_ID


def test_person_who_came_in_is_reported():
    body = event("participant_joined")

    report = rooms().webhook(body, signed(body))

    assert isinstance(report, DeviceJoined)
    assert report.at == AT


def test_connection_that_never_stood_ends_the_stay():
    body = event("participant_connection_aborted")

    assert isinstance(rooms().webhook(body, signed(body)), DeviceLeft)


def test_time_is_read_as_number_too():
    body = json.dumps(json.loads(event("participant_left")) | {"createdAt": int(AT.timestamp())})

    report = rooms().webhook(body.encode(), "Bearer " + signed(body.encode()))

    assert report is not None
    assert report.at == AT


@pytest.mark.parametrize(
    "body",
    [
        event("room_started"),
        event("track_published"),
        event("participant_left", room="somebody-elses-room"),
        event("participant_left", room=APPOINTMENT_ID.upper()),
        event("participant_left", identity="EG_recorder"),
        b'{"event": "participant_left", "id": "E", "createdAt": "5"}',
        b'{"event": "participant_left", "id": "E", "createdAt": "5", "room": null}',
        b'{"event": ["participant_left"]}',
        b'{"event": "room_started", "createdAt": -1}',
        b"[]",
    ],
)
def test_signed_webhook_about_nobody_of_ours_is_passed_over(body):
    assert rooms().webhook(body, signed(body)) is None


def changed(**values):
    return json.dumps(json.loads(event("participant_left")) | values).encode()


ABSURD = ["soon", "", " 5", "٥", "1e9", 5.5, True, None, [], 0, -1, "-1", 10**30, "9" * 60]
ABSURD += [253_370_764_800, float("nan"), float("inf"), "NaN"]


@pytest.mark.parametrize(
    "body",
    [
        *(changed(createdAt=each) for each in ABSURD),
        b'{"event": "participant_left"}',
        *(changed(id=each) for each in (None, 5, "", "\ud800", ["E"])),
        b'{"event": "participant_left", "room": ' + b"[" * 2000 + b"]" * 2000 + b"}",
        b"[" * 60_000,
        b'{"a":' * 10_000,
        b"not json",
        b"\xff",
        b"",
    ],
)
def test_signed_webhook_that_cannot_be_used_is_malformed(body):
    with pytest.raises(WebhookMalformed):
        rooms().webhook(body, signed(body))


BODY = event("participant_left")
PAYLOAD = {"iss": "APIkey123", "exp": 4_000_000_000, "sha256": "x"}


@pytest.mark.parametrize(
    "authorization",
    [
        "",
        "Bearer ",
        "nonsense",
        "a.b.c",
        "é.é.é",
        base64.b64encode(b"[" * 20_000).decode().rstrip("=") + ".e30.e30",
        signed(BODY + b" "),
        signed(BODY, secret=SECRET[::-1]),
        signed(BODY, key="another"),
        signed(BODY, minutes=-2),
        api.AccessToken("APIkey123", SECRET).to_jwt(),
        jwt.encode(PAYLOAD, SECRET),
        jwt.encode(PAYLOAD | {"sha256": 5}, SECRET),
        jwt.encode(PAYLOAD | {"sha256": "é"}, SECRET),
        jwt.encode({"iss": "APIkey123", "sha256": hash_of(BODY)}, SECRET),
        jwt.encode(PAYLOAD, "", algorithm="none"),
    ],
)
def test_webhook_that_livekit_did_not_sign_is_refused(authorization):
    with pytest.raises(WebhookRefused):
        rooms().webhook(BODY, authorization)


def test_access_token_of_a_participant_signs_no_webhook():
    address = open_rooms(livekit()).address(seat())

    with pytest.raises(WebhookRefused):
        rooms().webhook(BODY, address.partition("token=")[2])
