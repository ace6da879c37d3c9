"""How values that callers send become what resolvers take, prepared once for each type.

The first half does what graphql-core does with variables (coerce), the second what Strawberry does
with arguments (convert). Both raise where those two would complain.
"""

from collections.abc import Callable
from dataclasses import MISSING
from typing import Any

from graphql import (
    GraphQLInputObjectType,
    GraphQLInputType,
    GraphQLList,
    GraphQLNonNull,
    GraphQLSchema,
    Undefined,
    is_leaf_type,
)
from strawberry.relay import GlobalID
from strawberry.types.arguments import convert_argument
from strawberry.types.base import (
    StrawberryList,
    StrawberryMaybe,
    StrawberryOptional,
    get_object_definition,
)
from strawberry.types.lazy_type import LazyType
from strawberry.types.maybe import Some

from ...internals import coerce_default_value, coerce_input_value, strawberry_of
from .surprise import none, odd

Change = Callable[[Any], Any]
Known = dict[Any, Change]
SINGLE = (str, int, float, bool, dict)


def coercion_of(kind: GraphQLInputType, known: Known) -> Change:
    """Returns what coerces a value of JSON to an input type."""
    if isinstance(kind, GraphQLNonNull):
        bare = _bare_coercion_of(kind.of_type, known)
        return lambda value: none() if value is None else bare(value)
    bare = _bare_coercion_of(kind, known)
    return lambda value: None if value is None else bare(value)


def _bare_coercion_of(kind: Any, known: Known) -> Change:
    if is_leaf_type(kind):
        return _leaf_coercion_of(kind)
    if isinstance(kind, GraphQLList):
        return _list_coercion_of(coercion_of(kind.of_type, known))
    if kind not in known:
        # An input may hold inputs of its own kind.
        known[kind] = lambda value: known[kind](value)  # noqa: PLW0108  (read when it is called)
        known[kind] = _object_coercion_of(kind, known)
    return known[kind]


def _leaf_coercion_of(kind: Any) -> Change:
    coerce = kind.coerce_input_value

    def coerced(value: Any) -> Any:
        found = coerce(value)
        return odd(value) if found is Undefined else found

    return coerced


def _list_coercion_of(change: Change) -> Change:
    def coerced(value: Any) -> Any:
        if value.__class__ is list:
            return [change(each) for each in value]
        # A single value is a list of one.
        return [change(value)] if value.__class__ in SINGLE else odd(value)

    return coerced


def _object_coercion_of(kind: GraphQLInputObjectType, known: Known) -> Change:
    if kind.is_one_of:
        return lambda value: _defined(coerce_input_value(value, kind))
    fields = [
        (name, field.out_name or name, coercion_of(field.type, known), field)
        for name, field in kind.fields.items()
    ]

    def coerced(value: Any) -> Any:
        if value.__class__ is not dict:
            odd(value)
        found, taken = {}, 0
        for name, out_name, coerce, field in fields:
            given = value.get(name, Undefined)
            if given is not Undefined:
                found[out_name] = coerce(given)
                taken += 1
                continue
            default = coerce_default_value(field)
            if default is not Undefined:
                found[out_name] = default
            elif isinstance(field.type, GraphQLNonNull):
                none()
        if taken < len(value):
            odd(value)
        return kind.out_type(found)

    return coerced


def _defined(value: Any) -> Any:
    return odd(value) if value is Undefined else value


class Conversions:
    """What Strawberry makes of coerced values: dataclasses, `Some`, lists of the caller's own."""

    def __init__(self, schema: GraphQLSchema) -> None:
        found = strawberry_of(schema)
        self.config = found.config
        self._scalars = found.schema_converter.scalar_registry
        self._known: Known = {}

    def of(self, kind: Any) -> Change:
        """Returns what converts a value of an argument's type."""
        if isinstance(kind, StrawberryMaybe):
            inner = self.of(kind.of_type)
            if isinstance(kind.of_type, StrawberryOptional):
                return lambda value: Some(inner(value))
            return lambda value: none() if value is None else Some(inner(value))
        if isinstance(kind, StrawberryOptional):
            return self.of(kind.of_type)
        inner = self._bare(kind)
        if inner is _same:
            return _same
        return lambda value: None if value is None else inner(value)

    def _bare(self, kind: Any) -> Change:
        if isinstance(kind, LazyType):
            return self._bare(kind.resolve_type())
        if isinstance(kind, StrawberryList):
            return _list_conversion_of(self.of(kind.of_type))
        if kind is GlobalID:
            return self._by_strawberry(kind)
        if get_object_definition(kind) is None:
            # Strawberry takes scalars and enumerations as they are.
            return _same
        if kind not in self._known:
            self._known[kind] = lambda value: self._known[kind](value)  # noqa: PLW0108
            self._known[kind] = self._object(kind)
        return self._known[kind]

    def _by_strawberry(self, kind: Any) -> Change:
        return lambda value: convert_argument(value, kind, self._scalars, self.config)

    def _object(self, kind: Any) -> Change:
        definition = get_object_definition(kind, strict=True)
        if definition.from_input is not None:
            # Such a type may ask for the info, which is not known here.
            return odd
        fields = [
            (
                self.config.name_converter.from_field(field),
                field.python_name,
                self.of(field.resolve_type(type_definition=definition)),
            )
            for field in definition.fields
        ]
        absent = {
            field.python_name: None
            for field in definition.fields
            if field.default_value is MISSING and field.default_factory is MISSING
        }

        def converted(value: Any) -> Any:
            found: dict[str, Any] = absent.copy()
            for name, python_name, convert in fields:
                if name in value:
                    found[python_name] = convert(value[name])
            return kind(**found)

        return converted


def _list_conversion_of(change: Change) -> Change:
    if change is _same:
        return list
    return lambda values: [change(each) for each in values]


def _same(value: Any) -> Any:
    return value
