"""What is declared of an input beside `annotated_types`, and the rule read off a declaration."""

import types
from dataclasses import dataclass, fields, is_dataclass
from functools import cache
from typing import Annotated, Any, Union, get_args, get_origin, get_type_hints

from strawberry import Maybe
from strawberry.types.arguments import StrawberryArgumentAnnotation


@dataclass(frozen=True)
class Trimmed:
    """Text loses the white space around it."""


@dataclass(frozen=True)
class Storable:
    """Text holds nothing that a database or a JSON answer cannot: no NUL, no lone surrogate."""


@dataclass(frozen=True)
class NotNull:
    """May be left out, but not be null."""


@dataclass(frozen=True)
class DistinctBy:
    """No two items of the list have the same value in this field."""

    field: str


@dataclass(frozen=True)
class Rule:
    """What is declared of one value: its constraints, and the rules of what is inside it."""

    constraints: tuple[Any, ...] = ()
    nullable: bool = False
    item: "Rule | None" = None
    inside: "dict[str, Rule] | None" = None


@cache
def rule_of(annotation: Any) -> Rule:
    """Reads the rule off an annotation."""
    constraints: tuple[Any, ...] = ()
    nullable = False
    while True:
        origin = get_origin(annotation)
        if origin is Annotated:
            annotation, *more = get_args(annotation)
            constraints = (*_constraints_in(more), *constraints)
        elif origin is Maybe:
            (annotation,) = get_args(annotation)
        elif origin in (Union, types.UnionType):
            members = [member for member in get_args(annotation) if member is not type(None)]
            nullable = nullable or len(members) < len(get_args(annotation))
            (annotation,) = members
        else:
            break
    nullable = nullable and NotNull() not in constraints
    if origin is list:
        return Rule(constraints, nullable, item=rule_of(get_args(annotation)[0]))
    if is_dataclass(annotation):
        return Rule(constraints, nullable, inside=rules_of(annotation))
    return Rule(constraints, nullable)


def _constraints_in(metadata: list[Any]) -> list[Any]:
    """What is declared of a value, without what is only said about it."""
    return [each for each in metadata if not isinstance(each, StrawberryArgumentAnnotation)]


def rules_of(kind: Any) -> dict[str, Rule]:
    """Reads the rules of every field of an input class."""
    hints = get_type_hints(kind, include_extras=True)
    return {field.name: rule_of(hints[field.name]) for field in fields(kind)}
