"""The replica as a WSGI application and as `Oracle`, a client that asks it in process.
Tests that compare the REST face with the original service import both from here."""
# ruff: noqa: E402
# mypy: disable-error-code="import-untyped,no-untyped-call"
# Django publishes no types, and refuses to load models before it is configured.

from .configuration import configure

configure("tests.oracle")

from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from io import BytesIO
from typing import Any
from urllib.parse import unquote_to_bytes

from django.contrib.auth.models import User
from django.core.handlers.wsgi import WSGIHandler
from django.core.management import call_command
from rest_framework.authtoken.models import Token

from . import serializers
from .models import Appointment

application = WSGIHandler()

Answer = tuple[int, list[tuple[str, str]], bytes]
VALID = "VALIDKEY"
INACTIVE = "INACTIVEKEY"
OTHER = "OTHERKEY"


def environ(
    method: str, path: str, headers: Iterable[tuple[str, str]], body: bytes
) -> dict[str, Any]:
    """Describe a request the way a WSGI server does; `path` may carry a query string."""
    bare, _, query = path.partition("?")
    described: dict[str, Any] = {
        "REQUEST_METHOD": method,
        "PATH_INFO": unquote_to_bytes(bare).decode("latin-1"),
        "QUERY_STRING": query,
        "SERVER_NAME": "testserver",
        "SERVER_PORT": "80",
        "SERVER_PROTOCOL": "HTTP/1.1",
        "wsgi.url_scheme": "http",
        "wsgi.input": BytesIO(body),
    }
    if body:
        described["CONTENT_LENGTH"] = str(len(body))
    for name, value in headers:
        key = name.upper().replace("-", "_")
        plain = key in ("CONTENT_TYPE", "CONTENT_LENGTH")
        described[key if plain else f"HTTP_{key}"] = value
    return described


class Oracle:
    """The replica with one active, one inactive and one foreign organization.

    Everything runs in one thread of its own: Django refuses to work inside a running event loop,
    and its database connection belongs to one thread.
    """

    serializers = serializers

    def __init__(self) -> None:
        """Rebuild the tables; two instances in one process share one database."""
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="oracle")
        self._thread.submit(self._start).result()

    def _start(self) -> None:
        call_command("migrate", run_syncdb=True, verbosity=0)
        call_command("flush", interactive=False, verbosity=0)
        for name, key in (("Demo Clinic", VALID), ("Closed", INACTIVE), ("Other", OTHER)):
            organization = User.objects.create(username=name, is_active=key != INACTIVE)
            Token.objects.create(user=organization, key=key)

    def request(
        self,
        method: str,
        path: str,
        headers: dict[str, str] | Iterable[tuple[str, str]] = (),
        body: bytes = b"",
    ) -> Answer:
        """Ask the replica; answer status, headers in order, and the body as a server sends it."""
        pairs = headers.items() if isinstance(headers, dict) else headers
        asked = environ(method, path, pairs, body)
        return self._thread.submit(self._answer, asked).result()

    def _answer(self, asked: dict[str, Any]) -> Answer:
        told: list[Any] = []
        response = application(asked, lambda status, headers: told.extend((status, headers)))
        body = b"".join(response)
        response.close()
        if asked["REQUEST_METHOD"] == "HEAD":
            body = b""
        return int(told[0].split()[0]), told[1], body

    def set_status(self, appointment_id: str, status: str) -> None:
        """Put an appointment into a status, which no documented operation does."""
        found = Appointment.objects.filter(pk=appointment_id)
        self._thread.submit(found.update, status=status).result()

    def close(self) -> None:
        """End the thread, and with it the database."""
        self._thread.shutdown()
