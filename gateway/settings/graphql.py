"""Settings of the GraphQL face: `CONNECT_GRAPHQL_…`, gathered into `GraphQLOptions`."""

from collections.abc import Mapping
from typing import Any, get_type_hints

from schema.execution.options import OFF, OPEN, TOKEN, GraphQLOptions, Limits

from . import values
from .setting import Group, Setting

PREFIX = "CONNECT_GRAPHQL_"
MIB = 1024 * 1024

OTHERS = {
    f"{PREFIX}INTROSPECTION": Setting(
        OPEN,
        values.one_of(OPEN, TOKEN, OFF),
        "who may use introspection: everybody (`open`), callers with a `token`, nobody (`off`)",
    ),
    f"{PREFIX}SUGGESTIONS": Setting(
        "on",
        values.one_of("on", "off"),
        "whether errors suggest what a misspelt field may have meant; `off` for production",
    ),
    f"{PREFIX}GET": Setting(
        "on", values.one_of("on", "off"), "whether queries may be sent with GET"
    ),
    f"{PREFIX}DOCUMENTS_MIB": Setting(
        "16", values.whole_number(1, 1024), "memory for parsed documents, in MiB"
    ),
}
# Each limit carries its description where it is declared.
LIMITS = {
    f"{PREFIX}MAX_{name.upper()}": Setting(
        f"{Limits._field_defaults[name]}", values.whole_number(1, 1_000_000), hint.__metadata__[0]
    )
    for name, hint in get_type_hints(Limits, include_extras=True).items()
}


def gather(given: Mapping[str, Any]) -> GraphQLOptions:
    """Returns the options from the values of those variables that are set."""
    found = {name: each.value() for name, each in GRAPHQL.settings.items()} | dict(given)
    limits = {name.removeprefix(f"{PREFIX}MAX_").lower(): found[name] for name in LIMITS}
    return GraphQLOptions(
        Limits(**limits),
        introspection=found[f"{PREFIX}INTROSPECTION"],
        suggests=found[f"{PREFIX}SUGGESTIONS"] == "on",
        over_get=found[f"{PREFIX}GET"] == "on",
        document_bytes=found[f"{PREFIX}DOCUMENTS_MIB"] * MIB,
    )


GRAPHQL = Group({**OTHERS, **LIMITS}, gather)
