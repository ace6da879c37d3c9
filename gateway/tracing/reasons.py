"""Why spans could not be sent: OpenTelemetry's packages say so in their log, and nowhere else."""

import logging
import re
import threading

from opentelemetry.util.re import parse_env_headers

from ..settings import shell

MOST_CHARACTERS = 300
UNKNOWN = "the collector did not take them"
HEADERS = ("OTEL_EXPORTER_OTLP_HEADERS", "OTEL_EXPORTER_OTLP_TRACES_HEADERS")
# Of the address of a proxy, say.
CREDENTIALS = re.compile(r"(?<=//)[^/@\s]+(?=@)")


class Reasons(logging.Handler):
    """Keeps the first line of each attempt instead of showing it: the others repeat or count."""

    def __init__(self) -> None:
        super().__init__(logging.WARNING)
        self._thread: int | None = None
        self._first: str | None = None

    def listen(self) -> None:
        """Forgets what was said, and hears from now on what is said on this thread."""
        self._thread, self._first = threading.get_ident(), None

    def emit(self, record: logging.LogRecord) -> None:
        """Keeps what is said by whoever sends; all else is not about it."""
        if record.thread == self._thread:
            self.keep(record.getMessage())

    def keep(self, text: str) -> None:
        """Keeps what is said, where it is the first."""
        self._first = self._first or text

    @property
    def heard(self) -> str:
        """What was said, in one line and without the secrets that it may repeat."""
        text = " ".join((self._first or UNKNOWN).split())
        for secret in _secrets():
            text = text.replace(secret, "…")
        return CREDENTIALS.sub("…", text)[:MOST_CHARACTERS]

    def begin(self) -> None:
        """Hears the packages, whose lines go nowhere else from now on."""
        packages = logging.getLogger("opentelemetry")
        packages.handlers[:] = [self]
        packages.propagate = False
        packages.setLevel(logging.WARNING)


def _secrets() -> list[str]:
    """Returns the values of the headers that the packages send, also as a message quotes them."""
    values = [
        value for name in HEADERS for value in parse_env_headers(shell(name), liberal=True).values()
    ]
    return [text for value in values if value for text in (repr(value)[1:-1], value)]
