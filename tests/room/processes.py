"""Two processes that serve the same rooms, and who of the visitors is at which."""

import asyncio
import time
from collections.abc import AsyncIterator, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import AsyncExitStack, asynccontextmanager, contextmanager
from pathlib import Path

import httpx2

from db.location import Server
from gateway.services import open_services
from gateway.settings import Settings
from tests.people import add_tenant
from tests.service import Service
from tests.workers.crew import Crew
from tests.workers.four import KEY

from .visitors import SECONDS, Meeting, Visitor, socket

ROOMS = {"CONNECT_ROOMS": "builtin"}


class Pair:
    """Two processes; `token` is good at both."""

    token: str

    def client(self) -> httpx2.AsyncClient:
        """Returns a client of the first of them, or of both."""
        raise NotImplementedError

    def logs(self) -> str:
        """Returns what they have logged so far."""
        raise NotImplementedError

    def at(self, meeting: Meeting, place: int) -> "Place":
        """Returns where sockets lead to one of the two processes."""
        return Place(self, meeting, place)

    @asynccontextmanager
    async def socket(self, place: int) -> AsyncIterator[Visitor]:
        """Opens a socket to one of them."""
        raise NotImplementedError
        yield


class Place:
    """A process, for the people of a meeting."""

    def __init__(self, pair: Pair, meeting: Meeting, place: int) -> None:
        self._pair = pair
        self._meeting = meeting
        self._place = place

    @asynccontextmanager
    async def entered(self, who: int) -> AsyncIterator[Visitor]:
        """Enters there, and hears that."""
        async with self._pair.socket(self._place) as visitor:
            await visitor.say("enter", ticket=await self._meeting.ticket(who))
            await visitor.until("seated")
            yield visitor

    @asynccontextmanager
    async def resumed(self, before: Visitor) -> AsyncIterator[Visitor]:
        """Comes back there."""
        async with self._pair.socket(self._place) as visitor:
            await visitor.say("resume", seat=before.seat, key=before.key)
            yield visitor


class Servers(Pair):
    """Two services on a database of PostgreSQL."""

    def __init__(self, services: list[Service], token: str) -> None:
        self._services = services
        self.token = token

    def client(self) -> httpx2.AsyncClient:
        """Returns a client of the first."""
        return client_of(self._services[0].port, self.token)

    def logs(self) -> str:
        """Returns what they have logged so far."""
        return "".join(each.log.read_text() for each in self._services)

    @asynccontextmanager
    async def socket(self, place: int) -> AsyncIterator[Visitor]:
        """Opens a socket to one of them."""
        async with socket(self._services[place].port) as visitor:
            yield visitor


class Workers(Pair):
    """Two workers on a file."""

    def __init__(self, crew: Crew) -> None:
        self.crew = crew
        self.token = crew.token

    def client(self) -> httpx2.AsyncClient:
        """Returns a client of one of them."""
        return client_of(self.crew.port, self.token)

    def logs(self) -> str:
        """Returns what they have logged so far."""
        return self.crew.log.read_text()

    @asynccontextmanager
    async def socket(self, place: int) -> AsyncIterator[Visitor]:
        """Opens sockets until one leads to that worker; closes the others."""
        async with AsyncExitStack() as stack:
            for _ in range(50):
                found = await stack.enter_async_context(socket(self.crew.port))
                if worker_of(self.crew, found) == self.crew.workers[place]:
                    break
            else:
                raise AssertionError("the other worker accepts everything")
            yield found


def client_of(port: int, token: str) -> httpx2.AsyncClient:
    """Returns a client with the token."""
    return httpx2.AsyncClient(
        base_url=f"http://127.0.0.1:{port}",
        headers={"Authorization": f"Bearer {token}"},
        timeout=SECONDS,
        trust_env=False,
    )


def worker_of(crew: Crew, visitor: Visitor) -> int:
    """Returns the process at the other end of a socket, as the kernel has it."""
    port = visitor.socket.local_address[1]
    until = time.monotonic() + SECONDS
    while time.monotonic() < until:
        inode = inode_of(crew.port, port)
        for pid in crew.workers if inode else ():
            if holds(pid, f"socket:[{inode}]"):
                return pid
    raise AssertionError("nobody has the other end")


def inode_of(local: int, remote: int) -> str:
    for line in Path("/proc/net/tcp").read_text().splitlines()[1:]:
        words = line.split()
        ports = [int(each.rpartition(":")[2], 16) for each in words[1:3]]
        if ports == [local, remote]:
            return "" if words[9] == "0" else words[9]
    return ""


def holds(pid: int, target: str) -> bool:
    """Whether a process has a file open."""
    for link in Path(f"/proc/{pid}/fd").iterdir():
        try:
            if str(link.readlink()) == target:
                return True
        except OSError:  # Closed meanwhile.
            continue
    return False


@contextmanager
def servers(folder: Path, location: Server) -> Iterator[Servers]:
    """Runs two services on one database."""
    settings = ROOMS | {
        "CONNECT_DATABASE_URL": location.dsn,
        "CONNECT_SECRET_KEYS": KEY,
        "CONNECT_DATA_DIR": str(folder),
        "CONNECT_DATABASE_CONNECTIONS": "4",
    }
    running = [Service(folder, settings) for _ in range(2)]
    try:
        for each in running:
            each.wait()
        with ThreadPoolExecutor(1) as thread:  # A test may have a loop of its own.
            token = thread.submit(asyncio.run, minted(location)).result()
        yield Servers(running, token)
    finally:
        for each in running:
            each.stop()


async def minted(location: Server) -> str:
    """Returns the token of a new organization."""
    given = Settings(given_database=location, secret_keys=(KEY,), given_public_url="http://test")
    async with open_services(given) as services:
        return (await add_tenant(services, "Consulate General")).write


@contextmanager
def workers(folder: Path) -> Iterator[Workers]:
    """Runs two workers on a file."""
    crew = Crew(folder, 2, ROOMS)
    try:
        yield Workers(crew)
    finally:
        crew.stop()
