"""The Strawberry schema, put together."""

from functools import cache

import strawberry
from strawberry.schema.config import StrawberryConfig

from .internals import core_of
from .mutation import Mutation
from .query import Query
from .scalars import SCALARS
from .subscription import Subscription
from .types.events import AppointmentEvent, ParticipantEvent
from .types.info import CallInfo
from .types.problems import HANDLERS

DESCRIPTION = """\
Video appointments, their participants and their access links.

Sign in with `Authorization: Bearer <token>`; everything is limited to the token's organization.
Lists are Relay connections, 1 to 100 a page. What a caller can act on comes back as data
(`Problem`); anything else is a top-level error with `extensions.code`. docs/graphql.md lists the
codes, the limits and what may be retried; docs/compatibility.md says how the schema may change:
clients must tolerate new enum values, union members and fields."""


@cache
def build() -> strawberry.Schema:
    """Returns the schema, built at the first call."""
    schema = strawberry.Schema(
        query=Query,
        mutation=Mutation,
        subscription=Subscription,
        types=[AppointmentEvent, ParticipantEvent],
        exception_handlers=HANDLERS,
        config=StrawberryConfig(scalar_map={**SCALARS}, info_class=CallInfo),
    )
    # Strawberry has no parameter for it.
    core_of(schema).description = DESCRIPTION
    return schema


def possible_types() -> dict[str, list[str]]:
    """Returns the concrete types of each interface and union, as caches of clients need them."""
    from graphql import is_abstract_type

    schema = core_of(build())
    return {
        name: [concrete.name for concrete in schema.get_possible_types(each)]
        for name, each in sorted(schema.type_map.items())
        if is_abstract_type(each)
    }


def sdl() -> str:
    """Returns the printed schema, as it is committed in `schema.graphql`."""
    from strawberry.printer import print_schema  # only needed here, and only by a few

    schema = build()
    return f"{_heading(schema)}\n\n{print_schema(schema)}\n"


def _heading(schema: strawberry.Schema) -> str:
    """The definition of the schema itself, which Strawberry leaves out, with its description."""
    core = core_of(schema)
    roots = {
        "query": core.query_type,
        "mutation": core.mutation_type,
        "subscription": core.subscription_type,
    }
    lines = [f"  {operation}: {kind.name}" for operation, kind in roots.items() if kind]
    return "\n".join(['"""', DESCRIPTION, '"""', "schema {", *lines, "}"])
