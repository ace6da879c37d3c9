"""Problems with a request, apart from what its body says."""

from schema.domain.errors import Problem


class NoSuchPath(Problem):
    """There is nothing at this path, or an id in it is not valid."""

    def __init__(self) -> None:
        super().__init__("Not found.")


class NotAcceptable(Problem):
    """The Accept header excludes JSON."""

    def __init__(self) -> None:
        super().__init__("Could not satisfy the request Accept header.")


class MethodNotAllowed(Problem):
    """The path does not support this method."""

    def __init__(self, method: str) -> None:
        super().__init__(f'Method "{method}" not allowed.')


class UnsupportedMediaType(Problem):
    """The media type of the body is not supported."""

    def __init__(self, content_type: str) -> None:
        super().__init__(f'Unsupported media type "{content_type}" in request.')
