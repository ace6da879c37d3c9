"""How the GraphQL face behaves: what a document may be, and who may ask about the schema.

Plain values, so that the settings can be read without importing GraphQL.
"""

from typing import NamedTuple

OPEN, TOKEN, OFF = "open", "token", "off"


class Limits(NamedTuple):
    """What a document may hold, and what its operation may cost, in points.

    Counted over the whole document, fragments included where they are spread; `characters` and
    `tokens` as they are sent. `values` are those in the variables, of which no text may be longer
    than a document.
    """

    characters: int = 15_000
    tokens: int = 1_000
    depth: int = 12
    aliases: int = 30
    repeats: int = 20
    selections: int = 250
    directives: int = 20
    operations: int = 20
    fragment_spreads: int = 50
    root_fields: int = 20
    root_mutation_fields: int = 5
    points: int = 1_000
    public_points: int = 100
    values: int = 5_000


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
