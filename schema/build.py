"""The Strawberry schema, put together."""

from functools import cache

import strawberry
from strawberry.schema.config import StrawberryConfig

from .mutation import Mutation
from .query import Query
from .scalars import SCALARS
from .types.info import CallInfo
from .types.problems import HANDLERS


@cache
def build() -> strawberry.Schema:
    """Returns the schema, built at the first call."""
    return strawberry.Schema(
        query=Query,
        mutation=Mutation,
        exception_handlers=HANDLERS,
        config=StrawberryConfig(scalar_map={**SCALARS}, info_class=CallInfo),
    )


def sdl() -> str:
    """Returns the printed schema, as it is committed in `schema.graphql`."""
    from strawberry.printer import print_schema  # only needed here, and only by a few

    return print_schema(build()) + "\n"
