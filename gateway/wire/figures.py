"""What operators see of the wire: connections, and what was refused before there was a request."""

from collections import Counter
from collections.abc import Sized
from http import HTTPStatus


class WireFigures:
    """Plain numbers, rendered when Prometheus asks; the application hands them to its server."""

    def __init__(self) -> None:
        # Those of the server, as soon as it has any.
        self.connections: Sized = ()
        self.refusals: Counter[str] = Counter()

    def refused(self, status: int) -> None:
        """Counts what was refused, by the name of its status."""
        self.refusals[HTTPStatus(status).name] += 1
