"""One document of the corpus, and the small pieces that documents are made of."""

from collections.abc import Iterable
from typing import Any, NamedTuple


class Document(NamedTuple):
    """A GraphQL request; `variables` need not be of the type that GraphQL asks for."""

    name: str
    query: str
    variables: Any = None
    operation: str | None = None


def braced(parts: Iterable[str]) -> str:
    return "{" + " ".join(parts) + "}"


def nested(opening: str, depth: int, inside: str, closing: str = "}") -> str:
    return opening * depth + inside + closing * depth
