"""The service behind nginx, once for all tests of it, and a browser for its pages."""

from collections.abc import AsyncIterator, Iterator

import pytest
import pytest_asyncio
from playwright.async_api import Browser, Page, expect

from tests.browser.conftest import Traffic, browser, traffic
from tests.postgresql.databases import Databases

from .behind import Behind, behind
from .proxies import Ports, found, free_ports, nginx

__all__ = ["browser", "traffic"]  # fixtures

PATIENCE = 30_000  # milliseconds


@pytest.fixture(scope="session")
def behind_nginx(
    postgresql: Databases, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Behind]:
    """Two workers on PostgreSQL behind nginx."""
    found("nginx", "nginx-light")
    folder = tmp_path_factory.mktemp("nginx")
    ports = Ports(*free_ports(4))
    with behind(
        postgresql, folder, ports.secure, lambda upstream: nginx(folder, upstream, ports)
    ) as running:
        yield running


@pytest_asyncio.fixture(loop_scope="session")
async def page(browser: Browser, traffic: Traffic) -> AsyncIterator[Page]:
    """A page in a fresh profile that takes our own certificate, with its traffic recorded."""
    context = await browser.new_context(
        viewport={"width": 1280, "height": 900}, ignore_https_errors=True
    )
    context.set_default_timeout(PATIENCE)
    expect.set_options(timeout=PATIENCE)
    traffic.watch(context)
    yield await context.new_page()
    await context.close()
    expect.set_options(timeout=None)
