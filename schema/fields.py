"""Directives that annotate the SDL, and the helper that makes a resolver a GraphQL field."""

import inspect
from collections.abc import Callable, Mapping
from enum import Enum
from functools import wraps
from typing import Any

import strawberry
from strawberry import UNSET, Info
from strawberry.schema_directive import Location

from .lookahead import wants_items, wants_participant_items, wants_participants


@strawberry.enum(description="Verb of a REST operation.")
class HttpMethod(Enum):
    """The verbs of the documented operations."""

    DELETE = strawberry.enum_value("DELETE", description="Removes.")
    GET = strawberry.enum_value("GET", description="Reads.")
    PATCH = strawberry.enum_value("PATCH", description="Changes some fields.")
    POST = strawberry.enum_value("POST", description="Creates or acts.")


@strawberry.schema_directive(
    locations=[Location.FIELD_DEFINITION],
    name="rest",
    description="The documented REST operation that runs the same function.",
)
class Rest:
    """The documented REST operation of a field."""

    method: HttpMethod
    path: str
    operation_id: str


@strawberry.schema_directive(
    locations=[Location.FIELD_DEFINITION],
    name="cost",
    description="What the field weighs in the query budget, beside one point for each object."
    " See docs/graphql.md."
    "",
)
class Cost:
    """What a field weighs in the query budget."""

    weight: int


@strawberry.schema_directive(
    locations=[Location.FIELD_DEFINITION],
    name="listSize",
    description="How many objects a list may hold: as many as one of the slicing arguments says "
    "(a number, or the length of a list), or the assumed size when none is given. It holds for "
    "the sized fields below, or for the field itself.",
)
class ListSize:
    """How long a list of objects may be, after the GraphQL Cost Directives specification."""

    assumed_size: int
    slicing_arguments: list[str] | None = UNSET
    sized_fields: list[str] | None = UNSET


# A Relay connection: `first` or `last` items, 20 when neither is given.
PAGE = ListSize(
    assumed_size=20, slicing_arguments=["first", "last"], sized_fields=["edges", "nodes"]
)

LOOKS_AHEAD: Mapping[str, Callable[[Any], bool]] = {
    "as_items": wants_items,
    "with_participants": wants_participants,
    "with_participant_items": wants_participant_items,
}


def rest(method: str, path: str, operation_id: str) -> Rest:
    """Names the documented operation that runs the same resolver."""
    return Rest(method=HttpMethod(method), path=path, operation_id=operation_id)


# Forwards only, as a log is read.
FORWARDS = ListSize(assumed_size=20, slicing_arguments=["first"], sized_fields=["edges", "nodes"])


def subscription(resolver: Callable[..., Any], *directives: object) -> Any:
    """Makes an operation that follows a field of the subscription."""
    return operation(resolver, *directives, make=strawberry.subscription)


def operation(
    resolver: Callable[..., Any], *directives: object, make: Callable[..., Any] = strawberry.field
) -> Any:
    """Makes an operation a GraphQL field; its docstring is the description.

    Keyword-only arguments are for REST and stay out of the SDL; those of `LOOKS_AHEAD` are
    answered by looking ahead in the query.
    """
    signature = inspect.signature(resolver)
    shown = [
        # Strawberry prints a default of None as `= null`; UNSET prints none and means the same.
        parameter.replace(default=UNSET) if parameter.default is None else parameter
        for parameter in signature.parameters.values()
        if parameter.kind is not inspect.Parameter.KEYWORD_ONLY
    ]
    looks_ahead = {name: LOOKS_AHEAD[name] for name in signature.parameters if name in LOOKS_AHEAD}
    if looks_ahead:
        shown.append(
            inspect.Parameter("info", inspect.Parameter.KEYWORD_ONLY, annotation=Info[Any, Any])
        )

    @wraps(resolver)
    async def field(call: Any, info: Any = None, **arguments: Any) -> Any:
        for name, look in looks_ahead.items():
            arguments[name] = look(info)
        return await resolver(call, **arguments)

    field.__signature__ = signature.replace(parameters=shown)  # type: ignore[attr-defined]
    field.__annotations__ = {p.name: p.annotation for p in shown}
    del field.__wrapped__
    field.operation = resolver  # type: ignore[attr-defined]
    description = " ".join(inspect.getdoc(resolver).split("\n\n")[0].split())  # type: ignore[union-attr]
    return make(resolver=field, description=description, directives=directives)
