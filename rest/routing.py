"""The paths of the REST table, matched against what was asked for."""

import re
from collections.abc import Iterable

from . import metadata
from .operation import Operation, Resource
from .routes import OPERATIONS, PEOPLE
from .wire.request import CANONICAL_ID

# The original service read the id of an appointment in any form, but below it only this one.
ANY_ID = "([^/.]+)"
ONE_ID = f"({CANONICAL_ID.pattern})"
PLACEHOLDER = re.compile(r"\{\w+\}")


class Path:
    """One path with its operations by method."""

    __slots__ = ("allow", "match", "name", "operations", "takes")

    def __init__(self, prefix: str, resource: Resource, operations: Iterable[Operation]) -> None:
        self.name = resource.name
        self.operations = {each.method: each for each in operations}
        if "GET" in self.operations:
            self.operations["HEAD"] = self.operations["GET"]
        self.allow = ", ".join([*self.operations, "OPTIONS"]).encode()
        post = self.operations.get("POST")
        self.takes = metadata.BODIES.get(post.takes) if post and post.takes else None
        form = ONE_ID if resource.path.startswith(PEOPLE.path) else ANY_ID
        pattern = PLACEHOLDER.sub(lambda _: form, re.escape(prefix) + resource.path.rstrip("/"))
        self.match = re.compile(pattern + "/?").fullmatch


def paths(prefix: str) -> list[Path]:
    """The paths of the table below `prefix`, in the order of the table."""
    resources = dict.fromkeys(each.resource for each in OPERATIONS)
    return [
        Path(prefix, resource, [each for each in OPERATIONS if each.resource == resource])
        for resource in resources
    ]
