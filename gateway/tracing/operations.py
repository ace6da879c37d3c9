"""A span for each GraphQL query and mutation; documents and variables are not in it."""

from collections.abc import Mapping
from typing import Any

from opentelemetry.trace import SpanKind, Tracer

from schema.execution.documents import Operation
from schema.execution.options import GraphQLOptions, Trusted
from schema.operation.call import Call, Services

from ..graphql_operation import Observe, Operations
from .spans import failed, is_traced, name_of


class TracedOperations(Operations):
    """Operations that are executed within a span.

    Over a WebSocket it is a trace of its own. Subscriptions last for hours and have none.
    """

    def __init__(
        self,
        tracer: Tracer,
        options: GraphQLOptions,
        trusted: Trusted | None,
        observe: Observe,
    ) -> None:
        super().__init__(options, trusted, observe)
        self._tracer = tracer

    async def run(
        self,
        operation: Operation,
        call: Call | None,
        variables: Mapping[str, Any],
        services: Services,
    ) -> dict[str, Any]:
        """Executes a query or a mutation within its time; raises what `REFUSALS` names."""
        attributes = {"graphql.operation.type": operation.kind, "connect.field": operation.field}
        if operation.name:
            attributes["graphql.operation.name"] = operation.name
        with self._tracer.start_as_current_span(
            operation.kind,
            kind=SpanKind.INTERNAL if is_traced() else SpanKind.SERVER,
            attributes=attributes,
            record_exception=False,
            set_status_on_exception=False,
        ) as span:
            try:
                payload = await super().run(operation, call, variables, services)
            except BaseException as error:
                failed(span, name_of(error))
                raise
            if payload.get("errors"):
                failed(span, payload["errors"][0]["extensions"]["code"])
            return payload
