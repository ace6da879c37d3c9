"""The room service: whether it can be reached from here, and whether it can report to us."""

import secrets
import socket
from collections.abc import Iterator
from dataclasses import fields
from typing import NamedTuple
from urllib.parse import urlsplit

from schema.rooms.builtin import BuiltinSettings
from schema.rooms.vendor import VendorSettings

from ...settings import Settings, unused_rooms
from .exposure import is_local, is_private
from .findings import Finding, ok, warn

SECONDS = 2.0
PORTS = {"http": 80, "ws": 80, "https": 443, "wss": 443}
ICE_PORTS = {"stun": 3478, "turn": 3478, "stuns": 5349, "turns": 5349}
# RFC 8489: what kind of request it is, no attributes, the cookie; a number of our choice follows.
BINDING = b"\x00\x01\x00\x00\x21\x12\xa4\x42"
# RFC 8656: without credentials it is refused, which is an answer too.
ALLOCATE = b"\x00\x03\x00\x00\x21\x12\xa4\x42"


class Place(NamedTuple):
    """Where something listens; `request` is what a datagram there is answered to."""

    host: str
    port: int
    request: bytes | None = None


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
    away = [place for place in places if not _answers(place)]
    for place in away:
        yield warn(
            "rooms.unreachable",
            f"the {vendor.vendor} rooms at {place.host} port {place.port} do not answer as seen "
            "from here",
            "correct the address in the settings, or see to the DNS entry and the firewall",
        )
    yield from _reports(settings, places)
    if isinstance(vendor, BuiltinSettings):
        yield from _builtin(settings, vendor, is_well=not away)
    elif places and not away:
        yield ok("rooms", f"{vendor.vendor}, which answers")


def _reports(settings: Settings, places: list[Place]) -> Iterator[Finding]:
    own = urlsplit(settings.public_url).hostname or ""
    if settings.rooms.reports and is_private(own) and not all(is_private(at.host) for at in places):
        yield warn(
            "rooms.webhook",
            f"{settings.rooms.vendor} reports who comes and goes to a webhook below "
            f"{settings.public_url}, where it cannot reach us",
            "set CONNECT_PUBLIC_URL to an address that it can reach",
        )


def _builtin(settings: Settings, vendor: BuiltinSettings, *, is_well: bool) -> Iterator[Finding]:
    url = urlsplit(settings.public_url)
    host = url.hostname or ""
    if url.scheme == "http" and not is_local(host):
        yield warn(
            "rooms.insecure",
            f"browsers give camera and microphone to pages over HTTPS only: at "
            f"{settings.public_url} nobody is seen or heard",
            "put a proxy with a certificate in front, and set CONNECT_PUBLIC_URL to https://…",
        )
    elif not is_private(host) and not any(each.startswith("turn") for each in vendor.servers):
        yield warn(
            "rooms.relay",
            "no relay is set: people behind some firewalls, about one in ten, see and hear nobody",
            "run a TURN server such as coturn, and set CONNECT_ICE_SERVERS and CONNECT_TURN_SECRET",
        )
    elif is_well:
        relay = ", with servers that answer" if vendor.servers else ""
        yield ok("rooms", f"builtin, {vendor.room_seats} seats{relay}")


def _places(vendor: VendorSettings) -> list[Place]:
    """Returns where the settings of a vendor say that something listens."""
    if isinstance(vendor, BuiltinSettings):
        return list(dict.fromkeys(_ice_place(each) for each in vendor.servers))
    found = []
    for each in fields(vendor):
        if each.name.endswith(("_url", "_template")):
            url = urlsplit(getattr(vendor, each.name))
            if url.hostname and url.scheme in PORTS:
                found.append(Place(url.hostname, url.port or PORTS[url.scheme]))
    return list(dict.fromkeys(found))


def _ice_place(server: str) -> Place:
    scheme, _, rest = server.partition(":")
    url = urlsplit(f"//{rest}")
    port = url.port or ICE_PORTS[scheme]
    is_datagram = not scheme.endswith("s") and url.query != "transport=tcp"
    request = (ALLOCATE if scheme == "turn" else BINDING) if is_datagram else None
    return Place(url.hostname or "", port, request)


def _answers(place: Place) -> bool:
    try:
        if place.request is not None:
            return _answers_datagram(place, place.request)
        with socket.create_connection((place.host, place.port), SECONDS):
            return True
    except OSError:
        return False


def _answers_datagram(place: Place, request: bytes) -> bool:
    """Whether STUN or TURN answers; asked twice, as datagrams may be lost."""
    number = secrets.token_bytes(12)
    family, _, _, _, address = socket.getaddrinfo(place.host, place.port, type=socket.SOCK_DGRAM)[0]
    with socket.socket(family, socket.SOCK_DGRAM) as asking:
        asking.connect(address)
        for seconds in (SECONDS / 4, SECONDS * 3 / 4):
            asking.settimeout(seconds)
            asking.send(request + number)
            try:
                return asking.recv(2048)[8:20] == number
            except TimeoutError:
                continue
    return False
