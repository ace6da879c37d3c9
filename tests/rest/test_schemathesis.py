"""Schemathesis on the served OpenAPI document: it finds nothing but the contract's leniencies."""

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
from rest.routes import OPERATIONS
from tests.people import Tenant, add_tenant

# The contract takes `title: 0` and blank texts where the original did: these two checks call
# that leniency a fault of the service.
LENIENCIES = {
    "negative_data_rejection": {"enabled": False},
    "positive_data_acceptance": {"enabled": False},
}
EXAMPLES = 6


def configuration(tenant: Tenant) -> SchemathesisConfig:
    return SchemathesisConfig.from_dict(
        {
            "seed": 1,
            "headers": {"Authorization": f"Token {tenant.write}"},
            "continue-on-failure": True,
            "generation": {"max-examples": EXAMPLES, "database": "none", "no-shrink": True},
            "checks": LENIENCIES,
            "phases": {"stateful": {"generation": {"max-examples": EXAMPLES}}},
        }
    )


def test_schemathesis_finds_nothing_beyond_the_leniencies(settings: Settings) -> None:
    async def seeded() -> Tenant:
        async with open_services(settings) as services:
            return await add_tenant(services, "Consulate General")

    tenant = asyncio.run(seeded())
    app = create_app(replace(settings, cors_origins=()))
    schema = schemathesis.openapi.from_asgi("/openapi.json", app, config=configuration(tenant))
    found: dict[tuple[str, str], str] = {}
    answered: Counter[str] = Counter()
    try:
        for event in from_schema(schema).execute():
            assert not isinstance(event, events.NonFatalError | events.FatalError), event
            if not isinstance(event, events.ScenarioFinished):
                continue
            for case in event.recorder.cases.values():
                answered[case.value.operation.label] += 1
            for checks in event.recorder.checks.values():
                for check in checks:
                    if check.failure_info:
                        failure = check.failure_info
                        key = (event.recorder.label, check.name)
                        found[key] = f"{failure.failure.message}\n{failure.code_sample}"
    finally:
        asgi.shutdown_lifespans()
    assert found == {}
    assert set(answered) == {f"{each.method} /api/v1{each.path}" for each in OPERATIONS}
