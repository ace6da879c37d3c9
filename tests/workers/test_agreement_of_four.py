"""REST, GraphQL, the links and the model agree also when each request goes to another process."""

from itertools import cycle
from pathlib import Path
from tempfile import TemporaryDirectory
from unittest import mock

import httpx2
from hypothesis import HealthCheck, settings
from hypothesis.stateful import run_state_machine_as_test
from starlette.applications import Starlette

from gateway.app import create_app
from gateway.crew import Crew
from gateway.settings import Settings
from tests.conftest import InProcess
from tests.contract.test_agreement import Agreement
from tests.faces import GraphQLFace, RestFace
from tests.people import add_tenant

COUNT = 4


class InTurn:
    """Four applications that know nothing of each other but the database and a folder."""

    def __init__(self, apps: list[Starlette]) -> None:
        self._turn = cycle([InProcess(app) for app in apps])

    async def __call__(self, scope, receive, send) -> None:
        await next(self._turn)(scope, receive, send)


class AgreementOfFour(Agreement):
    """Four of what serves, each with caches, connections and a feed of its own."""

    async def open(self) -> None:
        self.folder = TemporaryDirectory()
        # The machine stands still between its steps, and a lease does not.
        self.leases = mock.patch("schema.operation.lease.SILENT_SECONDS", 3600)
        self.leases.start()
        given = Settings(
            given_database=self.location,
            given_public_url="http://testserver",
            secret_keys=("Kq3vZ8d0Yt5LwXr2Bn7PcF4hJs9Ua6Ge",),
        )
        folder = Path(self.folder.name)
        apps = [
            create_app(given, self.clock, Crew(folder, number, COUNT)) for number in range(COUNT)
        ]
        self.lifespans = [app.router.lifespan_context(app) for app in apps]
        for app, lifespan in zip(apps, self.lifespans, strict=True):
            app.state.lifespan = await lifespan.__aenter__()
        self.app = apps[0]
        tenant = await add_tenant(self.app.state.lifespan["services"], "A")
        transport = httpx2.ASGITransport(app=InTurn(apps))
        self.client = httpx2.AsyncClient(transport=transport, base_url="http://testserver")
        self.faces = {
            "rest": RestFace(self.client, tenant.write),
            "graphql": GraphQLFace(self.client, tenant.write),
        }
        self.lifespan = _All(self.lifespans)

    def teardown(self) -> None:
        super().teardown()
        self.leases.stop()
        self.folder.cleanup()


class _All:
    """The lifespans of all applications, to be ended."""

    def __init__(self, lifespans: list) -> None:
        self._lifespans = lifespans

    async def __aexit__(self, *reason: object) -> None:
        for lifespan in self._lifespans:
            await lifespan.__aexit__(*reason)


def test_both_faces_agree_with_the_model_over_four_processes(places, dialect: str) -> None:
    run_state_machine_as_test(
        lambda: AgreementOfFour(places),
        settings=settings(
            max_examples=5,
            stateful_step_count=12,
            deadline=None,
            suppress_health_check=[HealthCheck.too_slow],
        ),
    )
