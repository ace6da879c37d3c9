"""Whether there are traces: the packages for them are imported only then."""

from collections.abc import Sequence
from contextlib import AbstractAsyncContextManager, nullcontext
from typing import TYPE_CHECKING, Protocol

from starlette.middleware import Middleware
from starlette.routing import BaseRoute

from db.engine import Database

from ..crew import Crew
from ..graphql_operation import Observe, Operations
from ..settings import Settings, WrongSetting
from ..settings.installed import IS_PACKAGE

if TYPE_CHECKING:
    from schema.execution.options import GraphQLOptions, Trusted

INSTALL = (
    "pip install 'consularia-connect[traces]'"
    if IS_PACKAGE
    else "pip install --require-hashes -r requirements/traces.txt"
)


class Tracing(Protocol):
    """What is traced, or is not."""

    def middleware(self, routes: Sequence[BaseRoute]) -> list[Middleware]:
        """Returns what makes a span of each request."""

    def operations(
        self, options: "GraphQLOptions", trusted: "Trusted | None", observe: Observe
    ) -> Operations:
        """Returns the operations of GraphQL, each with a span."""

    def database(self, database: Database) -> Database:
        """Returns the database, with a span for each statement and each write."""

    def running(self) -> AbstractAsyncContextManager[None]:
        """Sends spans while the block runs, and what is left of them at its end."""


class Untraced:
    """No traces: everything stays as it is."""

    def middleware(self, routes: Sequence[BaseRoute]) -> list[Middleware]:
        """Returns none."""
        return []

    def operations(
        self, options: "GraphQLOptions", trusted: "Trusted | None", observe: Observe
    ) -> Operations:
        """Returns the operations of GraphQL."""
        return Operations(options, trusted, observe)

    def database(self, database: Database) -> Database:
        """Returns the database itself."""
        return database

    def running(self) -> AbstractAsyncContextManager[None]:
        """Does nothing."""
        return nullcontext()


def tracing_of(settings: Settings, crew: Crew | None) -> Tracing:
    """Returns the tracing that the settings ask for; raises WrongSetting without its packages."""
    if settings.otlp_endpoint is None:
        return Untraced()
    try:
        from .traced import Traced
    except ModuleNotFoundError as error:
        raise WrongSetting(
            f"CONNECT_OTLP_ENDPOINT is set, but {error.name} is not installed: {INSTALL}"
        ) from None
    return Traced(settings.otlp_endpoint, crew)
