"""The source stream of a subscription, as its resolver returns it; an error of it ends it."""

from collections.abc import AsyncGenerator, Callable, Mapping
from typing import Any, cast

from graphql import ExecutionResult, Executor, GraphQLError, GraphQLSchema, located_error
from graphql.execution import create_source_event_stream

from db.engine import DatabaseUnavailable

from ..domain.errors import Unauthenticated
from ..operation.call import Call
from .documents import Operation
from .errors import MAX_ERRORS, RequestError, rendered
from .plans.classes import is_awaitable

# Of these the caller learns in another way than of what is wrong with the operation.
OURS = (Unauthenticated, DatabaseUnavailable)


def resumable(schema: GraphQLSchema) -> GraphQLSchema:
    """Returns the schema, whose subscriptions begin where a call that resumes has been."""
    kind = schema.subscription_type
    for field in kind.fields.values() if kind else ():
        subscribe = field.subscribe
        if "after" in field.args and subscribe and not hasattr(subscribe, "resumes"):
            field.subscribe = _resuming(subscribe)
    return schema


def _resuming(subscribe: Callable[..., Any]) -> Callable[..., Any]:
    def begin(call: Call, info: Any, /, **arguments: Any) -> Any:
        if call.resumes_after is not None:
            arguments["after"] = call.resumes_after
        return subscribe(call, info, **arguments)

    begin.resumes = True  # type: ignore[attr-defined]
    return begin


async def opened(
    schema: GraphQLSchema,
    operation: Operation,
    call: Call,
    variables: Mapping[str, Any],
    *,
    suggests: bool,
) -> AsyncGenerator[Any, None]:
    """Returns the stream that the resolver of a subscription returns; to be closed.

    Raises RequestError when there is none, Unauthenticated and DatabaseUnavailable.
    """
    executor = Executor.build(
        schema,
        operation.document,
        root_value=call,
        context_value=call,
        raw_variable_values=dict(variables),
        operation_name=operation.name,
        max_coercion_errors=MAX_ERRORS - 1,
        is_awaitable=is_awaitable,
        hide_suggestions=not suggests,
    )
    if isinstance(executor, list):
        raise RequestError([rendered(error, call) for error in executor])
    outcome: Any = create_source_event_stream(executor)
    if is_awaitable(outcome):
        outcome = await outcome
    if isinstance(outcome, ExecutionResult):
        raise _refusal((outcome.errors or [])[0], call)
    return cast(AsyncGenerator[Any, None], outcome)


def broken(error: Exception, operation: Operation, call: Call) -> RequestError:
    """Returns what an error of the stream, if it is not one of `OURS`, is to the caller."""
    return RequestError([rendered(located_error(error, [operation.node]), call)])


def _refusal(error: GraphQLError, call: Call) -> Exception:
    cause = error.original_error
    return cause if isinstance(cause, OURS) else RequestError([rendered(error, call)])
