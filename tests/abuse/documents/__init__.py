"""GraphQL documents that cost more than they are worth, made by generators with a seed."""

from collections.abc import Iterator

from ..people import People
from . import (
    floods,
    fragments,
    inputs,
    introspection,
    nesting,
    operations,
    overlapping,
    pages,
    text,
    writes,
)
from .document import Document

ROOMS = {
    "introspection": introspection.documents,
    "fragments": fragments.documents,
    "floods": floods.documents,
    "overlapping": overlapping.documents,
    "nesting": nesting.documents,
    "inputs": inputs.documents,
    "text": text.documents,
    "operations": operations.documents,
    "pages": pages.documents,
    "writes": writes.documents,
}


def corpus(people: People) -> Iterator[tuple[str, Document]]:
    """Returns every document with its full name, such as `floods/aliases-1000`."""
    for room, documents in ROOMS.items():
        for document in documents(people):
            yield f"{room}/{document.name}", document
