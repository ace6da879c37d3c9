"""Schemathesis on the GraphQL schema: whatever it asks, nothing goes wrong on our side."""

import asyncio
from collections import Counter
from dataclasses import replace

import schemathesis
from schemathesis.config import SchemathesisConfig
from schemathesis.engine import events, from_schema
from schemathesis.python import asgi

from gateway.app import create_app
from gateway.services import open_services
from gateway.settings import Settings
from tests.people import Tenant, add_tenant

EXAMPLES = 12


def configuration(tenant: Tenant) -> SchemathesisConfig:
    return SchemathesisConfig.from_dict(
        {
            "seed": 1,
            "headers": {"Authorization": f"Token {tenant.write}"},
            "continue-on-failure": True,
            "generation": {"max-examples": EXAMPLES, "database": "none", "no-shrink": True},
            # It knows no scalars of ours and calls a refused DateTime or URL our fault.
            "checks": {"negative_data_rejection": {"enabled": False}},
        }
    )


def test_whatever_is_asked_nothing_goes_wrong_on_our_side(settings: Settings) -> None:
    async def seeded() -> Tenant:
        async with open_services(settings) as services:
            return await add_tenant(services, "Consulate General")

    tenant = asyncio.run(seeded())
    app = create_app(replace(settings, cors_origins=()))
    schema = schemathesis.graphql.from_asgi("/graphql", app, config=configuration(tenant))
    answered: Counter[str] = Counter()
    wrong: list[str] = []
    try:
        for event in from_schema(schema).execute():
            assert not isinstance(event, events.FatalError), event
            if not isinstance(event, events.ScenarioFinished):
                continue
            recorder = event.recorder
            for id, interaction in recorder.interactions.items():
                response = interaction.response
                if response is None:
                    continue
                answered[recorder.cases[id].value.operation.label] += 1
                text = response.content.decode()
                if response.status_code >= 500 or "INTERNAL_SERVER_ERROR" in text:
                    wrong.append(f"{recorder.cases[id].value.body}\n{text}")
    finally:
        asgi.shutdown_lifespans()
    assert wrong == []
    assert sum(answered.values()) > 100
    assert "Mutation.createAppointment" in answered
