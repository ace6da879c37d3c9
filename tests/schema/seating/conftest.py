"""A built-in room with an appointment that is under way: Anna runs it, Ben and Cleo are invited."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import httpx2
import pytest
from starlette.applications import Starlette

from gateway.settings import Settings
from schema.operation.call import Services
from schema.rooms.builtin import BuiltinSettings
from tests.conftest import NOON, MovableClock
from tests.faces import GraphQLFace
from tests.people import Tenant
from tests.schema.seating.house import House


@pytest.fixture
def rooms() -> BuiltinSettings:
    """What a module says about its rooms."""
    return BuiltinSettings(room_seats="3")


@pytest.fixture
def base() -> str:
    """The path of the public address, where a test has one."""
    return ""


@pytest.fixture
def settings(settings: Settings, rooms: BuiltinSettings, base: str) -> Settings:
    return replace(settings, rooms=rooms, given_public_url=f"http://testserver{base}")


@pytest.fixture
def services(app: Starlette) -> Services:
    return app.state.lifespan["services"]


@pytest.fixture
async def house(
    services: Services,
    clock: MovableClock,
    client: httpx2.AsyncClient,
    tenant: Tenant,
    settings: Settings,
) -> House:
    return await furnished(services, clock, client, tenant, settings)


async def furnished(
    services: Services,
    clock: MovableClock,
    client: httpx2.AsyncClient,
    tenant: Tenant,
    settings: Settings,
) -> House:
    """Returns the house of an organization."""
    face = GraphQLFace(client, tenant.write)
    booked = await face.create(
        title="Passport renewal",
        start_date_time=(NOON + timedelta(minutes=5)).isoformat(),
        duration_minutes=60,
        participants=[_person("anna", role="moderator"), _person("ben"), _person("cleo")],
    )
    house = House(services, clock, face, tenant, settings, booked)
    await house.ticket("anna")  # A moderator's joining starts the appointment.
    return house


def _person(name: str, role: str = "participant") -> dict[str, Any]:
    return {"unique_id": name, "display_name": name.capitalize(), "role": role}
