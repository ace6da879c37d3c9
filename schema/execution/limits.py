"""The one linear pass over a parsed document that refuses what is larger than it may be.

The pass comes before validation, whose rules cost more than a document is long: two of them are
quadratic in what they compare. Points are counted in `schema.execution.cost`.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, NamedTuple, cast

from graphql import (
    DocumentNode,
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    InlineFragmentNode,
    OperationDefinitionNode,
    OperationType,
    SelectionNode,
    SelectionSetNode,
)

from .errors import RequestError, problem
from .options import Limits

META = ("__schema", "__type")
MAX_NAME = 60


class Excess(NamedTuple):
    """How a limit is reported: its stable code, and what to do about it."""

    code: str
    advice: str


EXCESSES = {
    "characters": Excess("DOCUMENT_TOO_LONG", "Send a shorter document"),
    "tokens": Excess("TOO_MANY_TOKENS", "Send a shorter document"),
    "depth": Excess("TOO_DEEP", "Nest fields less"),
    "aliases": Excess("TOO_MANY_ALIASES", "Use fewer aliases"),
    "repeats": Excess("TOO_MANY_REPEATS", "Select each field once"),
    "selections": Excess("TOO_MANY_SELECTIONS", "Select fewer fields, fragments included"),
    "directives": Excess("TOO_MANY_DIRECTIVES", "Use fewer directives"),
    "operations": Excess("TOO_MANY_OPERATIONS", "Send fewer operations in one document"),
    "fragment_spreads": Excess("TOO_MANY_FRAGMENT_SPREADS", "Spread fewer fragments"),
    "root_fields": Excess("TOO_MANY_ROOT_FIELDS", "Split the operation"),
    "root_mutation_fields": Excess("TOO_MANY_MUTATIONS", "Send fewer mutations at once"),
    "values": Excess("TOO_MANY_VALUES", "Send smaller lists in variables"),
    "points": Excess("TOO_EXPENSIVE", "Ask for smaller pages or fewer fields, or send fewer items"),
}


def refuse(name: str, found: int | None, limit: int, hint: str = "") -> RequestError:
    """Returns the refusal of a document that goes over the limit `name`.

    `found` is None where counting ended at the limit.
    """
    excess = EXCESSES[name]
    counted = f"more than {limit}" if found is None else f"{found}"
    what = name.replace("_", " ")
    message = f"{excess.advice}: this document has {counted} {what}, the limit is {limit}.{hint}"
    return RequestError([problem(message, excess.code)])


def ensure_within(document: DocumentNode, limits: Limits) -> None:
    """Raises RequestError for the first limit that the document goes over."""
    written = _Written()
    for definition in document.definitions:
        written.count(definition)
    _ensure(limits, aliases=written.aliases, directives=written.directives)
    operations = list(operations_of(document))
    _ensure(limits, fragment_spreads=written.spreads, operations=len(operations))
    fragments = fragments_of(document)
    sizes = _Sizes(fragments)
    selections = 0
    for operation in operations:
        size = sizes.of(operation.selection_set)
        # Over all operations: whoever spreads one fragment in many of them has it visited as often.
        selections += size.selections
        _ensure(limits, depth=size.depth, selections=selections)
        _ensure_operation(operation, fragments, limits)
    for name in fragments.keys() - sizes.known:
        raise _invalid(f"Fragment `{name[:MAX_NAME]}` is never used.")


def _ensure_operation(
    operation: OperationDefinitionNode,
    fragments: Mapping[str, FragmentDefinitionNode],
    limits: Limits,
) -> None:
    roots = len(list(fields_of([operation.selection_set], fragments)))
    _ensure(limits, root_fields=roots)
    if operation.operation is OperationType.MUTATION:
        _ensure(limits, root_mutation_fields=roots)
    _ensure(limits, repeats=_most_repeated(operation.selection_set, fragments))


def _invalid(message: str) -> RequestError:
    # What validation would say too, after work that grows with the square of the fragment.
    return RequestError([problem(message, "GRAPHQL_VALIDATION_FAILED")])


def ensure_values_within(variables: Mapping[str, Any], limits: Limits) -> None:
    """Raises RequestError when the variables hold more values, or longer texts, than they may.

    Before they are coerced, which looks at every item of a list before anybody asks how long it is.
    """
    found = 0
    waiting: list[Any] = [variables]
    while waiting:
        value = waiting.pop()
        inside = value.values() if isinstance(value, Mapping) else value
        found += len(inside)
        if found > limits.values:
            raise refuse("values", None, limits.values)
        for each in inside:
            if isinstance(each, str) and len(each) > limits.characters:
                raise refuse("characters", len(each), limits.characters)
            if isinstance(each, dict | list):
                waiting.append(each)


def fragments_of(document: DocumentNode) -> dict[str, FragmentDefinitionNode]:
    """The fragments of the document by name."""
    return {
        each.name.value: each
        for each in document.definitions
        if isinstance(each, FragmentDefinitionNode)
    }


def operations_of(document: DocumentNode) -> Iterator[OperationDefinitionNode]:
    """The operations of the document."""
    return (each for each in document.definitions if isinstance(each, OperationDefinitionNode))


def _ensure(limits: Limits, **found: int) -> None:
    for name, count in found.items():
        limit: int = getattr(limits, name)
        if count > limit:
            raise refuse(name, count, limit)


class _Written:
    """Counts what stands in the document, once each, also in fragments that nothing spreads."""

    def __init__(self) -> None:
        self.aliases = self.directives = self.spreads = 0

    def count(self, node: Any) -> None:
        self.directives += len(getattr(node, "directives", None) or ())
        for variable in getattr(node, "variable_definitions", None) or ():
            self.directives += len(variable.directives or ())
        self.aliases += getattr(node, "alias", None) is not None
        self.spreads += isinstance(node, FragmentSpreadNode)
        below = getattr(node, "selection_set", None)
        for selection in below.selections if below else ():
            self.count(selection)


class _Size(NamedTuple):
    depth: int = 0
    selections: int = 0

    def within(self, levels: int, is_meta: bool = False) -> "_Size":
        """The size of a selection around this one; the depth of the schema itself is its own."""
        return _Size(levels if is_meta else self.depth + levels, self.selections + 1)


class _Sizes:
    """Measures selections with their fragments spread out, each fragment once."""

    def __init__(self, fragments: dict[str, FragmentDefinitionNode]) -> None:
        self._fragments = fragments
        self.known: dict[str, _Size] = {}
        self._open: set[str] = set()

    def of(self, selections: SelectionSetNode) -> _Size:
        found = [self._of_one(selection) for selection in selections.selections]
        depth = max((each.depth for each in found), default=0)
        return _Size(depth, sum(each.selections for each in found))

    def _of_one(self, selection: SelectionNode) -> _Size:
        if isinstance(selection, FragmentSpreadNode):
            return self._of_fragment(selection.name.value).within(0)
        if isinstance(selection, InlineFragmentNode):
            return self.of(selection.selection_set).within(0)
        field = cast(FieldNode, selection)
        if field.name.value == "__typename":
            # Some clients add it to every selection; the limit of repeats is enough for it.
            return _Size(1)
        below = self.of(field.selection_set) if field.selection_set else _Size()
        return below.within(1, is_meta=field.name.value in META)

    def _of_fragment(self, name: str) -> _Size:
        if name in self._open:
            raise _invalid(f"Fragment `{name[:MAX_NAME]}` spreads itself.")
        if name not in self.known:
            self._open.add(name)
            fragment = self._fragments.get(name)
            self.known[name] = self.of(fragment.selection_set) if fragment else _Size()
            self._open.discard(name)
        return self.known[name]


def fields_of(
    selection_sets: Iterable[SelectionSetNode], fragments: Mapping[str, FragmentDefinitionNode]
) -> Iterator[FieldNode]:
    """The fields that selection sets ask for on one object, through their fragments."""
    for selections in selection_sets:
        for selection in selections.selections:
            if isinstance(selection, FieldNode):
                yield selection
            elif isinstance(selection, InlineFragmentNode):
                yield from fields_of([selection.selection_set], fragments)
            elif isinstance(selection, FragmentSpreadNode) and selection.name.value in fragments:
                below = fragments[selection.name.value].selection_set
                yield from fields_of([below], fragments)


def _most_repeated(
    selections: SelectionSetNode, fragments: Mapping[str, FragmentDefinitionNode]
) -> int:
    """How often one response key stands for one place of the answer, at most."""
    most, places = 0, [[selections]]
    while places:
        keys: dict[str, list[SelectionSetNode]] = {}
        counts: Counter[str] = Counter()
        for field in fields_of(places.pop(), fragments):
            key = field.alias.value if field.alias else field.name.value
            counts[key] += 1
            if field.selection_set:
                keys.setdefault(key, []).append(field.selection_set)
        most = max(most, *counts.values()) if counts else most
        places += keys.values()
    return most
