"""`builtin`: joining leads to a room in the page of the link, from browser to browser.

This service only introduces the browsers to each other; what they say and show does not pass it.
"""

import hmac
import re
from base64 import b64encode
from dataclasses import dataclass
from datetime import datetime
from typing import Any, ClassVar
from urllib.parse import urlsplit

from .seat import Seat, unsupported
from .vendor import RoomsRefused, VendorSettings, value

EXPRESSED = frozenset(
    {"chat_enabled", "join_screen_enabled", "raise_hand_enabled", "screenshare_enabled"}
)
LEAST_SEATS, MOST_SEATS = 2, 6
OPEN, ONE_BY_ONE = "open", "one_by_one"
# RFC 7064 and RFC 7065: no slashes, and a query of TURN names the transport.
ICE_SERVER = re.compile(
    r"(?:stuns?:(?P<stun>[^?]+)|turns?:(?P<turn>[^?]+)(?:\?transport=(?:udp|tcp))?)", re.ASCII
)
MOST_ICE_SERVERS = 10


@dataclass(frozen=True)
class BuiltinSettings(VendorSettings):
    """How many sit in a room, who is let in, which servers help browsers to reach each other."""

    vendor: ClassVar[str] = "builtin"

    room_seats: str = value("for `builtin`: seats of a room, 2 to 6", default="6")
    room_admission: str = value(
        "`open`, or `one_by_one`: moderators admit everybody else", default=OPEN
    )
    ice_servers: str = value(
        "STUN and TURN servers, such as `stun:turn.example.org turn:turn.example.org`"
    )
    turn_secret: str = value("the `static-auth-secret` of the TURN servers", is_secret=True)

    def check(self) -> None:
        """Raises RoomsRefused for a value that cannot be used."""
        if self.room_seats not in map(str, range(LEAST_SEATS, MOST_SEATS + 1)):
            raise RoomsRefused("room_seats", f"must be {LEAST_SEATS} to {MOST_SEATS}")
        if self.room_admission not in (OPEN, ONE_BY_ONE):
            raise RoomsRefused("room_admission", f"must be {OPEN} or {ONE_BY_ONE}")
        _check_servers(self.servers)
        relays = [each for each in self.servers if each.startswith("turn")]
        if relays and not self.turn_secret:
            raise RoomsRefused("turn_secret", f"is not set, but {relays[0]} needs it")
        if self.turn_secret and not relays:
            raise RoomsRefused(
                "turn_secret", "is set, but CONNECT_ICE_SERVERS names no TURN server"
            )

    @property
    def servers(self) -> list[str]:
        """The addresses of STUN and TURN servers."""
        return re.split(r"[\s,]+", self.ice_servers.strip(" ,\t\n")) if self.ice_servers else []

    def open(self) -> "BuiltinRooms":
        """Returns the rooms of this service."""
        return BuiltinRooms(self)


def _check_servers(servers: list[str]) -> None:
    if len(servers) > MOST_ICE_SERVERS:
        raise RoomsRefused("ice_servers", f"may name {MOST_ICE_SERVERS} servers at most")
    for each in servers:
        found = ICE_SERVER.fullmatch(each)
        place = found and (found["stun"] or found["turn"])
        if not place or not _is_place(place):
            # Not quoted: somebody may have written a password into it.
            raise RoomsRefused(
                "ice_servers",
                "must be addresses such as stun:turn.example.org:3478 or "
                "turns:turn.example.org:5349?transport=tcp, separated by spaces",
            )


def _is_place(text: str) -> bool:
    """Whether the text is a host, with or without a port, and nothing else."""
    try:
        parts = urlsplit(f"//{text}")
        is_good = bool(parts.hostname) and parts.port != 0
    except ValueError:
        return False
    return is_good and parts.netloc == text and "@" not in text and text.isascii()


class BuiltinRooms:
    """The room that this service brings along."""

    name = "builtin"

    def __init__(self, settings: BuiltinSettings) -> None:
        self.seats = int(settings.room_seats)
        self.is_one_by_one = settings.room_admission == ONE_BY_ONE
        self._plain = [each for each in settings.servers if each.startswith("stun")]
        self._relays = [each for each in settings.servers if each.startswith("turn")]
        self._secret = settings.turn_secret.encode()

    def unsupported(self, config: dict[str, bool] | None) -> list[str]:
        """Returns the whiteboard and the breakout rooms when they are set."""
        return unsupported(config, EXPRESSED)

    def address(self, seat: Seat) -> None:
        """Returns None: the room is in the page of the link."""

    async def eject(self, seat: Seat) -> None:
        """Does nothing: whoever holds the person's socket hears of the removal and closes it."""

    async def close(self) -> None:
        """Does nothing."""

    def ice_servers(self, until: datetime, name: str) -> list[dict[str, Any]]:
        """Returns what RTCPeerConnection takes as `iceServers`.

        The credentials of relays are those of coturn's `use-auth-secret`: anybody may check until
        when they are good, and nobody without the secret can make any.
        """
        found: list[dict[str, Any]] = [{"urls": self._plain}] if self._plain else []
        if self._relays:
            username = f"{int(until.timestamp())}:{name}"
            digest = hmac.digest(self._secret, username.encode(), "sha1")
            found.append(
                {
                    "urls": self._relays,
                    "username": username,
                    "credential": b64encode(digest).decode(),
                }
            )
        return found
