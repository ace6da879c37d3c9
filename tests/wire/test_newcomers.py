"""Who is in never pauses, and newcomers get in all the same; without descriptors they wait."""

import asyncio
import errno
import multiprocessing
import selectors
import socket
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from gateway.serving.listening import listen
from gateway.wire import accept

from .local import answer, serve
from .server import Server, eventually, request, status_of

FLOODING = 200
QUESTION = request(
    "/graphql",
    "POST",
    {"Content-Type": "application/json"},
    b'{"query": "{ __typename }"}',
    keep=True,
)


def flood(port: int, has_begun: object) -> None:
    """Sends the next small request on each connection as soon as it has its answer."""
    selector = selectors.DefaultSelector()
    for _ in range(FLOODING):
        link = socket.create_connection(("127.0.0.1", port))
        link.sendall(QUESTION)
        link.setblocking(False)
        selector.register(link, selectors.EVENT_READ)
    has_begun.set()  # type: ignore[attr-defined]
    while True:
        for key, _ in selector.select(1):
            assert key.fileobj.recv(65_536)  # type: ignore[union-attr]
            key.fileobj.send(QUESTION)  # type: ignore[union-attr]


@contextmanager
def flooded(server: Server) -> Iterator[None]:
    """While it lasts, every connection of the flood has a request under way."""
    context = multiprocessing.get_context("spawn")
    has_begun = context.Event()
    flooder = context.Process(target=flood, args=(server.port, has_begun), daemon=True)
    flooder.start()
    try:
        assert has_begun.wait(30)
        served = server.cpu()
        eventually(lambda: server.cpu() - served > 1)
        yield
        assert flooder.is_alive()
    finally:
        flooder.kill()
        flooder.join()


def test_newcomers_are_served_beside_connections_that_never_pause(server: Server) -> None:
    with flooded(server):
        for _ in range(3):
            before = server.cpu()
            assert status_of(server.exchange(request("/healthz"), timeout=30)) == 200
            # Of the server's own time: it is a few rounds of the flood, where it was for ever.
            assert server.cpu() - before < 4


class Exhausted(socket.socket):
    """A listening socket that finds no descriptor at first."""

    tries = 0

    def accept(self) -> tuple[socket.socket, object]:
        self.tries += 1
        if self.tries == 1:
            raise OSError(errno.EMFILE, "Too many open files")
        return super().accept()


class Greeter(asyncio.Protocol):
    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        transport.write(b"hello")
        self.transport = transport

    def data_received(self, data: bytes) -> None:
        self.transport.write(data)


@pytest.fixture
def exhausted() -> Iterator[Exhausted]:
    with listen("127.0.0.1", 0) as plain:
        yield Exhausted(fileno=plain.detach())


async def test_without_descriptors_newcomers_wait(
    exhausted: Exhausted, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(accept, "PAUSE_SECONDS", 0.2)
    acceptor = accept.Acceptor(exhausted, Greeter)
    acceptor.start(10)
    async with asyncio.timeout(20):
        reader, writer = await asyncio.open_connection(*exhausted.getsockname())
        assert await reader.readexactly(5) == b"hello"
    # It did not ask again and again: once in vain, and then until nobody waited.
    assert exhausted.tries <= 4
    acceptor.close()
    writer.close()


async def test_a_pause_ends_with_the_acceptor(exhausted: Exhausted) -> None:
    acceptor = accept.Acceptor(exhausted, Greeter)
    acceptor.start(10)
    _, writer = await asyncio.open_connection(*exhausted.getsockname())
    while not exhausted.tries:  # noqa: ASYNC110
        await asyncio.sleep(0.01)
    acceptor.close()
    acceptor.close()
    assert exhausted.fileno() == -1
    await acceptor.wait_closed()
    writer.close()


async def test_a_closed_acceptor_refuses_newcomers_and_leaves_who_is_in() -> None:
    listener = listen("127.0.0.1", 0)
    address = listener.getsockname()
    acceptor = accept.Acceptor(listener, Greeter)
    acceptor.start(10)
    reader, writer = await asyncio.open_connection(*address)
    assert await reader.readexactly(5) == b"hello"
    acceptor.close()
    await acceptor.wait_closed()
    with pytest.raises(ConnectionRefusedError):
        await asyncio.open_connection(*address)
    writer.write(b"again")
    assert await reader.readexactly(5) == b"again"
    writer.close()


async def test_only_so_many_come_in_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """So that the descriptors in reserve are enough for those that nobody counts yet."""
    monkeypatch.setattr(accept, "limit", lambda: 100)
    listener = listen("127.0.0.1", 0)
    acceptor = accept.Acceptor(listener, Greeter)
    acceptor.start(100)
    most = 0
    links = [asyncio.open_connection(*listener.getsockname()) for _ in range(50)]
    async with asyncio.timeout(20):
        for reader, writer in await asyncio.gather(*links):
            assert await reader.readexactly(5) == b"hello"
            most = max(most, len(acceptor._opening))
            writer.close()
    assert most <= 4
    acceptor.close()


async def test_a_request_is_drained_while_newcomers_are_refused() -> None:
    has_begun, may_end = asyncio.Event(), asyncio.Event()

    async def app(scope: object, receive: object, send: object) -> None:
        has_begun.set()
        await may_end.wait()
        await answer(send)

    async with serve(app) as local, asyncio.timeout(20):
        running = asyncio.ensure_future(local.exchange(request("/", keep=True)))
        await has_begun.wait()
        local.server.should_exit = True
        while True:
            try:
                _, writer = await local.open()
            except (ConnectionRefusedError, ConnectionResetError):
                break  # Reset: the socket was closed while the connection was in its queue.
            writer.close()
            await asyncio.sleep(0.01)
        may_end.set()
        assert (await running).endswith(b"ok")
