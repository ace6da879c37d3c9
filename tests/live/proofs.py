"""The promises about many subscribers, each shown against a server of its own.

`python -m tests.live` runs them at full size, the suite at a small one.
"""

import asyncio
import contextlib
import json
import random
import statistics
import struct
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, NamedTuple

from tests.service import EmbeddedService, Service

from .changes import client_of
from .followers import Follower, caught_up, whole_log, write
from .talk import greeted, init

TRANSPORTS = ("websocket", "websocket", "sse", "events")
CROWD = {
    "CONNECT_LIVE_CONNECTIONS": "10000",
    "CONNECT_RATE_LIMIT": "off",
    "CONNECT_LOG_LEVEL": "warning",
}
OPEN = [f'connect_live_open{{transport="{name}"}}' for name in ("websocket", "events")]
SUBSCRIBE = {
    "id": "1", "type": "subscribe",
    "payload": {"query": "subscription { events { id appointment { title } } }"},
}  # fmt: skip


class Proof(NamedTuple):
    """What was measured, and whether it is within what is promised."""

    holds: bool
    words: str


@contextlib.contextmanager
def service(folder: Path):  # type: ignore[no-untyped-def]
    """A server with a database of its own that allows a crowd."""
    running = EmbeddedService(folder, CROWD)
    try:
        yield running
    finally:
        running.stop()


@contextlib.contextmanager
def four_workers(folder: Path):  # type: ignore[no-untyped-def]
    """The same with four workers on one database."""
    running = EmbeddedService(folder, CROWD | {"CONNECT_WORKERS": "4"})
    try:
        yield running
    finally:
        running.stop()


Serve = Callable[[Path], contextlib.AbstractContextManager[Any]]


async def ledgers(
    folder: Path, subscribers: int, events: int, aborts: int, serve: Serve = service
) -> Proof:
    """Every subscriber gets every event, in order, whatever happens to its connections."""
    with serve(folder) as server:
        followers = [
            Follower(lambda: server.port, server.token, TRANSPORTS[n % len(TRANSPORTS)])
            for n in range(subscribers)
        ]
        for each in followers:
            each.begin()
        before = len(await whole_log(server.port, server.token))
        began = time.monotonic()
        writing = asyncio.ensure_future(write(lambda: server.port, server.token, events))
        for _ in range(aborts):
            random.choice(followers).abort()
            await asyncio.sleep(0.01)
        await writing
        await caught_up(followers, before + events, 300)
        seconds = time.monotonic() - began
        log = await whole_log(server.port, server.token)
        complete = sum(each.distinct == log for each in followers)
        for each in followers:
            await each.end()
    connections = sum(each.connections for each in followers)
    return Proof(
        complete == subscribers and len(log) == before + events,
        f"{complete} of {subscribers} ledgers complete and in order; {len(log)} events each, "
        f"{connections} connections, {seconds:.0f} s",
    )


async def kills(folder: Path, subscribers: int, times: int) -> Proof:
    """A server that is killed loses nothing that it has answered, and nobody misses anything."""
    first = EmbeddedService(folder, CROWD)
    token = first.token
    running: list[Service] = [first]
    settings = {"CONNECT_DATA_DIR": str(folder)} | CROWD
    followers = [
        Follower(lambda: running[-1].port, token, TRANSPORTS[n % len(TRANSPORTS)])
        for n in range(subscribers)
    ]
    stop = asyncio.Event()
    try:
        for each in followers:
            each.begin()
        writing = asyncio.ensure_future(write(lambda: running[-1].port, token, 10**6, stop))
        for _ in range(times):
            await asyncio.sleep(0.5 + random.random())
            running[-1].end()
            running.append(await asyncio.to_thread(_restarted, folder, settings))
        await asyncio.sleep(1)
        stop.set()
        written = await writing
        log = await whole_log(running[-1].port, token)
        await caught_up(followers, len(log), 120)
        complete = sum(each.distinct == log for each in followers)
        for each in followers:
            await each.end()
    finally:
        for each_service in running:
            each_service.end()
    return Proof(
        complete == subscribers and len(log) >= written,
        f"{complete} of {subscribers} ledgers complete and in order after {times} kills; "
        f"{len(log)} events, {written} of them answered",
    )


def _restarted(folder: Path, settings: dict[str, str]) -> Service:
    server = Service(folder, settings)
    server.wait()
    return server


class Raw:
    """A subscriber that costs the test little: bytes on a connection."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.reader = reader
        self.writer = writer
        self.is_socket = True

    @classmethod
    async def subscribed(cls, server: EmbeddedService) -> "Raw":
        """Opens a socket, begins, and follows."""
        reader, writer = await asyncio.open_connection("127.0.0.1", server.port)
        writer.write(
            b"GET /graphql HTTP/1.1\r\nHost: localhost\r\nConnection: Upgrade\r\n"
            b"Upgrade: websocket\r\nSec-WebSocket-Version: 13\r\n"
            b"Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n"
            b"Sec-WebSocket-Protocol: graphql-transport-ws\r\n\r\n"
        )
        await reader.readuntil(b"\r\n\r\n")
        raw = cls(reader, writer)
        raw.say(json.dumps(init(server.token)))
        assert b"connection_ack" in await raw.hear()
        raw.say(json.dumps(SUBSCRIBE))
        return raw

    @classmethod
    async def streamed(cls, server: EmbeddedService) -> "Raw":
        """Opens a stream of the log and waits for its beginning."""
        reader, writer = await asyncio.open_connection("127.0.0.1", server.port)
        writer.write(
            b"GET /api/v1/events/ HTTP/1.1\r\nHost: localhost\r\nAccept: text/event-stream\r\n"
            b"Authorization: Token %s\r\n\r\n" % server.token.encode()
        )
        await reader.readuntil(b":\n\n\r\n")
        raw = cls(reader, writer)
        raw.is_socket = False
        return raw

    def say(self, text: str) -> None:
        """Sends a message."""
        data = text.encode()
        length = len(data)
        head = bytes([0x80 | length]) if length < 126 else b"\xfe" + struct.pack("!H", length)
        self.writer.write(b"\x81" + head + bytes(4) + data)

    async def hear(self) -> bytes:
        """Returns the next message; answers pings on the way."""
        while True:
            first, length = await self.reader.readexactly(2)
            if length == 126:
                (length,) = struct.unpack("!H", await self.reader.readexactly(2))
            data = await self.reader.readexactly(length)
            if first & 0xF != 0x9:
                return data
            self.writer.write(b"\x8a\x80" + bytes(4))

    async def idle(self) -> None:
        """Answers pings, or reads comments, for as long as nothing else comes."""
        if self.is_socket:
            await self.hear()
        while not self.is_socket and await self.reader.read(4_096):
            continue

    def abort(self) -> None:
        """Leaves without a word."""
        self.writer.transport.abort()


Join = Callable[[EmbeddedService], Awaitable[Raw]]


@contextlib.asynccontextmanager
async def crowd(
    server: EmbeddedService, count: int, join: Join = Raw.subscribed
) -> AsyncIterator[list[Raw]]:
    """So many raw subscribers."""
    raws: list[Raw] = []
    try:
        while len(raws) < count:
            some = min(50, count - len(raws))
            raws += await asyncio.gather(*(join(server) for _ in range(some)))
        yield raws
    finally:
        for raw in raws:
            raw.abort()


async def aborted(folder: Path, times: int) -> Proof:
    """Subscriptions that are broken off leave nothing behind."""
    with service(folder) as server:

        async def round() -> None:
            for _ in range(times // 50):
                async with crowd(server, 50):
                    pass
            await _empty(server)

        await round()  # What the first ones warm up stays.
        await round()
        before, sockets = server.anonymous(), server.open_sockets()
        await round()
        after = server.anonymous()
        figures = await _figures(server)
        left = server.open_sockets() - sockets
    growth = after - before
    readers = figures["connect_database_readers_in_use"]
    return Proof(
        growth < 4 and left <= 1 and readers == 0,
        f"{times} aborted: {growth:+.1f} MiB, {left} sockets, {readers:.0f} readers in use",
    )


async def idle(
    folder: Path, count: int, seconds: float, most_mib: float = 60, join: Join = Raw.subscribed
) -> Proof:
    """Subscribers to whom nothing happens cost little memory and no processor time."""
    with service(folder) as server:
        async with crowd(server, 10, join):
            pass
        await _empty(server)
        before = server.anonymous()
        cpu = server.cpu()
        await asyncio.sleep(seconds / 2)
        alone = (server.cpu() - cpu) / (seconds / 2)
        async with crowd(server, count, join) as raws:
            answering = [asyncio.ensure_future(raw.idle()) for raw in raws]
            await asyncio.sleep(2)
            memory = server.anonymous() - before
            cpu = server.cpu()
            await asyncio.sleep(seconds)
            busy = (server.cpu() - cpu) / seconds
            for task in answering:
                task.cancel()
            await asyncio.wait(answering)
    return Proof(
        memory < most_mib and busy - alone < 0.02,
        f"{count} idle subscribers: {memory:.1f} MiB, {busy:.2%} of a processor "
        f"({alone:.2%} without them)",
    )


async def latency(
    folder: Path,
    seconds: float,
    subscribers: int = 10,
    writers: int = 4,
    serve: Serve = service,
    most_ms: float = 50,
) -> Proof:
    """Events arrive quickly, also while others write."""
    query = "subscription { events { occurredAt } }"
    delays: list[float] = []
    with serve(folder) as server:

        async def listen() -> None:
            async with greeted(server.port, server.token) as talk:
                await talk.follow(query)
                while True:
                    message = json.loads(await talk.socket.recv())
                    at = datetime.fromisoformat(message["payload"]["data"]["events"]["occurredAt"])
                    delays.append((datetime.now(UTC) - at).total_seconds())

        listening = [asyncio.ensure_future(listen()) for _ in range(subscribers)]
        await asyncio.sleep(1)
        stop = asyncio.Event()
        port: Callable[[], int] = lambda: server.port  # noqa: E731
        writing: list[Awaitable[int]] = [
            asyncio.ensure_future(write(port, server.token, 10**6, stop)) for _ in range(writers)
        ]
        await asyncio.sleep(seconds)
        stop.set()
        written = sum(await asyncio.gather(*writing))
        await asyncio.sleep(0.5)
        for task in listening:
            task.cancel()
        await asyncio.wait(listening)
    median = statistics.median(delays) * 1000
    late = statistics.quantiles(delays, n=100)[98] * 1000
    return Proof(
        median < most_ms and len(delays) >= written * subscribers * 0.99,
        f"{written / seconds:.0f} events/s to {subscribers} subscribers: median {median:.1f} ms, "
        f"99 % {late:.1f} ms",
    )


async def _figures(server: EmbeddedService) -> dict[str, float]:
    async with client_of(server.port, server.token) as client:
        text = (await client.get("/metrics")).text
    lines = [line.rsplit(" ", 1) for line in text.splitlines() if not line.startswith("#")]
    return {name: float(value) for name, value in lines}


async def _empty(server: EmbeddedService) -> None:
    """Waits until nobody is connected."""
    async with asyncio.timeout(30):
        while await _open(server):  # noqa: ASYNC110  (another process)
            await asyncio.sleep(0.05)


async def _open(server: EmbeddedService) -> float:
    figures = await _figures(server)
    return sum(figures.get(name, 0) for name in OPEN)
