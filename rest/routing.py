"""The REST operations in Starlette's routing table, and their paths matched in the face's own way.

The routes lead to the face, which looks at the path first and at the method after the caller: the
documented order of checks, which Starlette's own routes do not keep.
"""

import re
from collections.abc import Iterable
from typing import Any

from starlette.datastructures import URLPath
from starlette.routing import BaseRoute, Match, Mount, NoMatchFound
from starlette.types import ASGIApp, Receive, Scope, Send

from . import metadata
from .operation import Operation, Resource
from .routes import OPERATIONS, PEOPLE
from .wire.request import CANONICAL_ID

# The original service read the id of an appointment in any form, but below it only this one.
ANY_ID = "([^/.]+)"
ONE_ID = f"({CANONICAL_ID.pattern})"
PLACEHOLDER = re.compile(r"\{(\w+)\}")


class Endpoint:
    """One path with its operations by method."""

    __slots__ = ("allow", "body", "match", "name", "operations", "path")

    def __init__(self, prefix: str, resource: Resource, operations: Iterable[Operation]) -> None:
        self.name = resource.name
        self.path = prefix + resource.path
        self.operations = {each.method: each for each in operations}
        if "GET" in self.operations:
            self.operations["HEAD"] = self.operations["GET"]
        self.allow = ", ".join([*self.operations, "OPTIONS"]).encode()
        post = self.operations.get("POST")
        self.body = metadata.BODIES.get(post.body_name) if post and post.body_name else None
        form = ONE_ID if resource.path.startswith(PEOPLE.path) else ANY_ID
        pattern = PLACEHOLDER.sub(lambda _: form, re.escape(prefix) + resource.path.rstrip("/"))
        self.match = re.compile(pattern + "/?").fullmatch


class OperationRoute(BaseRoute):
    """One operation as Starlette lists it; `app` is the face that answers it."""

    def __init__(self, endpoint: Endpoint, operation: Operation, app: ASGIApp) -> None:
        self.operation = operation
        self.path = endpoint.path
        self.name = operation.operation_id
        self.methods = {method for method, each in endpoint.operations.items() if each is operation}
        self.endpoint = operation.handler
        self.app = app
        self._match = endpoint.match

    def matches(self, scope: Scope) -> tuple[Match, Scope]:
        """Matches the path and the method; a method of another operation is left to the face."""
        if scope["type"] != "http" or self._match(scope["path"]) is None:
            return Match.NONE, {}
        return (Match.FULL if scope["method"] in self.methods else Match.PARTIAL), {}

    def url_path_for(self, name: str, /, **path_params: Any) -> URLPath:
        """Returns the path of the operation of this name; raises NoMatchFound."""
        if name != self.name or set(PLACEHOLDER.findall(self.path)) != path_params.keys():
            raise NoMatchFound(name, path_params)
        return URLPath(self.path.format(**path_params), "http")

    async def handle(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Has the face answer."""
        await self.app(scope, receive, send)


def endpoints(prefix: str) -> list[Endpoint]:
    """The paths of the table below `prefix`, in the order of the table."""
    resources = dict.fromkeys(each.resource for each in OPERATIONS)
    return [
        Endpoint(prefix, resource, [each for each in OPERATIONS if each.resource == resource])
        for resource in resources
    ]


def routes(prefix: str, app: ASGIApp, found: Iterable[Endpoint]) -> list[BaseRoute]:
    """The operations for Starlette's routing table; everything else below `prefix` comes last."""
    by_path = {each.path: each for each in found}
    listed = [OperationRoute(by_path[prefix + each.path], each, app) for each in OPERATIONS]
    return [*listed, Mount(prefix, app)]
