"""Both faces, live events and an access link behind Caddy, with the committed configuration."""

import asyncio
import json
import re
import ssl
import time
from collections.abc import Iterator
from pathlib import Path

import httpx2
import pytest

from tests.postgresql.databases import Databases

from .behind import LIST, SECONDS, Behind, behind, booked
from .followers import following
from .proxies import caddy, found, free_ports

SECRET = "not-for-the-log"
HTML = {"Accept": "text/html"}
ADDRESSES = re.compile(r'(?:href|src)="([^"#]+)"')


@pytest.fixture(scope="module")
def behind_caddy(
    postgresql: Databases, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Behind]:
    """Two workers on PostgreSQL behind Caddy."""
    found("caddy", "caddy")
    folder = tmp_path_factory.mktemp("caddy")
    (port,) = free_ports(1)
    with behind(postgresql, folder, port, lambda upstream: caddy(folder, upstream, port)) as place:
        yield place


async def test_caddy_serves_both_faces_live_events_and_links(behind_caddy: Behind) -> None:
    async with behind_caddy.client() as client:
        row = await booked(client, "Before")
        listed = await client.get(LIST)
        assert (listed.status_code, listed.http_version) == (200, "HTTP/2")
        async with following(behind_caddy, client, row) as followers:
            began = time.monotonic()
            await client.patch(f"{LIST}{row['id']}/", json={"title": "After"})
            await followers.hear("appointment.updated", "After")
            assert time.monotonic() - began < 20
        link = row["participants"][0]["access_link"]
        assert link.startswith(f"{behind_caddy.url}/join/")
        page = await client.get(link, headers=HTML)
        assert page.status_code == 200
        for address in ADDRESSES.findall(page.text):
            asset = await client.get(httpx2.URL(behind_caddy.url).join(address))
            assert asset.status_code == 200
        large = await client.post(LIST, content=b"x" * 1_900_000)
        assert large.status_code == 413 and "detail" in large.json()
        assert (await client.get("/metrics")).status_code == 404
        await is_not_logged(behind_caddy, link.rpartition("/")[2])


async def test_what_cannot_be_passed_on_is_logged_without_secrets(tmp_path: Path) -> None:
    found("caddy", "caddy")
    (nobody, port) = free_ports(2)
    with caddy(tmp_path, nobody, port) as proxy:
        trust = ssl.create_default_context(cafile=str(proxy.authority))
        async with httpx2.AsyncClient(verify=trust, trust_env=False) as client:
            answer = await client.get(f"{proxy.url}/join/{SECRET}", headers={"X-Api-Key": SECRET})
        assert answer.status_code == 502
    log = (tmp_path / "proxy.log").read_text()
    lines = [line for line in log.splitlines() if '"uri":"/connect/join/..."' in line]
    loggers = {json.loads(line)["logger"].split(".log.")[1].split(".")[0] for line in lines}
    assert loggers == {"access", "error"}
    assert SECRET not in log


async def is_not_logged(place: Behind, secret: str) -> None:
    """Waits until the requests for links are in the log; the secret must not be."""
    log = place.proxy.folder / "proxy.log"
    async with asyncio.timeout(SECONDS):
        while '"uri":"/connect/join/..."' not in log.read_text():  # noqa: ASYNC110
            await asyncio.sleep(0.05)
    assert secret not in log.read_text()
    assert place.token not in log.read_text()
