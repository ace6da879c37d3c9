"""Services without a server, a tenant and a call of one who may read: what resolvers are run with."""

from collections.abc import AsyncIterator

import pytest

from gateway.services import open_services
from gateway.settings import Settings
from schema.operation.call import Call, Services
from tests.conftest import MovableClock
from tests.people import Tenant, add_tenant
from tests.schema.following import call_of


@pytest.fixture
async def services(settings: Settings, clock: MovableClock) -> AsyncIterator[Services]:
    async with open_services(settings, clock) as services:
        yield services


@pytest.fixture
async def tenant(services: Services) -> Tenant:
    return await add_tenant(services, "Consulate General")


@pytest.fixture
async def call(services: Services, tenant: Tenant) -> Call:
    return await call_of(services, tenant)
