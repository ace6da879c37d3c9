"""Whether the public address leads to this service: it is asked for a link that does not exist."""

import json
import ssl
from collections.abc import Iterator
from http.client import HTTPConnection, HTTPException, HTTPSConnection
from typing import NamedTuple
from urllib.parse import urlsplit

from ...settings import Settings
from .findings import Finding, fail, ok, warn

SECONDS = 3.0
MOST_BYTES = 4_000
# No token looks like this one.
PATH = "/join/doctor"
# What this service says of a link, also while it cannot look it up.
OURS = frozenset({"UNKNOWN_LINK", "UNAVAILABLE", "INTERNAL_SERVER_ERROR"})
# What a proxy says of a service that does not answer it.
GATEWAY_STATUSES = range(502, 505)


class Answer(NamedTuple):
    """What was answered, and where to if it leads elsewhere."""

    status: int
    code: str
    location: str


def public(settings: Settings) -> Iterator[Finding]:
    """Asks as somebody would who opens a link."""
    if not settings.given_public_url:
        return
    url = settings.public_url
    try:
        yield _judged(url, _asked(url))
    except (OSError, HTTPException) as error:
        yield warn(
            "public.unreachable",
            f"{url} does not answer as seen from here ({_reason(error)})",
            "start the service and its proxy, and see to the DNS entry and the firewall",
        )


def _asked(url: str) -> Answer:
    connection = _connection(url)
    try:
        path = urlsplit(url).path + PATH
        connection.request("GET", path, headers={"Accept": "application/json"})
        answer = connection.getresponse()
        body = answer.read(MOST_BYTES)
        return Answer(answer.status, _code(body), answer.getheader("Location", ""))
    finally:
        connection.close()


def _connection(url: str) -> HTTPConnection:
    parts = urlsplit(url)
    host = parts.hostname or ""
    # Without a port the end of an IPv6 address would be taken for one.
    if parts.scheme == "http":
        return HTTPConnection(host, parts.port or 80, timeout=SECONDS)
    # Whether the certificate is trusted is another finding, and nothing secret is sent.
    context = ssl.create_default_context()
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    return HTTPSConnection(host, parts.port or 443, timeout=SECONDS, context=context)


def _code(body: bytes) -> str:
    try:
        found = json.loads(body)
    except (ValueError, RecursionError):
        return ""  # Another service's, or one that nests without end.
    return str(found.get("code", "")) if isinstance(found, dict) else ""


def _judged(url: str, answer: Answer) -> Finding:
    if answer.code in OURS:
        return ok("public", f"this service, or another one like it, answers at {url}")
    if answer.code == "UNKNOWN_HOST":
        return fail(
            "public.host",
            f"the proxy at {url} passes on another Host, which is refused",
            "let it pass Host on as it came, or list the other in CONNECT_ALLOWED_HOSTS",
        )
    if answer.status in GATEWAY_STATUSES:
        return warn(
            "public.gateway",
            f"the proxy at {url} does not reach the service ({answer.status})",
            "start the service, or correct the port in the proxy's configuration",
        )
    if 300 <= answer.status < 400:
        return fail(
            "public.redirect",
            f"{url} leads on to {answer.location[:200]}",
            "set CONNECT_PUBLIC_URL to the address that is reached in the end",
        )
    return fail(
        "public.other",
        f"something else than this service answers at {url} (a link gets {answer.status})",
        "correct CONNECT_PUBLIC_URL or the proxy, which has to pass on all paths below it",
    )


def _reason(error: Exception) -> str:
    return getattr(error, "strerror", None) or str(error) or type(error).__name__
