"""Random documents of a schema, with variables: what clients could send, and what they should not.

From a seed, so that a document that shows a fault can be written again.
"""

import json
import random
from collections.abc import Callable
from typing import Any
from zlib import crc32

from graphql import (
    GraphQLEnumType,
    GraphQLInputObjectType,
    GraphQLList,
    GraphQLNonNull,
    GraphQLSchema,
    is_abstract_type,
    is_leaf_type,
    parse,
    validate,
)

CONDITIONS = ("skip", "include")


class Documents:
    """Writes one document after another from a seed."""

    def __init__(
        self,
        schema: GraphQLSchema,
        seed: int,
        pools: dict[str, list[Any]] | None = None,
        accepts: Callable[[str], bool] | None = None,
    ) -> None:
        """Asks `accepts` whether a document is valid; without it, graphql-core."""
        self.schema = schema
        self.random = random.Random(seed)
        # Values by `Type`, or by `field.argument`: ids that exist, texts that make sense.
        self.pools = pools or {}
        self._accepts = accepts or self._is_valid

    def next(self, kind: str = "query", depth: int = 5) -> tuple[str, dict[str, Any]]:
        """Returns a valid document and variables for it, which may be wrong."""
        while True:
            self.variables: dict[str, tuple[str, Any]] = {}
            self.fragments: dict[str, tuple[str, str]] = {}
            self.budget = self.random.choice((8, 20, 60))
            root = self.schema.query_type if kind == "query" else self.schema.mutation_type
            body = self._selection(root, depth)
            text = self._document(kind, body)
            if self._accepts(text):
                return text, self._values()

    def _is_valid(self, text: str) -> bool:
        return not validate(self.schema, parse(text))

    def _document(self, kind: str, body: str) -> str:
        declared = ", ".join(f"${name}: {type_}" for name, (type_, _) in self.variables.items())
        parts = [f"{kind} Q{f'({declared})' if declared else ''} {body}"]
        parts += [f"fragment {name} on {on} {text}" for name, (on, text) in self.fragments.items()]
        return "\n".join(parts)

    def _values(self) -> dict[str, Any]:
        values = {}
        for name, (_, value) in self.variables.items():
            if self.random.random() > 0.02:
                odd = self.random.choice((None, 17, "odd", [], {}, True, [None]))
                values[name] = odd if self.random.random() < 0.03 else value
        return values

    def _selection(self, kind: Any, depth: int) -> str:
        choose = self.random
        parts: list[str] = []
        fields = [] if not hasattr(kind, "fields") else list(kind.fields.items())
        shallow = [each for each in fields if is_leaf_type(_bare(each[1].type))]
        for _ in range(choose.choice((1, 2, 3, 4, 6))):
            self.budget -= 1
            dice = choose.random()
            pool = fields if depth > 1 and self.budget > 0 else shallow
            if dice < 0.08 or not (pool or is_abstract_type(kind)):
                parts.append(f"{self._alias('__typename')}__typename{self._condition()}")
            elif dice < 0.2 and depth > 1:
                parts.append(self._inline(kind, depth))
            elif dice < 0.32 and depth > 1 and self.budget > 0:
                parts.append(self._spread(kind, depth))
            elif is_abstract_type(kind) and (not pool or dice < 0.7) and depth > 0:
                parts.append(self._inline(kind, depth, narrow=True))
            elif pool:
                name, field = choose.choice(pool)
                parts.append(self._field(name, field, depth))
                if choose.random() < 0.1:
                    parts.append(parts[-1])
        return "{ " + (" ".join(parts) or "__typename") + " }"

    def _field(self, name: str, field: Any, depth: int) -> str:
        arguments = self._arguments(name, field)
        text = f"{self._alias(name, arguments)}{name}{arguments}{self._condition()}"
        if is_leaf_type(_bare(field.type)):
            return text
        return f"{text} {self._selection(_bare(field.type), depth - 1)}"

    def _alias(self, name: str, arguments: str = "") -> str:
        """Mostly one under which nothing else stands, so that most documents are valid."""
        dice = self.random.random()
        if dice < 0.04:
            return f"{self.random.choice(('a', 'b', 'x_1', name))}: "
        if arguments:
            return f"{name}_{crc32(arguments.encode()) % 1000}: "
        return f"{name}_{self.random.choice('12')}: " if dice < 0.2 else ""

    def _inline(self, kind: Any, depth: int, narrow: bool = False) -> str:
        on = self._narrower(kind) if narrow or self.random.random() < 0.7 else None
        condition = f" on {on.name}" if on else ""
        return f"...{condition}{self._condition()} {self._selection(on or kind, depth - (0 if narrow else 1))}"

    def _narrower(self, kind: Any) -> Any:
        kinds = [kind]
        if is_abstract_type(kind):
            kinds += [*self.schema.get_possible_types(kind)] * 2
        elif hasattr(kind, "interfaces"):
            kinds += kind.interfaces
        return self.random.choice(kinds)

    def _spread(self, kind: Any, depth: int) -> str:
        on = self._narrower(kind)
        name = f"F{len(self.fragments)}"
        known = [each for each, (of, _) in self.fragments.items() if of == on.name]
        if known and self.random.random() < 0.5:
            return f"...{self.random.choice(known)}{self._condition()}"
        self.fragments[name] = (on.name, "{ __typename }")
        text = self._selection(on, depth - 1)
        self.fragments[name] = (on.name, text)
        return f"...{name}{self._condition()}"

    def _condition(self) -> str:
        if self.random.random() > 0.07:
            return ""
        value = self.random.choice(("true", "false", self._flag(), self._flag()))
        return f" @{self.random.choice(CONDITIONS)}(if: {value})"

    def _flag(self) -> str:
        name = self.random.choice(("yes", "no"))
        kind = self.random.choice(("Boolean!", "Boolean! = true"))
        self.variables.setdefault(name, (kind, name == "yes"))
        return f"${name}"

    def _arguments(self, field_name: str, field: Any) -> str:
        given = []
        for name, argument in field.args.items():
            needed = isinstance(argument.type, GraphQLNonNull)
            if needed or self.random.random() < 0.3:
                value = self._value(argument.type, f"{field_name}.{name}")
                if self.random.random() < 0.4:
                    variable = f"v{len(self.variables)}"
                    self.variables[variable] = (str(argument.type), value)
                    given.append(f"{name}: ${variable}")
                else:
                    given.append(f"{name}: {_literal(value, argument.type)}")
        return f"({', '.join(given)})" if given else ""

    def _value(self, kind: Any, place: str, depth: int = 3) -> Any:
        choose = self.random
        if isinstance(kind, GraphQLNonNull):
            return self._value(kind.of_type, place, depth)
        if not isinstance(kind, GraphQLNonNull) and choose.random() < 0.07 and "!" not in place:
            return None if choose.random() < 0.5 else self._some(kind, place, depth)
        return self._some(kind, place, depth)

    def _some(self, kind: Any, place: str, depth: int) -> Any:
        choose = self.random
        if isinstance(kind, GraphQLNonNull):
            return self._some(kind.of_type, place, depth)
        if isinstance(kind, GraphQLList):
            return [
                self._some(kind.of_type, place, depth - 1)
                for _ in range(choose.choice((0, 1, 1, 2, 3)))
            ]
        if isinstance(kind, GraphQLInputObjectType):
            return {
                name: self._value(field.type, f"{kind.name}.{name}", depth - 1)
                for name, field in kind.fields.items()
                if isinstance(field.type, GraphQLNonNull) or (depth > 0 and choose.random() < 0.5)
            }
        if isinstance(kind, GraphQLEnumType):
            return choose.choice(list(kind.values))
        pool = self.pools.get(place) or self.pools.get(kind.name)
        if pool:
            return choose.choice(pool)
        return {
            "Int": lambda: choose.choice((0, 1, 2, 5, 30, 101, -1)),
            "Float": lambda: choose.choice((0.5, 2.0, -1.25)),
            "Boolean": lambda: choose.random() < 0.5,
        }.get(kind.name, lambda: choose.choice(("", "text", "ä “x”", "nothing")))()


def _bare(kind: Any) -> Any:
    while hasattr(kind, "of_type"):
        kind = kind.of_type
    return kind


def _literal(value: Any, kind: Any) -> str:
    bare = kind.of_type if isinstance(kind, GraphQLNonNull) else kind
    if value is None:
        return "null"
    if isinstance(bare, GraphQLList):
        return "[" + ", ".join(_literal(each, bare.of_type) for each in value) + "]"
    if isinstance(bare, GraphQLInputObjectType):
        return (
            "{"
            + ", ".join(
                f"{name}: {_literal(each, bare.fields[name].type)}" for name, each in value.items()
            )
            + "}"
        )
    if isinstance(bare, GraphQLEnumType):
        return str(value)
    return json.dumps(value, ensure_ascii=False)
