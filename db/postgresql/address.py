"""From a URL to what the driver needs to connect."""

from typing import Any

NAME = "consularia-connect"


def parsed(dsn: str) -> dict[str, Any]:
    """Returns the arguments of the driver for a URL such as `postgresql://user@host/database`."""
    return {"dsn": dsn, "server_settings": {"application_name": NAME}}
