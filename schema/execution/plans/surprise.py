"""What a plan raises when it meets something that only graphql-core handles."""

from typing import Any, NoReturn


class Surprise(BaseException):
    """Something out of the ordinary; graphql-core will complete the operation.

    No Exception, so that no resolver which asks for something unusual can catch it by accident.
    """

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class Unplanned(Exception):
    """The operation has no plan, and why."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


def none() -> NoReturn:
    """Refuses null where there can be none."""
    raise Surprise("null")


def odd(_: Any) -> NoReturn:
    """Refuses a value that is not what its type asks for."""
    raise Surprise("value")
