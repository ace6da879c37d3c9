"""From a request to its operation: the way in for every transport."""

import structlog

from ..operation.call import Call
from .documents import Operation
from .errors import RequestError
from .executor import Executor
from .options import GraphQLOptions, Trusted
from .persisted import NotTrusted, Persisted

# What a document costs that has not been seen lately, valid or not: reading it takes longer than
# most operations do.
POINTS_TO_READ = 5
# What naming a document costs that is not there, or may not be run.
POINTS_TO_MISS = 1

log = structlog.get_logger("connect.graphql")


class Requests:
    """Finds out which operation a request means, and whether its caller may run the document.

    A document is named by its text, `query`, by an identifier (`query` is empty then), or by both.
    """

    def __init__(
        self, executor: Executor, options: GraphQLOptions, trusted: Trusted | None = None
    ) -> None:
        self._executor = executor
        self.persisted = Persisted(executor.documents, options.limits, trusted or Trusted())
        self._takes_all = not self.persisted.only_trusted

    def admit(
        self, query: str, document_id: str | None, operation_name: str | None, call: Call
    ) -> Operation:
        """Returns the operation for a caller with a token, who pays for finding and reading it.

        A valid document that comes with its hash is registered. Raises RequestError and Throttled.
        """
        is_plain = document_id is None and self._takes_all
        text = query if is_plain else self._found(query, document_id, call)
        if text not in self._executor.documents:
            call.spend(points=POINTS_TO_READ)
        operation = self._executor.prepare(text, operation_name)
        if document_id is not None:
            self.persisted.register(text, document_id)
        return operation

    def admit_public(
        self, query: str, document_id: str | None, operation_name: str | None
    ) -> Operation | None:
        """Returns the operation for a caller without a token; None when it needs one.

        Strangers name documents by their text alone, and register nothing. Raises RequestError
        when the document is not valid or over a limit.
        """
        text = self.persisted.find_public(query, document_id)
        return self._executor.prepare_public(text, operation_name) if text else None

    def _found(self, query: str, document_id: str | None, call: Call) -> str:
        try:
            return self.persisted.find(query, document_id)
        except NotTrusted as refused:
            call.spend(points=POINTS_TO_MISS)
            log.info("document_not_trusted", request_id=call.request_id, document=refused.hash)
            raise
        except RequestError:
            call.spend(points=POINTS_TO_MISS)
            raise
