"""Nobody is waited for for ever: slow senders, drips, readers who never read, endless pipelines."""

import asyncio
import socket
import time
from pathlib import Path
from typing import Any

import pytest

from gateway.wire import flow, intake, patience, watch

from .local import answer, serve
from .server import MEBIBYTE, Server, eventually, request

GET = b"GET / HTTP/1.1\r\nHost: a\r\n\r\n"
POST = b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 9\r\n\r\n{"


@pytest.fixture(autouse=True)
def soon(monkeypatch: pytest.MonkeyPatch) -> None:
    """What takes half a minute takes a fifth of a second."""
    monkeypatch.setattr(watch, "LOOK_SECONDS", 0.02)
    monkeypatch.setattr(patience, "REQUEST_SECONDS", 0.2)
    monkeypatch.setattr(flow, "UNREAD_SECONDS", 0.2)


async def answer_ok(scope: Any, receive: Any, send: Any) -> None:
    await answer(send)


async def answer_body_read(scope: Any, receive: Any, send: Any) -> None:
    while (message := await receive())["type"] == "http.request" and message["more_body"]:
        pass
    await answer(send)


@pytest.mark.parametrize("begun", [b"", b"GET / HT", GET[:-2], POST, GET + b"GET / H", GET + POST])
async def test_a_request_that_does_not_arrive_is_given_up(begun: bytes) -> None:
    async with serve(answer_body_read) as local:
        began = asyncio.get_running_loop().time()
        await local.exchange(begun)
        assert asyncio.get_running_loop().time() - began > 0.1
        await local.closes()


@pytest.mark.parametrize("begun", [b"", GET, GET + b"GET / HTTP/1.1\r\nX: "])
@pytest.mark.parametrize("drip", [b"\r\n", b"x"])
async def test_a_drip_keeps_no_connection(begun: bytes, drip: bytes) -> None:
    async with serve(answer_ok, timeout_keep_alive=0.2) as local:
        reader, writer = await local.open()
        writer.write(begun)
        reading = asyncio.ensure_future(reader.read())
        async with asyncio.timeout(10):
            while not reading.done():
                writer.write(drip)
                await asyncio.sleep(0.02)
        await local.closes()
        await asyncio.wait([reading])
        reading.exception()
        writer.close()


async def test_an_answer_may_take_longer_than_a_request(monkeypatch: pytest.MonkeyPatch) -> None:
    async def slow(scope: Any, receive: Any, send: Any) -> None:
        await asyncio.sleep(0.6)
        await answer(send)

    async with serve(slow, timeout_keep_alive=0.1) as local:
        assert b"200 OK" in await local.exchange(GET)


async def test_a_connection_between_requests_lives_as_long_as_it_is_told_to() -> None:
    async with serve(answer_ok, timeout_keep_alive=5) as local:
        reader, writer = await local.open()
        for _ in range(3):
            writer.write(GET)
            assert b"200 OK" in await reader.readuntil(b"ok")
            await asyncio.sleep(0.3)
        writer.close()


async def test_who_never_reads_is_dropped_with_what_was_written() -> None:
    gone = asyncio.Event()

    async def large(scope: Any, receive: Any, send: Any) -> None:
        try:
            await answer(send, b"x" * (30 * MEBIBYTE))
            await receive()
        finally:
            gone.set()

    async with serve(large) as local:
        sockets = []
        for ending in (b"\r\n", b"Connection: close\r\n\r\n"):
            client = socket.create_connection(("127.0.0.1", local.port))
            client.sendall(GET[:-2] + ending)
            sockets.append(client)
        await asyncio.wait_for(gone.wait(), 10)
        await local.closes()
        for client in sockets:
            client.close()


async def test_who_reads_slowly_is_served_to_the_end() -> None:
    async def large(scope: Any, receive: Any, send: Any) -> None:
        await answer(send, b"x" * (12 * MEBIBYTE))

    async with serve(large) as local:
        reader, writer = await local.open()
        writer.write(GET)
        head = await reader.readuntil(b"\r\n\r\n")
        assert b"200 OK" in head
        left = 12 * MEBIBYTE
        while left:
            part = await reader.read(MEBIBYTE)
            assert part, left
            left -= len(part)
            await asyncio.sleep(0.05)  # More than UNREAD_SECONDS altogether.
        writer.close()


async def test_a_stream_that_is_read_goes_on() -> None:
    async def stream(scope: Any, receive: Any, send: Any) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": []})
        for _ in range(30):
            await send({"type": "http.response.body", "body": b"x" * 300_000, "more_body": True})
            await asyncio.sleep(0.02)
        await send({"type": "http.response.body", "body": b""})

    async with serve(stream) as local:
        answered = await local.exchange(GET.replace(b"\r\n\r\n", b"\r\nConnection: close\r\n\r\n"))
    assert answered.endswith(b"0\r\n\r\n")


async def test_requests_that_wait_are_few_and_nothing_more_is_read() -> None:
    started = 0
    proceed = asyncio.Event()

    async def count(scope: Any, receive: Any, send: Any) -> None:
        nonlocal started
        started += 1
        while (await receive()).get("more_body"):
            pass
        await proceed.wait()
        await answer(send, b"x" * 100)

    async with serve(count) as local:
        reader, writer = await local.open()
        writer.write(GET * 5_000)
        await asyncio.sleep(0.1)
        (protocol,) = local.protocols()
        assert len(protocol.pipeline) <= intake.MOST_WAITING
        writer.write(GET * 20_000)
        await asyncio.sleep(0.1)
        assert len(protocol.pipeline) <= intake.MOST_WAITING
        proceed.set()
        answered = await reader.read()
        assert answered.count(b"HTTP/1.1 200") == started == intake.MOST_WAITING + 1
        writer.close()


async def test_a_body_behind_waiting_requests_is_read_when_its_turn_comes() -> None:
    async def echo(scope: Any, receive: Any, send: Any) -> None:
        body = b""
        while (message := await receive())["type"] == "http.request":
            body += message["body"]
            if not message["more_body"]:
                break
        await asyncio.sleep(0.01)
        await answer(send, b"%d;" % len(body))

    size = 900_000
    post = b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: %d\r\n\r\n" % size + b"x" * size
    async with serve(echo) as local:
        reader, writer = await local.open()
        writer.write(GET * 20 + post + GET * 5 + post + GET)
        found = [await reader.readuntil(b";") for _ in range(28)]
        sizes = [int(part.rpartition(b"\n")[2][:-1]) for part in found]
        assert sizes == [0] * 20 + [size] + [0] * 5 + [size, 0]
        writer.close()


def test_unread_answers_do_not_pile_up(tmp_path: Path) -> None:
    server = Server(tmp_path)
    try:
        before = server.memory()
        clients = [server.connect() for _ in range(8)]
        page = request("/openapi.json", keep=True)
        for client in clients:
            client.setblocking(False)
            try:
                for _ in range(300):
                    client.send(page * 100)
            except BlockingIOError:
                pass
        eventually(lambda: server.memory() < before + 16 * MEBIBYTE, 5)
        for client in clients:
            client.close()
    finally:
        server.end()


def test_who_never_reads_and_leaves_is_no_fault_of_ours(tmp_path: Path) -> None:
    server = Server(tmp_path, {"CONNECT_LOG_LEVEL": "warning"})
    token = {"Authorization": f"Token {server.token}"}
    try:
        for _ in range(5):
            for path, headers in (("/openapi.json", {}), ("/api/v1/appointments/", token)):
                with server.connect() as client:
                    client.sendall(request(path, headers=headers, keep=True) * 90)
                    time.sleep(0.05)
        time.sleep(0.3)
        server.stop()
    finally:
        server.end()
    assert server.log.read_text() == ""


async def test_a_service_that_stops_does_not_wait_for_a_stream_that_nobody_reads(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(patience, "STOPPING_SECONDS", 0.1)
    monkeypatch.setattr(flow, "UNREAD_SECONDS", 60)
    stopped = asyncio.Event()

    async def stream(scope: Any, receive: Any, send: Any) -> None:
        scope["connect.stop"] = stopped.set
        await send({"type": "http.response.start", "status": 200, "headers": []})
        while not stopped.is_set():
            part = b"x" * MEBIBYTE
            await send({"type": "http.response.body", "body": part, "more_body": True})

    async with serve(stream) as local:
        with socket.create_connection(("127.0.0.1", local.port)) as link:
            link.sendall(GET)
            async with asyncio.timeout(5):
                while not [each for each in local.protocols() if each.flow.write_paused]:  # noqa: ASYNC110
                    await asyncio.sleep(0.01)
            local.server.should_exit = True
            async with asyncio.timeout(5):
                while local.server.server_state.tasks:  # noqa: ASYNC110
                    await asyncio.sleep(0.01)
    assert stopped.is_set()
