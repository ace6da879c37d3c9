"""An entry of the REST table: all that the face, OPTIONS and OpenAPI know of an operation."""

from collections.abc import Awaitable, Callable
from inspect import getdoc
from typing import Any, NamedTuple

from schema.operation.call import Call

from .bodies import AddedBody
from .wire.answer import Answer
from .wire.request import Request

ITEMS_A_POINT = 10

Resolver = Callable[..., Awaitable[Any]]
Handler = Callable[[Call, Request], Awaitable[Answer]]


class Resource(NamedTuple):
    """A path below the prefix, and what OPTIONS calls it."""

    path: str
    name: str


class Operation(NamedTuple):
    """One operation: `handler` speaks HTTP around `resolver`, which GraphQL holds as well.

    `body`, `answer` and `errors` name components of the OpenAPI document; the errors are those in
    what was sent. An `AddedBody` brings its errors along. `is_addition` marks what the original
    service did not have.
    """

    method: str
    resource: Resource
    operation_id: str
    resolver: Resolver
    handler: Handler
    status: int = 200
    body: str | AddedBody | None = None
    answer: str | None = None
    errors: str | None = None
    query: tuple[str, ...] = ()
    has_version: bool = False
    # Whether its answer shows a tag of what is read at the path, rather than a version.
    has_digest: bool = False
    # Whether `If-Match` and `If-None-Match` are read: wherever something is there to compare.
    takes_conditions: bool = True
    title: str = ""
    note: str = ""
    is_addition: bool = False
    # The parameter that says how many items a page can hold.
    size: str = "page_size"
    # Whether what it goes on from may be gone: 410.
    can_expire: bool = False
    # Answers with Server-Sent Events when those are asked for.
    stream: Handler | None = None

    @property
    def path(self) -> str:
        """The path below the prefix."""
        return self.resource.path

    @property
    def body_name(self) -> str | None:
        """The name of the component of its body."""
        return self.body.name if isinstance(self.body, AddedBody) else self.body

    @property
    def errors_name(self) -> str | None:
        """The name of the component of the errors in what was sent."""
        return f"{self.body.name}Errors" if isinstance(self.body, AddedBody) else self.errors

    @property
    def summary(self) -> str:
        """One sentence: the title, or else the first paragraph of the resolver's docstring."""
        return self.title or " ".join((getdoc(self.resolver) or "").partition("\n\n")[0].split())

    @property
    def reads_body(self) -> bool:
        """Whether its body is read; the others ignore theirs."""
        return self.method in ("POST", "PATCH")

    @property
    def writes(self) -> bool:
        """Whether it changes anything: then it takes an `Idempotency-Key`."""
        return self.method != "GET"

    def points(self, request: Request) -> int:
        """What a request costs: 1 point, and for a page 1 more for each 10 items it can hold."""
        if not self.query:
            return 1
        return 1 + request.query.size(request.page_size, self.size) // ITEMS_A_POINT
