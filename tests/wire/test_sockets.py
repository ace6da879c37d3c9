"""WebSockets below the protocol that they carry: frames nobody should have to read, silence, room."""

import asyncio
import os
import struct
import time
from typing import Any

import pytest

from gateway.middleware.refusals import refuse_upgrade
from gateway.wire import socket as sockets
from gateway.wire import watch
from gateway.wire.socket import PatientSocket
from gateway.wire.watch import Watch

from .local import Local, answer, serve
from .server import MEBIBYTE, Server

HANDSHAKE = (
    b"GET /graphql HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
    b"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n"
    b"Sec-WebSocket-Protocol: graphql-transport-ws\r\n%s\r\n"
)
TEXT, CONTINUED, CLOSE, PING, PONG = 0x1, 0x0, 0x8, 0x9, 0xA


def frame(code: int, payload: bytes = b"", *, is_last: bool = True) -> bytes:
    """A frame of a client, masked with zeros."""
    head = bytes([code | (0x80 if is_last else 0)])
    if len(payload) < 126:
        head += bytes([0x80 | len(payload)])
    elif len(payload) < 65_536:
        head += bytes([0xFE]) + struct.pack("!H", len(payload))
    else:
        head += bytes([0xFF]) + struct.pack("!Q", len(payload))
    return head + bytes(4) + payload


async def read_frame(reader: asyncio.StreamReader) -> tuple[int, bytes]:
    """The next frame of the server."""
    async with asyncio.timeout(10):
        first, length = await reader.readexactly(2)
        if length == 126:
            (length,) = struct.unpack("!H", await reader.readexactly(2))
        return first & 0xF, await reader.readexactly(length)


class Echo:
    """An application that says back what it hears, as soon as it may go on."""

    def __init__(self) -> None:
        self.may_read = asyncio.Event()
        self.may_read.set()
        self.codes: list[int] = []

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        await receive()
        await send({"type": "websocket.accept", "subprotocol": "graphql-transport-ws"})
        while True:
            await self.may_read.wait()
            message = await receive()
            if message["type"] == "websocket.disconnect":
                self.codes.append(message["code"])
                return
            if message.get("text") == "settle":
                scope["connect.settled"]()
            await send({"type": "websocket.send", "text": message.get("text") or "bytes"})


async def shaken(local: Local) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    """Opens a WebSocket by hand."""
    reader, writer = await local.open()
    writer.write(HANDSHAKE % b"")
    assert b" 101 " in await reader.readuntil(b"\r\n\r\n")
    return reader, writer


def serving(app: Any) -> Any:
    return serve(
        app, ws=PatientSocket, ws_max_size=65_536, ws_per_message_deflate=False,
        ws_ping_interval=None,
    )  # fmt: skip


async def closing(reader: asyncio.StreamReader) -> int:
    """The code that the server closes with, whatever comes before."""
    while True:
        code, payload = await read_frame(reader)
        if code == CLOSE:
            (found,) = struct.unpack("!H", payload[:2])
            return int(found)


@pytest.mark.parametrize(
    ("sent", "code"),
    [
        (b"GET / HTTP/1.1\r\n\r\n", 1002),
        (frame(0x3), 1002),
        (frame(TEXT, b"\xff\xfe"), 1007),
        (frame(CONTINUED, b"x"), 1002),
        (frame(PING, b"x" * 126), 1002),
        (frame(TEXT, b"x" * 65_537), 1009),
        (frame(TEXT, b"x" * 40_000, is_last=False) + frame(CONTINUED, b"x" * 40_000), 1009),
        (b"\x81\x05hello", 1002),
        (frame(TEXT, b"", is_last=False) + frame(CONTINUED, b"", is_last=False) * 300, 1008),
        (frame(CLOSE, b"\x00"), 1002),
        (frame(CLOSE, struct.pack("!H", 1005)), 1002),
        (frame(CLOSE, struct.pack("!H", 4999) + b"bye"), 4999),
    ],
)
async def test_what_breaks_the_rules_is_closed_with_its_code(
    sent: bytes, code: int, capfd: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture
) -> None:
    app = Echo()
    async with serving(app) as local:
        reader, writer = await shaken(local)
        writer.write(sent)
        assert await closing(reader) == code
        writer.close()
        await local.closes()
    assert len(app.codes) == 1
    told = "".join(capfd.readouterr()) + caplog.text
    assert "Traceback" not in told


async def test_random_bytes_never_do_harm(
    capfd: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture
) -> None:
    async with serving(Echo()) as local:
        for _ in range(100):
            _, writer = await shaken(local)
            writer.write(os.urandom(300))
            await writer.drain()
            writer.close()
        await local.closes()
    told = "".join(capfd.readouterr()) + caplog.text
    assert "Traceback" not in told and "Fatal" not in told


async def test_a_message_may_come_in_pieces_and_many_at_once() -> None:
    async with serving(Echo()) as local:
        reader, writer = await shaken(local)
        for byte in frame(TEXT, b"slow"):
            writer.write(bytes([byte]))
            await writer.drain()
        assert await read_frame(reader) == (TEXT, b"slow")
        writer.write(
            frame(TEXT, b"pie", is_last=False) + frame(PING, b"!") + frame(CONTINUED, b"ces")
        )
        assert await read_frame(reader) == (PONG, b"!")
        assert await read_frame(reader) == (TEXT, b"pieces")
        writer.write(b"".join(frame(TEXT, b"%d" % number) for number in range(5_000)))
        for number in range(5_000):
            assert await read_frame(reader) == (TEXT, b"%d" % number)
        writer.close()


async def test_messages_that_nobody_takes_yet_wait_as_they_came() -> None:
    app = Echo()
    async with serving(app) as local:
        reader, writer = await shaken(local)
        app.may_read.clear()
        await asyncio.sleep(0.05)
        writer.write(frame(TEXT, b"x") * 30_000)
        await asyncio.sleep(0.3)
        (protocol,) = local.protocols()
        assert protocol.queue.qsize() < 1_000
        app.may_read.set()
        for _ in range(30_000):
            assert await read_frame(reader) == (TEXT, b"x")
        writer.close()


async def test_many_pings_are_closed_and_a_few_are_answered() -> None:
    for beat in (PING, PONG):
        async with serving(Echo()) as local:
            reader, writer = await shaken(local)
            writer.write(frame(beat, b"x") * 20)
            writer.write(frame(TEXT, b"still here"))
            heard = [await read_frame(reader)]
            while heard[-1][0] != TEXT:
                heard.append(await read_frame(reader))
            assert len(heard) == (21 if beat is PING else 1)
            writer.write(frame(beat, b"x" * 125) * 2_000)
            assert await closing(reader) == 1008
            writer.close()
            await local.closes()


async def test_whoever_pings_and_does_not_read_gets_no_more_pongs() -> None:
    async with serving(Echo()) as local:
        _, writer = await shaken(local)
        (protocol,) = local.protocols()
        protocol.writable.clear()  # As the transport has it done when nobody reads.
        writer.write(frame(PING, b"x") * 20)
        await asyncio.sleep(0.1)
        assert protocol._beats == 20
        assert protocol.transport.get_write_buffer_size() == 0
        writer.transport.abort()
        await local.closes()


async def test_who_is_silent_is_asked_and_then_dropped(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(watch, "LOOK_SECONDS", 0.02)
    monkeypatch.setattr(sockets, "LOOK_SECONDS", 0.0)
    monkeypatch.setattr(sockets, "PING_SECONDS", 0.2)
    monkeypatch.setattr(sockets, "PONG_SECONDS", 0.2)
    app = Echo()
    async with serving(app) as local:
        reader, writer = await shaken(local)
        for _ in range(3):
            assert await read_frame(reader) == (PING, b"")
            writer.write(frame(PONG))
        assert await read_frame(reader) == (PING, b"")
        began = time.monotonic()
        await local.closes()
        assert time.monotonic() - began < 2
        writer.close()
    assert app.codes == [1005]


async def test_unknown_sockets_make_room_and_settled_ones_stay(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    async with serving(Echo()) as local:
        reader, writer = await shaken(local)
        writer.write(frame(TEXT, b"settle"))
        assert await read_frame(reader) == (TEXT, b"settle")
        others = [await shaken(local) for _ in range(5)]
        (found,) = {each._watch for each in local.protocols()}
        assert isinstance(found, Watch)
        monkeypatch.setattr(found, "_room", 6)
        newcomers = [await shaken(local) for _ in range(5)]
        for other, _ in others:
            assert await asyncio.wait_for(other.read(), 10) == b""
        writer.write(frame(TEXT, b"still here"))
        assert await read_frame(reader) == (TEXT, b"still here")
        for _, each in (*others, *newcomers):
            each.close()
        writer.close()


@pytest.mark.parametrize(
    "lines",
    [
        b"X: " + b"x" * 9_000 + b"\r\n",
        b"Sec-WebSocket-Protocol: " + b"p," * 4_500 + b"\r\n",
        b"Sec-WebSocket-Extensions: " + b"permessage-deflate;a=b," * 300 + b"\r\n",
        b"Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n",
        b"X: \xff\xfe\r\n",
    ],
)
async def test_odd_handshakes_get_an_answer(
    lines: bytes, capfd: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture
) -> None:
    async with serving(Echo()) as local:
        reader, writer = await local.open()
        writer.write(HANDSHAKE % lines)
        head = await asyncio.wait_for(reader.readuntil(b"\r\n\r\n"), 10)
        assert int(head.split()[1]) in (101, 400, 431)
        writer.close()
        await local.closes()
    told = "".join(capfd.readouterr()) + caplog.text
    assert "Traceback" not in told and "Fatal" not in told


def test_floods_of_small_messages_take_no_memory(server: Server) -> None:
    before = server.memory()
    links = []
    for _ in range(50):
        link = server.connect()
        link.sendall(HANDSHAKE % b"")
        assert b" 101 " in link.recv(4_096)
        link.sendall(frame(TEXT, b"x") * 30_000)
        links.append(link)
    time.sleep(0.5)
    assert server.memory() - before < 24 * MEBIBYTE
    for link in links:
        link.close()
    assert server.answers()


@pytest.mark.parametrize("pause", [0, 0.05])
async def test_a_handshake_behind_a_stream_does_not_let_it_go_on_for_ever(
    pause: float, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(watch, "LOOK_SECONDS", 0.02)
    ended = asyncio.Event()

    async def stream(scope: Any, receive: Any, send: Any) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": b"on", "more_body": True})
        try:
            while (await receive())["type"] != "http.disconnect":
                pass
        finally:
            ended.set()

    async with serving(stream) as local:
        reader, writer = await local.open()
        writer.write(b"GET / HTTP/1.1\r\nHost: a\r\n\r\n")
        await asyncio.sleep(pause)
        writer.write(HANDSHAKE % b"" + frame(TEXT, b"x"))
        assert b"on" in await reader.readuntil(b"on\r\n")
        await asyncio.sleep(0.05)
        writer.close()
        async with asyncio.timeout(5):
            await ended.wait()
        await local.closes()


async def test_a_handshake_behind_a_request_gets_that_answered_and_no_socket() -> None:
    may_answer = asyncio.Event()

    async def slow(scope: Any, receive: Any, send: Any) -> None:
        await may_answer.wait()
        await answer(send)

    async with serving(slow) as local:
        reader, writer = await local.open()
        writer.write(b"GET / HTTP/1.1\r\nHost: a\r\n\r\n" + HANDSHAKE % b"")
        await asyncio.sleep(0.05)
        may_answer.set()
        answered = await asyncio.wait_for(reader.read(), 5)
        assert answered.startswith(b"HTTP/1.1 200") and b" 101 " not in answered
        writer.close()


async def test_a_refused_handshake_is_no_error_of_ours(capfd: pytest.CaptureFixture[str]) -> None:
    async def refuse(scope: Any, receive: Any, send: Any) -> None:
        await refuse_upgrade(send, 403, b"{}")

    async with serving(refuse) as local:
        answered = await local.exchange(HANDSHAKE % b"")
        await local.closes()
    assert answered.startswith(b"HTTP/1.1 403") and answered.endswith(b"{}")
    assert "".join(capfd.readouterr()) == ""
