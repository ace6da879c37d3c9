"""Fixtures of this folder: the face with a database of its own, alone and beside the replica."""

from collections.abc import AsyncIterator, Iterator

import pytest

from gateway.settings import Settings
from tests.conftest import MovableClock
from tests.oracle.app import Oracle
from tests.rest.site import Site, open_site
from tests.rest.twin import Twin


@pytest.fixture
async def site(settings: Settings, clock: MovableClock) -> AsyncIterator[Site]:
    """The face with an empty database."""
    async with open_site(settings, clock) as site:
        yield site


@pytest.fixture
def replica() -> Iterator[Oracle]:
    """The replica of the original service, empty."""
    oracle = Oracle()
    yield oracle
    oracle.close()


@pytest.fixture
async def twin(site: Site, replica: Oracle) -> Twin:
    """The face and the replica, each with the same appointment of two participants."""
    return await Twin.booked(site, replica)
