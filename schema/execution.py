"""Runs GraphQL operations: documents parsed and validated once, errors masked.

Called by `gateway.graphql`. Goes to graphql-core directly: Strawberry's own entry makes an
extension runner and a parser call per request, which cost more than a small query.
"""

import uuid
from collections import OrderedDict
from collections.abc import Mapping
from typing import Any, NamedTuple

import structlog
from graphql import (
    DocumentNode,
    ExecutionResult,
    FragmentDefinitionNode,
    GraphQLError,
    GraphQLSchema,
    OperationDefinitionNode,
    OperationType,
    execute,
    get_operation_ast,
    parse,
    validate,
)
from graphql.validation import specified_rules

from .budget import QueryBudget
from .build import build
from .call import Call
from .errors import BadInput, Forbidden, Problem, Unauthenticated, ValidationFailed
from .problems import path_of
from .quicken import is_awaitable, quickened

MAX_DOCUMENTS = 1_000
MAX_CACHED_CHARACTERS = 20_000
MAX_TOKENS = 10_000
# Deeper nesting than any query needs, shallow enough for the recursive parser.
INTROSPECTION = frozenset({"__schema", "__type", "__typename"})

log = structlog.get_logger("connect.graphql")


class Document(NamedTuple):
    """A parsed document with what is wrong with it."""

    node: DocumentNode | None
    errors: list[GraphQLError]
    code: str = ""


class Refused(Exception):
    """The request cannot be executed: nothing of it ran."""

    def __init__(self, errors: list[dict[str, Any]], *, status: int = 400) -> None:
        super().__init__(errors[0]["message"])
        self.errors = errors
        self.status = status


class Operation(NamedTuple):
    """A valid operation of a valid document."""

    document: DocumentNode
    node: OperationDefinitionNode

    @property
    def is_query(self) -> bool:
        """Whether it only reads."""
        return self.node.operation is OperationType.QUERY

    @property
    def name(self) -> str:
        """Its name, or the name of its first field."""
        return self.node.name.value if self.node.name else "anonymous"

    def is_public(self) -> bool:
        """Whether it asks for nothing but the schema."""
        fragments = {
            each.name.value: each
            for each in self.document.definitions
            if isinstance(each, FragmentDefinitionNode)
        }
        return _asks_only_schema(self.node.selection_set, fragments)


class Executor:
    """Holds the schema and the documents seen before."""

    def __init__(self) -> None:
        self._schema: GraphQLSchema = quickened(build()._schema)
        self._documents: OrderedDict[str, Document] = OrderedDict()

    def prepare(self, query: str, operation_name: str | None) -> Operation:
        """Returns the operation to run; raises Refused when there is none or it is not valid."""
        document = self._documents.get(query) or self._read(query)
        if document.errors or document.node is None:
            raise Refused([_formatted(error, document.code) for error in document.errors])
        node = get_operation_ast(document.node, operation_name)
        if node is None:
            raise Refused([problem(_which_operation(operation_name), "BAD_USER_INPUT")])
        return Operation(document.node, node)

    async def run(
        self, operation: Operation, call: Call | None, variables: Mapping[str, Any] | None
    ) -> dict[str, Any]:
        """Executes the operation and returns the response as GraphQL defines it."""
        outcome = execute(
            self._schema,
            operation.document,
            root_value=call,
            context_value=call,
            variable_values=dict(variables or {}),
            operation_name=operation.node.name.value if operation.node.name else None,
            is_awaitable=is_awaitable,
        )
        result = outcome if isinstance(outcome, ExecutionResult) else await outcome
        errors = [self._drawn(error, call) for error in result.errors or ()]
        if result.data is None and not any(error.path for error in result.errors or ()):
            raise Refused(errors)
        return {"data": result.data, "errors": errors} if errors else {"data": result.data}

    def _read(self, query: str) -> Document:
        document = _parsed(query)
        if document.node is not None:
            errors = validate(self._schema, document.node, RULES)
            document = Document(document.node, errors, "GRAPHQL_VALIDATION_FAILED")
        if len(query) <= MAX_CACHED_CHARACTERS:
            self._documents[query] = document
            if len(self._documents) > MAX_DOCUMENTS:
                self._documents.popitem(last=False)
        return document

    def _drawn(self, error: GraphQLError, call: Call | None) -> dict[str, Any]:
        cause = error.original_error
        if cause is None or isinstance(cause, GraphQLError):
            return _formatted(error, "BAD_USER_INPUT")
        if isinstance(cause, Problem):
            drawn = _formatted(error, _code_of(cause))
            if isinstance(cause, ValidationFailed):
                drawn["extensions"]["fields"] = [
                    {"path": path_of(each.path), "code": each.code, "message": each.message}
                    for each in cause.fields
                ]
            return drawn
        error_id = uuid.uuid4().hex
        log.error(
            "operation_failed",
            error_id=error_id,
            request_id=call.request_id if call else None,
            path=error.path,
            exc_info=cause,
        )
        masked = _formatted(error, "INTERNAL_SERVER_ERROR")
        masked["message"] = f"Something went wrong on our side. Quote the error id {error_id}."
        masked["extensions"]["errorId"] = error_id
        return masked


RULES = [*specified_rules, QueryBudget]


def problem(message: str, code: str) -> dict[str, Any]:
    """Returns a top-level error without a place in the document."""
    return {"message": message, "extensions": {"code": code}}


def _parsed(query: str) -> Document:
    try:
        return Document(parse(query, max_tokens=MAX_TOKENS), [])
    except GraphQLError as error:
        return Document(None, [error], "GRAPHQL_PARSE_FAILED")
    except RecursionError:
        too_deep = GraphQLError("Nest less: this document is too deep to read.")
        return Document(None, [too_deep], "GRAPHQL_PARSE_FAILED")


def _which_operation(name: str | None) -> str:
    if name is None:
        return "Give `operationName`: this document holds more or less than one operation."
    return "There is no operation of the name in `operationName` in this document."


def _formatted(error: GraphQLError, code: str) -> dict[str, Any]:
    formatted: dict[str, Any] = dict(error.formatted)
    formatted["extensions"] = {"code": code, **(error.extensions or {})}
    return formatted


def _code_of(cause: Problem) -> str:
    if isinstance(cause, Forbidden):
        return "FORBIDDEN"
    if isinstance(cause, Unauthenticated):
        return "UNAUTHENTICATED"
    return (
        "BAD_USER_INPUT" if isinstance(cause, BadInput | ValidationFailed) else cause.code.upper()
    )


def _asks_only_schema(
    selections: Any, fragments: Mapping[str, Any], seen: frozenset[str] = frozenset()
) -> bool:
    for selection in selections.selections:
        if selection.kind == "field":
            if selection.name.value not in INTROSPECTION:
                return False
        elif selection.kind == "inline_fragment":
            if not _asks_only_schema(selection.selection_set, fragments, seen):
                return False
        elif selection.name.value not in seen:
            name = selection.name.value
            below = fragments[name].selection_set
            if not _asks_only_schema(below, fragments, seen | {name}):
                return False
    return True
