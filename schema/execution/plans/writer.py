"""Writes the code of a plan: a function for every object that the operation selects from.

What it writes only has to be right when all goes well: whatever is out of the ordinary raises, and
graphql-core then completes the operation. Fields are collected by graphql-core's own functions, so
that fragments and merged selections mean the same.
"""

from collections.abc import Mapping
from typing import Any

from graphql import (
    GraphQLField,
    GraphQLList,
    GraphQLNonNull,
    GraphQLObjectType,
    GraphQLOutputType,
    default_type_resolver,
    is_abstract_type,
    is_leaf_type,
)

from ...internals import Path
from ...types.recognition import RowsOf
from . import leaves
from .classes import Calm
from .fields import How
from .parts import Group, PlannedOperation, Root, Slot, classes_of
from .source import Source
from .surprise import Surprise, Unplanned, odd

# Fields in all, each counted for every type of object that it is written for.
MOST_SLOTS = 1_000


class Writer:
    """Writes the functions of one operation, then makes them."""

    def __init__(self, operation: PlannedOperation) -> None:
        self._about = operation
        self.slots: list[Slot] = []
        self.source = Source(leaves.NAMES)
        names = {"Surprise": Surprise, "calm": Calm(), "list": list, "tuple": tuple, "odd": odd}
        self.source.names.update(names)
        self._written: dict[Any, str] = {}

    def roots(self, kind: GraphQLObjectType, fields: Mapping[str, Group]) -> list[Root]:
        """Writes everything, and returns the fields of the operation."""
        written = [self._root(kind, key, group) for key, group in fields.items()]
        made = self.source.compile()
        return [
            Root(key, made[read], made[complete], made.get(item))
            for key, read, complete, item in written
        ]

    def _root(self, kind: GraphQLObjectType, key: str, group: Group) -> tuple[str, str, str, str]:
        name = group[0].node.name.value
        field = self._about.field_of(kind, name)
        if field is None:
            raise Unplanned("field")
        read = self.source.name("r")
        if name == "__typename":
            self.source.write(f"def {read}(row, run): return {self.source.keep(kind.name)}")
            complete = self.source.name("c")
            self.source.write(f"def {complete}(v, run): return v")
            return key, read, complete, ""
        place = self._slot(field, group, kind, Path(None, key, kind.name))
        self.source.write(f"def {read}(row, run): return {self._value(place)}")
        return (key, read, *self._completers(field.type, group, place))

    def _slot(
        self, field: GraphQLField, group: Group, parent: GraphQLObjectType, path: Path | None = None
    ) -> int:
        if len(self.slots) >= MOST_SLOTS:
            raise Unplanned("size")
        nodes = [each.node for each in group]
        self.slots.append(Slot(field, nodes, parent, path, self._about.reading(field)))
        return len(self.slots) - 1

    def _object(self, kind: GraphQLObjectType, group: Group, place: int) -> str:
        known = self._known(kind, group, place)
        if known in self._written:
            return self._written[known]
        name = self._written[known] = self.source.name("o")
        answer: list[str] = []
        after: list[str] = []
        for key, below in self._about.collected(kind, group).items():
            kept = self.source.keep(key)
            written = self._field(kind, kept, below, after)
            if written:
                answer.append(f"{kept}: {written}")
        lines = [f"    out = {{{', '.join(answer)}}}", *after, "    return out"]
        if not after:
            lines = [f"    return {{{', '.join(answer)}}}"]
        check = f"    if {self._unrecognised(kind, place)}: odd(row)"
        self.source.write(f"def {name}(row, run):", check, *lines)
        return name

    def _known(self, kind: Any, group: Group, place: int) -> Any:
        return kind.name, self.slots[place].parent.name, *(id(each.node) for each in group)

    def _unrecognised(self, kind: GraphQLObjectType, place: int) -> str:
        """Whether a row is not one of the type, or nothing that fields can be read from."""
        asked = kind.is_type_of
        if asked is None:
            return "not calm[row.__class__]"
        whole = f"{self.source.keep(asked)}(row, {self._raw_info(place)}) is not True"
        if not isinstance(asked, RowsOf):
            return f"not calm[row.__class__] or {whole}"
        known = " and ".join(
            f"row.__class__ is not {self.source.keep(each)}" for each in asked.classes
        )
        return f"{known} and (not calm[row.__class__] or {whole})"

    def _field(self, kind: GraphQLObjectType, key: str, group: Group, after: list[str]) -> str:
        """The expression of a field within its object; what has to come later goes to `after`."""
        name = group[0].node.name.value
        field = self._about.field_of(kind, name)
        if field is None:
            return ""
        if name == "__typename":
            return self.source.keep(kind.name)
        place = self._slot(field, group, kind)
        reading = self.slots[place].reading
        if reading.how is How.ATTRIBUTE:
            return self._completed(field.type, self._value(place), group, place)
        complete, item = self._completers(field.type, group, place)
        later = f"run.later(out, {key}, v, {complete}, {item or None})"
        after.append(f"    v = {self._value(place)}")
        if reading.is_async:
            after.append(f"    {later}")
        else:
            now = self._completed(field.type, "v", group, place)
            after.append(f"    if calm[v.__class__]: out[{key}] = {now}")
            after.append(f"    else: {later}")
        return "None"

    def _value(self, place: int) -> str:
        """The expression that reads the field at `place`."""
        slot = self.slots[place]
        reading = slot.reading
        if reading.how is How.ATTRIBUTE:
            return f"row.{reading.name}"
        texts = {"row": "row", "info": _info(place), "later_info": f"lambda: {_info(place)}"}
        given = [
            f"{each.name}={texts[each.what]}" if each.name else texts[each.what]
            for each in reading.takes
        ]
        if slot.field.args:
            constants = self._about.constants(slot)
            if constants is None:
                given.append(f"**run.arguments({place})")
            elif constants:
                given.append(f"**{self.source.keep(constants)}")
        return f"{self.source.keep(reading.call)}({', '.join(given)})"

    def _completers(self, kind: GraphQLOutputType, group: Group, place: int) -> tuple[str, str]:
        """Functions that complete a value, and, where it is a list of objects, one item of it."""
        complete = self.source.name("c")
        self.source.write(
            f"def {complete}(v, run): return {self._completed(kind, 'v', group, place)}"
        )
        bare = _nullable(kind)
        if not isinstance(bare, GraphQLList) or is_leaf_type(_nullable(bare.of_type)):
            return complete, ""
        item = self.source.name("i")
        self.source.write(
            f"def {item}(v, run): return {self._completed(bare.of_type, 'v', group, place)}"
        )
        return complete, item

    def _completed(self, kind: GraphQLOutputType, value: str, group: Group, place: int) -> str:
        """An expression that completes `value`, which it evaluates once."""
        required, bare = isinstance(kind, GraphQLNonNull), _nullable(kind)
        v = value if value.isidentifier() else self.source.name("v")
        given = v if v == value else f"({v} := {value})"
        if is_leaf_type(bare):
            return leaves.expression(bare, required, given, v, self.source)
        if isinstance(bare, GraphQLList):
            item = self.source.name("n")
            inner = self._completed(bare.of_type, item, group, place)
            items = f"{v} if {v}.__class__ is list or {v}.__class__ is tuple else odd({v})"
            done = f"[{inner} for {item} in ({items})]"
        else:
            write = self._abstract if is_abstract_type(bare) else self._object
            done = f"{write(bare, group, place)}({v}, run)"
        return f"({done} if {given} is not None else {'none()' if required else 'None'})"

    def _abstract(self, kind: Any, group: Group, place: int) -> str:
        known = self._known(kind, group, place)
        if known in self._written:
            return self._written[known]
        name = self._written[known] = self.source.name("a")
        possible = {each: self._object(each, group, place) for each in self._about.possible(kind)}
        by_name, by_class = self.source.name("t"), self.source.name("t")
        named = [f"{self.source.keep(each.name)}: {made}" for each, made in possible.items()]
        classed = [
            f"{self.source.keep(row)}: {possible[each]}"
            for row, each in classes_of(kind, list(possible)).items()
        ]
        resolve = self.source.keep(kind.resolve_type or default_type_resolver)
        asked = f"{resolve}(row, {self._raw_info(place)}, {self.source.keep(kind)})"
        self.source.write(
            f"{by_name} = {{{', '.join(named)}}}",
            f"{by_class} = {{{', '.join(classed)}}}",
            f"def {name}(row, run):",
            f"    made = {by_class}.get(row.__class__)",
            "    if made is None:",
            "        if not calm[row.__class__]: odd(row)",
            f"        made = {by_name}[{asked}]",
            "    return made(row, run)",
        )
        return name

    def _raw_info(self, place: int) -> str:
        return f"(run.raw_infos[{place}] or run.raw_info({place}))"


def _nullable(kind: GraphQLOutputType) -> Any:
    return kind.of_type if isinstance(kind, GraphQLNonNull) else kind


def _info(place: int) -> str:
    return f"(run.infos[{place}] or run.info({place}))"
