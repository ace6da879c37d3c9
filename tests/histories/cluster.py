"""One or several processes of the service on one database, which can be killed and come back."""

import asyncio
import os
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from db.location import Location, Server
from gateway.services import open_services
from gateway.settings import Settings
from tests.people import add_tenant
from tests.service import Service
from tests.workers.crew import workers_of

KEY = "Kq3vZ8d0Yt5LwXr2Bn7PcF4hJs9Ua6Ge"


class Cluster:
    """So many processes on a migrated database; `token` may write.

    On a file they are the workers of one service, on a server services of their own.
    """

    def __init__(self, folder: Path, location: Location, processes: int = 1) -> None:
        self._folder = folder
        self._workers = 1 if isinstance(location, Server) else processes
        self._settings = {
            "CONNECT_DATA_DIR": str(folder),
            "CONNECT_SECRET_KEYS": KEY,
            "CONNECT_RATE_LIMIT": "off",
            "CONNECT_LOG_LEVEL": "warning",
            "CONNECT_WORKERS": str(self._workers),
        }
        server = location if isinstance(location, Server) else None
        if server is not None:
            self._settings["CONNECT_DATABASE_URL"] = server.dsn
        self.token = asyncio.run(self._add_tenant(server))
        self.services: list[Service] = []
        try:
            for _ in range(processes // self._workers):
                self.services.append(self._start())
            for each in self.services:
                each.wait()
        except BaseException:
            self.end()
            raise

    async def _add_tenant(self, server: Server | None) -> str:
        own = Settings(data_dir=self._folder, given_database=server, secret_keys=(KEY,))
        async with open_services(own) as services:
            return (await add_tenant(services, "Histories")).write

    def _start(self) -> Service:
        return Service(self._folder, self._settings)

    @property
    def urls(self) -> list[str]:
        """Where the processes are reached now."""
        return [each.url for each in self.services]

    async def kill(self, at: int) -> None:
        """Kills a process with SIGKILL; another one takes its place."""
        if self._workers > 1:
            children = workers_of(self.services[0].pid)
            os.kill(children[at % len(children)], signal.SIGKILL)
            return
        at %= len(self.services)
        self.services[at].end()
        self.services[at] = started = self._start()
        await asyncio.to_thread(started.wait)

    def end(self) -> None:
        """Ends all processes."""
        for each in self.services:
            if self._workers > 1:
                each.stop()
            each.end()


@contextmanager
def cluster(folder: Path, location: Location, processes: int = 1) -> Iterator[Cluster]:
    """A cluster for the block."""
    running = Cluster(folder, location, processes)
    try:
        yield running
    finally:
        running.end()
