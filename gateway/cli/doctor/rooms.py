"""The room service: whether it can be reached from here, and whether it can report to us."""

import socket
from collections.abc import Iterator
from dataclasses import fields
from urllib.parse import urlsplit

from schema.rooms.vendor import VendorSettings

from ...settings import Settings, unused_rooms
from .exposure import is_private
from .findings import Finding, ok, warn

SECONDS = 2.0
PORTS = {"http": 80, "ws": 80, "https": 443, "wss": 443}


def rooms(settings: Settings) -> Iterator[Finding]:
    """What its settings lack is reported with the others."""
    vendor = settings.rooms
    if unused := unused_rooms():
        yield warn(
            "rooms.unused",
            f"{', '.join(unused)}: set, but CONNECT_ROOMS is {vendor.vendor}",
            "set CONNECT_ROOMS to the service that they belong to, or unset them",
        )
    places = _places(vendor)
    away = [place for place in places if not _answers(*place)]
    for host, port in away:
        yield warn(
            "rooms.unreachable",
            f"the {vendor.vendor} rooms at {host} port {port} do not answer as seen from here",
            "correct the address in the settings, or see to the DNS entry and the firewall",
        )
    yield from _reports(settings, places)
    if places and not away:
        yield ok("rooms", f"{vendor.vendor}, which answers")


def _reports(settings: Settings, places: list[tuple[str, int]]) -> Iterator[Finding]:
    own = urlsplit(settings.public_url).hostname or ""
    if settings.rooms.reports and is_private(own) and not all(is_private(at) for at, _ in places):
        yield warn(
            "rooms.webhook",
            f"{settings.rooms.vendor} reports who comes and goes to a webhook below "
            f"{settings.public_url}, where it cannot reach us",
            "set CONNECT_PUBLIC_URL to an address that it can reach",
        )


def _places(vendor: VendorSettings) -> list[tuple[str, int]]:
    """Returns the hosts and ports that the settings of a vendor name."""
    found = []
    for each in fields(vendor):
        if each.name.endswith(("_url", "_template")):
            url = urlsplit(getattr(vendor, each.name))
            if url.hostname and url.scheme in PORTS:
                found.append((url.hostname, url.port or PORTS[url.scheme]))
    return list(dict.fromkeys(found))


def _answers(host: str, port: int) -> bool:
    try:
        with socket.create_connection((host, port), SECONDS):
            return True
    except OSError:
        return False
