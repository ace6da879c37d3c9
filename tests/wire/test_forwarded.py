"""Whose `X-Forwarded-For` is believed: proxies that are set, and nobody else."""

from pathlib import Path

import httpx2
import pytest

from gateway.join.throttle import UNKNOWN_LINKS_A_MINUTE

from .server import Server


def statuses(server: Server) -> set[int]:
    """Tries unknown links, each time in the name of another client."""
    return {
        httpx2.get(
            f"http://127.0.0.1:{server.port}/join/unknown",
            headers={"X-Forwarded-For": f"192.0.2.{number}"},
        ).status_code
        for number in range(UNKNOWN_LINKS_A_MINUTE + 5)
    }


@pytest.mark.parametrize(("proxies", "found"), [("", {404, 429}), ("127.0.0.1", {404})])
def test_forwarded_addresses_are_believed_from_listed_proxies_alone(
    tmp_path: Path, proxies: str, found: set[int]
) -> None:
    server = Server(tmp_path, {"CONNECT_FORWARDED_ALLOW_IPS": proxies})
    try:
        assert statuses(server) == found
    finally:
        server.end()
