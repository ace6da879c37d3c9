"""Settings of the GraphQL face: `CONNECT_GRAPHQL_…`, gathered into `GraphQLOptions`."""

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

from schema.execution.options import OFF, OPEN, TOKEN, GraphQLOptions, Limits

from . import values

PREFIX = "CONNECT_GRAPHQL_"
MIB = 1024 * 1024


class Option(NamedTuple):
    """One variable: its default as text, and its reader."""

    default: str
    read: Callable[[str], Any]


LIMITS = {
    f"{PREFIX}MAX_{name.upper()}": Option(f"{default}", values.whole_number(1, 1_000_000))
    for name, default in Limits()._asdict().items()
}
OTHERS = {
    f"{PREFIX}INTROSPECTION": Option(OPEN, values.one_of(OPEN, TOKEN, OFF)),
    f"{PREFIX}SUGGESTIONS": Option("on", values.one_of("on", "off")),
    f"{PREFIX}GET": Option("on", values.one_of("on", "off")),
    f"{PREFIX}DOCUMENTS_MIB": Option("16", values.whole_number(1, 1024)),
}
OPTIONS = {**OTHERS, **LIMITS}


def gathered(given: Mapping[str, Any]) -> GraphQLOptions:
    """Returns the options from the values of those variables that are set."""
    found = {name: each.read(each.default) for name, each in OPTIONS.items()} | dict(given)
    limits = {name.removeprefix(f"{PREFIX}MAX_").lower(): found[name] for name in LIMITS}
    return GraphQLOptions(
        Limits(**limits),
        introspection=found[f"{PREFIX}INTROSPECTION"],
        suggests=found[f"{PREFIX}SUGGESTIONS"] == "on",
        over_get=found[f"{PREFIX}GET"] == "on",
        document_bytes=found[f"{PREFIX}DOCUMENTS_MIB"] * MIB,
    )
