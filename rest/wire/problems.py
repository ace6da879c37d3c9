"""Problems with a request, apart from what its body says."""

from schema.domain.errors import Problem


class NoSuchPath(Problem):
    """There is nothing at this path, or an id in it is not valid."""

    code = "no_such_path"

    def __init__(self) -> None:
        super().__init__("Not found.")


class NotAcceptable(Problem):
    """The Accept header excludes JSON."""

    code = "not_acceptable"

    def __init__(self) -> None:
        super().__init__("Could not satisfy the request Accept header.")


class MethodNotAllowed(Problem):
    """The path does not support this method."""

    code = "method_not_allowed"

    def __init__(self, method: str) -> None:
        super().__init__(f'Method "{method}" not allowed.')


class MalformedCondition(Problem):
    """A header that names entity tags cannot be read."""

    code = "malformed_condition"

    def __init__(self, header: str) -> None:
        super().__init__(
            f"`{header}` is not a list of entity tags: send `*`, or tags in double quotes as the "
            'header `ETag` shows them, such as "7".'
        )


class PreconditionFailed(Problem):
    """What a request was made to depend on is not so; `tag` is the current entity tag."""

    code = "precondition_failed"

    def __init__(self, header: str, tag: str) -> None:
        said = "does not name" if header == "If-Match" else "names"
        super().__init__(
            f"`{header}` {said} the current state, of which `ETag` holds the tag: read it again, "
            "then retry."
        )
        self.tag = tag


class NotModified(Problem):
    """The client holds what it asks for, of which `tag` is the entity tag."""

    code = "not_modified"

    def __init__(self, tag: str) -> None:
        super().__init__("What you hold is current.")
        self.tag = tag


class UnsupportedMediaType(Problem):
    """The media type of the body is not supported."""

    code = "unsupported_media_type"

    def __init__(self, content_type: str) -> None:
        super().__init__(f'Unsupported media type "{content_type}" in request.')
