"""The health check of the image: asks the server on this machine whether it is ready.

Standard library only, because it runs every half minute.
"""

import json
from http.client import HTTPConnection, HTTPException
from typing import NamedTuple

from ..settings import WILDCARD_HOSTS, Settings

SECONDS = 4.0


class Problem(NamedTuple):
    """What is wrong, in one line, and whether a server answered at all."""

    message: str
    is_answered: bool = False


def problem(settings: Settings) -> Problem | None:
    """Returns what is wrong; None when the server is ready."""
    if settings.port == 0:
        return Problem(
            "CONNECT_PORT is 0, which stands for any free port: say which it became with --port"
        )
    host = "127.0.0.1" if settings.host in WILDCARD_HOSTS else settings.host
    # Unlike urllib, http.client ignores proxies in the environment.
    connection = HTTPConnection(host, settings.port, timeout=SECONDS)
    try:
        connection.request("GET", "/readyz")
        answer = connection.getresponse()
        body = answer.read(1000).decode(errors="replace")
    except (OSError, HTTPException) as error:
        reason = getattr(error, "strerror", None) or str(error) or type(error).__name__
        return Problem(f"no server answers at {host} port {settings.port}: {reason}")
    finally:
        connection.close()
    if answer.status == 200:
        return None
    return Problem(f"the server is not ready: {_reason(body)}", is_answered=True)


def _reason(body: str) -> str:
    """Returns the reason that the server gives, or what another program answered."""
    try:
        return str(json.loads(body)["reason"])
    except (ValueError, KeyError, TypeError):
        return " ".join(body.split())[:200] or "it gives no reason"
