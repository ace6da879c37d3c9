"""How a field is read from its object: an attribute, a plain function, or its whole resolver.

Only what Strawberry itself would add nothing to is read past its wrappers: a field with
permissions, extensions, a default resolver of its own, or handlers that a plain function does not
await keeps them.
"""

from collections.abc import Callable, Sequence
from enum import Enum
from inspect import Parameter, iscoroutinefunction
from keyword import iskeyword
from typing import Any, NamedTuple

from graphql import GraphQLField, GraphQLSchema, default_field_resolver
from strawberry.types.field import StrawberryField
from strawberry.types.fields.resolver import StrawberryResolver
from strawberry.utils.await_maybe import await_maybe

from ...internals import Handlers, definition_of, handlers_of

POSITIONAL = (Parameter.POSITIONAL_ONLY, Parameter.POSITIONAL_OR_KEYWORD)


class How(Enum):
    """What is done to read a field."""

    ATTRIBUTE = "attribute"
    FUNCTION = "function"
    RESOLVER = "resolver"


class Given(NamedTuple):
    """What a function is given: the object (`row`), the info, or a function that makes the info.

    By a name, or in place where the name is empty.
    """

    what: str
    name: str = ""


class Reading(NamedTuple):
    """How one field is read; `name` is an attribute, `call` is what is called."""

    how: How
    name: str = ""
    call: Callable[..., Any] | None = None
    takes: Sequence[Given] = ()
    definition: StrawberryField | None = None

    @property
    def is_async(self) -> bool:
        """Whether its value is sure to be awaited."""
        return self.how is How.FUNCTION and iscoroutinefunction(self.call)


def reading_of(schema: GraphQLSchema, field: GraphQLField) -> Reading:
    """Returns how a field is read."""
    definition: StrawberryField | None = definition_of(field)
    if definition is None or definition.extensions:
        return _whole(field, definition)
    if definition.is_subscription:
        # The event comes with the call that delivers it, so that all below it find the call.
        return Reading(How.ATTRIBUTE, "delivered", definition=definition)
    handlers = handlers_of(schema, definition)
    if definition.base_resolver is None:
        return _attribute(field, definition, handlers)
    return _function(field, definition, definition.base_resolver, handlers)


def _attribute(field: GraphQLField, definition: StrawberryField, handlers: Handlers) -> Reading:
    name = definition.python_name
    is_plain = definition.default_resolver is getattr and not field.args and not handlers
    # A name in a class would be mangled in a class only; a keyword is no name anywhere.
    if not is_plain or not name.isidentifier() or iskeyword(name):
        return _whole(field, definition)
    return Reading(How.ATTRIBUTE, name, definition=definition)


def _function(
    field: GraphQLField,
    definition: StrawberryField,
    resolver: StrawberryResolver[Any],
    handlers: Handlers,
) -> Reading:
    call: Any = resolver.wrapped_func
    takes = _taken(resolver)
    if handlers:
        if not iscoroutinefunction(call):
            return _whole(field, definition)
        call, takes = _handling(call, handlers, definition), [Given("later_info"), *takes]
    return Reading(How.FUNCTION, "", call, takes, definition)


def _whole(field: GraphQLField, definition: StrawberryField | None) -> Reading:
    call = field.resolve or default_field_resolver
    return Reading(How.RESOLVER, "", call, (Given("row"), Given("info")), definition)


def _handling(
    call: Callable[..., Any], handlers: Handlers, definition: StrawberryField
) -> Callable[..., Any]:
    """Returns `call`, whose exceptions Strawberry's handlers for the field render as data."""

    async def handling(later_info: Callable[[], Any], /, *arguments: Any, **named: Any) -> Any:
        try:
            return await call(*arguments, **named)
        except Exception as error:
            handler = next((each for kinds, each in handlers if isinstance(error, kinds)), None)
            if handler is None:
                raise
            rendered = handler.handle(error, field=definition, info=later_info())
            rendered = await await_maybe(rendered)
            if rendered is None:
                raise
            return rendered

    return handling


def _taken(resolver: StrawberryResolver[Any]) -> list[Given]:
    """How Strawberry hands the object and the info to a function, in place where it can be."""
    found, in_place = [], True
    for parameter in resolver.signature.parameters.values():
        what = _what(parameter, resolver)
        in_place = in_place and bool(what) and parameter.kind in POSITIONAL
        if what:
            found.append(Given(what, "" if in_place else parameter.name))
    return found


def _what(parameter: Parameter, resolver: StrawberryResolver[Any]) -> str:
    if parameter == resolver.info_parameter:
        return "info"
    sources = (resolver.self_parameter, resolver.parent_parameter, resolver.root_parameter)
    return "row" if parameter in sources else ""
