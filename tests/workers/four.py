"""Four workers, or as many as are wanted, on a given database, and clients whose requests go to one worker after another."""

import asyncio
import os
import signal
import time
from collections.abc import AsyncIterator, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager, contextmanager
from itertools import cycle
from pathlib import Path

import httpx2

from db.location import Location, Server
from gateway.services import open_services
from gateway.settings import Settings
from schema.operation.call import Services
from tests.people import add_tenant
from tests.service import Service
from tests.workers.crew import until, workers_of

KEY = "a-key-of-the-tests-0123456789abcdef"
COUNT = 4


class Four(Service):
    """A service with four workers on a database that exists, and a token for it."""

    token: str

    def __init__(
        self,
        folder: Path,
        location: Location,
        settings: dict[str, str] | None = None,
        count: int = COUNT,
    ) -> None:
        self.location = location
        url = location.dsn if isinstance(location, Server) else f"sqlite:///{location.path}"
        own = {
            "CONNECT_DATABASE_URL": url,
            "CONNECT_SECRET_KEYS": KEY,
            "CONNECT_DATA_DIR": str(folder),
            "CONNECT_WORKERS": str(count),
            "CONNECT_PUBLIC_URL": "http://testserver",
            "CONNECT_CORS_ORIGINS": "https://app.example",
            "CONNECT_DATABASE_CONNECTIONS": "4",
        }
        super().__init__(folder, own | (settings or {}) | {"CONNECT_LOG_LEVEL": "info"})
        try:
            self.wait()
            until(lambda: self.log.read_text().count('"worker_ready"') >= count, 60)
        except BaseException:
            self.end()
            raise

    @property
    def workers(self) -> list[int]:
        """The processes of the workers."""
        return workers_of(self.pid)

    def cpu(self) -> float:
        """Seconds of processor time that the workers used so far."""
        return super().cpu() + sum(_cpu(pid) for pid in self.workers)

    def end(self) -> None:
        """Kills the supervisor, and the workers in case they do not notice."""
        workers = self.workers
        super().end()
        for pid in workers:
            try:
                until(lambda pid=pid: not Path(f"/proc/{pid}").exists(), 15)  # type: ignore[misc]
            except TimeoutError:
                os.kill(pid, signal.SIGKILL)

    @asynccontextmanager
    async def services(self) -> AsyncIterator[Services]:
        """The services of this process on the same database."""
        given = Settings(
            given_database=self.location, secret_keys=(KEY,), given_public_url="http://testserver"
        )
        async with open_services(given) as services:
            yield services


def _cpu(pid: int) -> float:
    return time.clock_gettime((~pid << 3) | 2)


@contextmanager
def four(
    folder: Path, location: Location, settings: dict[str, str] | None = None, count: int = COUNT
) -> Iterator[Four]:
    """Workers while the block runs, with the token of a new organization."""
    running = Four(folder, location, settings, count)

    async def minted() -> str:
        async with running.services() as services:
            return (await add_tenant(services, "Followed")).write

    try:
        with ThreadPoolExecutor(1) as thread:  # A test may have a loop of its own.
            running.token = thread.submit(asyncio.run, minted()).result()
        yield running
    finally:
        running.stop()


class Spread(httpx2.AsyncBaseTransport):
    """Sends each request over another of four connections, which four workers have accepted."""

    def __init__(self, port: int) -> None:
        self._port = port
        self._links = [
            httpx2.AsyncHTTPTransport(limits=httpx2.Limits(max_connections=1)) for _ in range(COUNT)
        ]
        self._turn = cycle(self._links)

    async def handle_async_request(self, request: httpx2.Request) -> httpx2.Response:
        """Sends the request, with its own Host, to the service."""
        request.url = request.url.copy_with(host="127.0.0.1", port=self._port)
        return await next(self._turn).handle_async_request(request)

    async def aclose(self) -> None:
        """Closes the connections."""
        for link in self._links:
            await link.aclose()


@asynccontextmanager
async def spread(port: int) -> AsyncIterator[httpx2.AsyncClient]:
    """A client whose requests go to one worker after another."""
    async with httpx2.AsyncClient(
        transport=Spread(port), base_url="http://testserver", timeout=20
    ) as client:
        for _ in range(COUNT):
            # One after another, so that each is accepted by another worker.
            await client.get("/healthz")
        yield client
