"""How the GraphQL face behaves: what a document may be, and who may ask about the schema.

Plain values, so that the settings can be read without importing GraphQL.
"""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Annotated, NamedTuple

OPEN, TOKEN, OFF = "open", "token", "off"


class Limits(NamedTuple):
    """What a document may hold, and what its operation may cost, in points.

    Counted over the whole document, fragments included where they are spread; `characters` and
    `tokens` as they are sent. `values` are those in the variables, of which no text may be longer
    than a document. The annotations stand in the README's table of settings.
    """

    characters: Annotated[int, "characters of a GraphQL document"] = 15_000
    tokens: Annotated[int, "its tokens"] = 1_000
    depth: Annotated[int, "levels of fields"] = 12
    aliases: Annotated[int, "aliases"] = 30
    repeats: Annotated[int, "how often one field may be selected at one place"] = 20
    selections: Annotated[
        int, "fields, fragment spreads and inline fragments, counted where they are spread"
    ] = 250
    directives: Annotated[int, "directives"] = 20
    operations: Annotated[int, "operations"] = 20
    fragment_spreads: Annotated[int, "fragment spreads"] = 50
    root_fields: Annotated[int, "fields of an operation at its root"] = 20
    root_mutation_fields: Annotated[int, "the same for mutations"] = 5
    points: Annotated[int, "what an operation may cost, see [GraphQL](docs/graphql.md#limits)"] = (
        1_000
    )
    public_points: Annotated[int, "the same without a token, beyond the standard introspection"] = (
        100
    )
    values: Annotated[int, "values in the variables of a request"] = 5_000


class GraphQLOptions(NamedTuple):
    """What the operator decides about the GraphQL face.

    `introspection` is `open`, `token` (only for callers who have one) or `off`; `suggests` says
    whether errors name what a misspelt field may have meant, `over_get`
    whether queries may be sent with GET.
    """

    limits: Limits = Limits()
    introspection: str = OPEN
    suggests: bool = True
    over_get: bool = True
    document_bytes: int = 16 * 1024 * 1024


class Trusted(NamedTuple):
    """The documents of the operator's manifests by identifier; `only` refuses all others."""

    texts: Mapping[str, str] = MappingProxyType({})
    only: bool = False
