"""Depth: selections, lists, objects, types, in the document and in variables."""

from collections.abc import Iterator
from typing import Any

from ..people import People
from .document import Document, nested

LIST = "query($v:AppointmentFilter){appointments(filter:$v){nodes{id}}}"


def documents(people: People) -> Iterator[Document]:
    yield from selections()
    yield from values()
    yield from variables()


def selections() -> Iterator[Document]:
    """Selection sets in each other."""
    for depth in (4, 13, 100, 1_000, 20_000):
        path = nested("participants{nodes{appointment{", depth, "id", "}}}")
        yield Document(f"path-{depth}", f'{{appointment(id:"x"){{{path}}}}}')
    yield Document("inline-1000", "{" + nested("...{", 1_000, "__typename") + "}")
    yield Document("unknown-5000", nested("{a", 5_000, "", "}"))


def values() -> Iterator[Document]:
    """Lists and objects in arguments."""
    for depth in (10, 50, 500, 5_000, 100_000):
        lists = "[" * depth + "]" * depth
        yield Document(f"list-{depth}", f"{{nodes(ids:{lists}){{id}}}}")
        objects = nested("{a:", depth, "1")
        yield Document(f"object-{depth}", f"{{appointments(filter:{objects}){{nodes{{id}}}}}}")
    types = "[" * 2_000 + "Int" + "]" * 2_000
    yield Document("type-2000", f"query($a:{types}){{__typename}}", {"a": 1})
    default = "[" * 2_000 + "]" * 2_000
    yield Document("default-2000", f"query($a:[Int]={default}){{__typename}}")


def variables() -> Iterator[Document]:
    """Lists and objects in variables."""
    for depth in (10, 30, 33, 300):
        yield Document(f"variable-objects-{depth}", LIST, {"v": wrapped("a", depth)})
        ids = {"v": wrapped("", depth)}
        yield Document(f"variable-lists-{depth}", "query($v:[ID!]!){nodes(ids:$v){id}}", ids)


def wrapped(key: str, depth: int) -> Any:
    """Returns 1 in `depth` objects, or in lists when there is no key."""
    value: Any = 1
    for _ in range(depth):
        value = {key: value} if key else [value]
    return value
