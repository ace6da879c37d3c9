"""Two workers on PostgreSQL behind a proxy, below a path, over TLS; and clients of them."""

import asyncio
import ssl
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx2

from tests.people import add_tenant
from tests.postgresql.databases import Databases
from tests.workers.four import Four, four

from .proxies import Proxy, public_url

SECONDS = 30.0
LIST = "/api/v1/appointments/"
# Makes a proxy before the port of the service.
Front = Callable[[int], AbstractContextManager[Proxy]]


@dataclass(frozen=True)
class Behind:
    """A service behind a proxy, and a token for it."""

    service: Four
    proxy: Proxy

    @property
    def url(self) -> str:
        """The address that clients use."""
        return self.proxy.url

    @property
    def token(self) -> str:
        """The token of the first organization."""
        return self.service.token

    @property
    def trust(self) -> ssl.SSLContext:
        """What certificates are checked with."""
        return ssl.create_default_context(cafile=str(self.proxy.authority))

    def client(self, token: str = "", *, http2: bool = True) -> httpx2.AsyncClient:
        """Returns a client of both faces, by default over HTTP/2."""
        return httpx2.AsyncClient(
            base_url=self.url,
            headers={"Authorization": f"Bearer {token or self.token}"},
            verify=self.trust,
            http2=http2,
            timeout=SECONDS,
            trust_env=False,
        )

    def another_organization(self) -> str:
        """Returns the token of a new organization."""

        async def minted() -> str:
            async with self.service.services() as services:
                return (await add_tenant(services, "Quiet")).write

        with ThreadPoolExecutor(1) as thread:  # A test may have a loop of its own.
            return thread.submit(asyncio.run, minted()).result()


@contextmanager
def behind(
    databases: Databases,
    folder: Path,
    port: int,
    front: Front,
    added: dict[str, str] | None = None,
) -> Iterator[Behind]:
    """Runs the service, with `added` settings, and the proxy at `port` while the block runs."""
    settings = {
        "CONNECT_PUBLIC_URL": public_url(port),
        "CONNECT_FORWARDED_ALLOW_IPS": "127.0.0.1",
        "CONNECT_PAGE_SIZE": "1",
        **(added or {}),
    }
    with (
        databases.one() as location,
        four(folder, location, settings, count=2) as service,
        front(service.port) as proxy,
    ):
        yield Behind(service, proxy)


async def booked(
    client: httpx2.AsyncClient, title: str = "Passport renewal", minutes: float = 10
) -> dict[str, Any]:
    """Books an appointment of two people that starts in so many minutes."""
    start = datetime.now(UTC) + timedelta(minutes=minutes)
    people = [
        {"unique_id": "anna", "display_name": "Anna Keller", "role": "moderator"},
        {"unique_id": "ben", "display_name": "Ben Ode", "role": "participant"},
    ]
    body = {
        "title": title,
        "start_date_time": start.isoformat(),
        "duration_minutes": 30,
        "participants": people,
    }
    answer = await client.post(LIST, json=body)
    assert answer.status_code == 201, answer.text
    return dict(answer.json())
