"""Documents: bounded, parsed, validated, priced, and kept by what they weigh with their plans.

The order is that of the expense: characters, tokens, shape, validation, price. A document that is
not valid is never kept, nor is one of a caller without a token.
"""

from collections import OrderedDict
from collections.abc import Callable
from functools import partial
from sys import getsizeof
from typing import NamedTuple

from graphql import (
    DocumentNode,
    FragmentDefinitionNode,
    GraphQLError,
    GraphQLSchema,
    OperationDefinitionNode,
    OperationType,
    parse,
    validate,
)
from graphql.validation import specified_rules

from .cost import Costs
from .errors import MAX_ERRORS, RequestError, problem, refusal
from .introspection import Introspection
from .limits import META, ensure_within, fields_of, fragments_of, operations_of, refuse
from .options import Limits
from .plans import Plans
from .terms import Term

# What the nodes of a document take, with the tokens they keep: measured, see the tests.
BYTES_A_TOKEN = 650
# What a document takes besides once it can be asked for by its hash.
BYTES_A_HASH = 300
ASKS_ABOUT_SCHEMA = frozenset({*META, "__typename"})
# In place of the name of the root field, where there is more than one.
SEVERAL = "several"
TOO_MANY_TOKENS = "Document contains more than"


class Operation(NamedTuple):
    """A valid operation of a valid document.

    `is_standard` says that it asks for a part of the standard introspection and nothing else,
    `kind` whether it is a `query` or a `mutation`.
    """

    document: DocumentNode
    node: OperationDefinitionNode
    points: Term
    asks_about_schema: bool
    is_standard: bool
    plans: Plans
    kind: str
    field: str
    name: str | None

    @property
    def is_query(self) -> bool:
        """Whether it only reads."""
        return self.kind == "query"


class Document(NamedTuple):
    """A valid document: its operations, and about how many bytes it takes with its plans.

    `hash` is the SHA-256 by which it can be asked for, where somebody registered it.
    """

    text: str
    operations: tuple[Operation, ...]
    size: int
    hash: str | None = None

    def operation(self, name: str | None) -> Operation:
        """Returns the operation to run; raises RequestError when the name does not say which."""
        if name is None and len(self.operations) == 1:
            return self.operations[0]
        found = [each for each in self.operations if name is None or each.name == name]
        if len(found) != 1:
            raise RequestError([problem(_which(name), "BAD_USER_INPUT")])
        return found[0]


class Documents:
    """The documents seen lately, `max_bytes` of them at most, the least recently used go first."""

    def __init__(
        self, schema: GraphQLSchema, limits: Limits, max_bytes: int, *, suggests: bool
    ) -> None:
        self._schema = schema
        self._limits = limits
        self._max_bytes = max_bytes
        self._hide_suggestions = not suggests
        self.introspection = Introspection(schema)
        self._costs = Costs(schema, self.introspection)
        self._kept: OrderedDict[str, Document] = OrderedDict()
        self._by_hash: dict[str, str] = {}
        self.bytes = 0

    def __len__(self) -> int:
        """How many documents are kept."""
        return len(self._kept)

    def __contains__(self, text: str) -> bool:
        """Whether the document of a text is kept."""
        return text in self._kept

    def text_of(self, hash: str) -> str | None:
        """Returns the text that was registered under its hash; None when it is not kept."""
        return self._by_hash.get(hash)

    def register(self, text: str, hash: str) -> bool:
        """Lets a document be found by its SHA-256 for as long as it is kept.

        Returns whether that is new; a document that is not kept cannot be registered.
        """
        document = self._kept.get(text)
        if document is None or document.hash:
            return False
        size = document.size + BYTES_A_HASH
        self._kept[text] = document._replace(size=size, hash=hash)
        # The text that is kept, so that the one just sent can go.
        self._by_hash[hash] = document.text
        self._add(BYTES_A_HASH)
        return True

    def get(self, text: str) -> Document:
        """Returns the document of a text; raises RequestError for one that may not be run."""
        found = self._kept.get(text)
        if found is not None:
            self._kept.move_to_end(text)
            return found
        document = self.read(text)
        self._keep(text, document)
        return document

    def read(self, text: str) -> Document:
        """Returns the document of a text without keeping it; raises RequestError like `get`."""
        return self._validated(text, self._parsed(text))

    def get_public(self, text: str) -> Document | None:
        """Returns a document that asks about nothing but the schema, None for any other.

        For callers without a token: the rest of what they send is not worth validating.
        """
        node = self._parsed(text)
        fragments = fragments_of(node)
        if all(asks_only_about_schema(each, fragments) for each in operations_of(node)):
            return self._validated(text, node)
        return None

    def _parsed(self, text: str) -> DocumentNode:
        node = self._parse(text)
        ensure_within(node, self._limits)
        return node

    def _parse(self, text: str) -> DocumentNode:
        limit = self._limits.characters
        if len(text) > limit:
            raise refuse("characters", len(text), limit)
        try:
            return parse(text, max_tokens=self._limits.tokens)
        except GraphQLError as error:
            if TOO_MANY_TOKENS in error.message:
                raise refuse("tokens", None, self._limits.tokens) from None
            raise refusal([error], "GRAPHQL_PARSE_FAILED") from None

    def _validated(self, text: str, node: DocumentNode) -> Document:
        errors = validate(
            self._schema, node, specified_rules, MAX_ERRORS - 1, self._hide_suggestions
        )
        if errors:
            raise refusal(errors, "GRAPHQL_VALIDATION_FAILED")
        grow = partial(self._grow, text)
        operations = tuple(self._operation(node, each, grow) for each in operations_of(node))
        # A token repeats its part of the text: a long string or comment takes its length twice.
        size = 2 * getsizeof(text) + BYTES_A_TOKEN * (node.token_count or 0)
        return Document(text, operations, size)

    def _operation(
        self, document: DocumentNode, node: OperationDefinitionNode, grow: Callable[[int], None]
    ) -> Operation:
        fragments = fragments_of(document)
        is_standard = (
            node.operation is OperationType.QUERY
            and asks_only_about_schema(node, fragments)
            and self.introspection.is_standard(node, fragments)
        )
        points = Term(1) if is_standard else self._costs.of(node, fragments)
        names = {field.name.value for field in fields_of([node.selection_set], fragments)}
        return Operation(
            document=document,
            node=node,
            points=points,
            asks_about_schema=not names.isdisjoint(META),
            is_standard=is_standard,
            plans=Plans(self._schema, node, fragments, grow),
            kind=node.operation.value,
            field=names.pop() if len(names) == 1 else SEVERAL,
            name=node.name.value if node.name else None,
        )

    def _keep(self, text: str, document: Document) -> None:
        self._kept[text] = document
        self._add(document.size)

    def _grow(self, text: str, size: int) -> None:
        """Counts what a plan of a document takes; one that is not kept is not counted."""
        document = self._kept.get(text)
        if document is not None:
            self._kept[text] = document._replace(size=document.size + size)
            self._add(size)

    def _add(self, size: int) -> None:
        self.bytes += size
        while self.bytes > self._max_bytes:
            _, oldest = self._kept.popitem(last=False)
            self.bytes -= oldest.size
            if oldest.hash:
                del self._by_hash[oldest.hash]


def asks_only_about_schema(
    node: OperationDefinitionNode, fragments: dict[str, FragmentDefinitionNode]
) -> bool:
    """Whether an operation asks for nothing but the schema."""
    fields = fields_of([node.selection_set], fragments)
    return all(field.name.value in ASKS_ABOUT_SCHEMA for field in fields)


def _which(name: str | None) -> str:
    if name is None:
        return "Give `operationName`: this document holds more or less than one operation."
    return "There is no operation of the name in `operationName` in this document."
