"""`livekit`: joining leads to a web app of LiveKit with an access token for its server."""

import asyncio
import json
import re
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from http.client import HTTPConnection, HTTPSConnection
from typing import Any, ClassVar
from urllib.parse import quote, urlencode, urlsplit

from .livekit_webhook import read_webhook
from .reports import DeviceJoined, DeviceLeft
from .seat import Seat, unsupported
from .tokens import load, sign, times
from .vendor import VendorSettings, check_address, check_secret, value

# The device check is our join page's own work.
EXPRESSED = frozenset({"chat_enabled", "screenshare_enabled", "join_screen_enabled"})
REMOVE = "/twirp/livekit.RoomService/RemoveParticipant"
ANSWER_SECONDS = 5.0
MOST_ANSWER_BYTES = 4096
# Many may be removed at once: a server that does not answer must not hold up more than these.
THREADS = 4


@dataclass(frozen=True)
class LiveKitSettings(VendorSettings):
    """The server, its key, and the web app that people are sent to."""

    vendor: ClassVar[str] = "livekit"
    reports: ClassVar[bool] = True

    livekit_url: str = value("for `livekit`: the server, `wss://…`", is_needed=True)
    livekit_api_key: str = value("its API key", is_needed=True)
    livekit_api_secret: str = value(
        "its API secret, 32 bytes or more", is_needed=True, is_secret=True
    )
    livekit_meet_url: str = value("the web app that people are sent to", is_needed=True)

    def check(self) -> None:
        """Raises RoomsRefused for a value that cannot be used."""
        example = "wss://livekit.example.org"
        check_address("livekit_url", self.livekit_url, example, ("ws", "wss"))
        check_secret("livekit_api_secret", self.livekit_api_secret)
        meet = "https://meet.example.org/custom"
        check_address("livekit_meet_url", self.livekit_meet_url, meet)

    def open(self) -> "LiveKitRooms":
        """Returns the rooms of the server."""
        load()
        return LiveKitRooms(self)


class LiveKitRooms:
    """Mints LiveKit's access tokens, removes people from its rooms, reads its webhooks.

    A room is named by its appointment's id, a person by the participant's: LiveKit logs both.
    A second device of one person takes the place of the first, as LiveKit does for one identity.
    """

    name = "livekit"

    def __init__(self, settings: LiveKitSettings) -> None:
        import structlog

        self._log = structlog.get_logger("connect.rooms")
        self._given = settings
        page = settings.livekit_meet_url
        # LiveKit Meet takes a foreign server and token on this page.
        self._page = page if urlsplit(page).path.strip("/") else page.rstrip("/") + "/custom"
        self._threads = ThreadPoolExecutor(THREADS, thread_name_prefix="livekit")

    def unsupported(self, config: dict[str, bool] | None) -> list[str]:
        """Returns the switches that are set and that no grant stands for."""
        return unsupported(config, EXPRESSED)

    def address(self, seat: Seat) -> str:
        """Returns the web app's address with the server's and the person's token."""
        query = {"liveKitUrl": self._given.livekit_url, "token": self._access_token(seat)}
        return f"{self._page}?{urlencode(query, quote_via=quote, safe='')}"

    async def eject(self, seat: Seat) -> None:
        """Removes the person from the room and revokes the tokens minted so far."""
        ids = {"appointment_id": seat.appointment.id, "participant_id": seat.participant.id}
        try:
            loop = asyncio.get_running_loop()
            status, code = await loop.run_in_executor(self._threads, self._remove, seat)
        except Exception as error:
            # Whoever removed the person has done so, whatever becomes of the room service.
            self._log.warning("eject_failed", rooms=self.name, error=type(error).__name__, **ids)
            return
        if status == 200:
            self._log.info("ejected", rooms=self.name, **ids)
        elif code == "not_found":
            self._log.debug("eject_not_due", rooms=self.name, **ids)
        else:
            self._log.warning("eject_failed", rooms=self.name, status=status, code=code, **ids)

    async def close(self) -> None:
        """Drops removals that have not begun; those under way end by themselves."""
        self._threads.shutdown(wait=False, cancel_futures=True)

    def webhook(self, body: bytes, authorization: str) -> DeviceLeft | DeviceJoined | None:
        """Returns who came or left by a webhook of LiveKit; None when it is about neither.

        Raises WebhookRefused when LiveKit did not sign exactly this body with our key.
        """
        key, secret = self._given.livekit_api_key, self._given.livekit_api_secret
        return read_webhook(body, authorization, key, secret)

    def _access_token(self, seat: Seat) -> str:
        role = {"role": seat.participant.role.value}
        claims = self._claims(seat, _grants(seat)) | {
            "sub": seat.participant.id,
            "name": seat.shown_name,
            "metadata": json.dumps(role),
            "attributes": role,
        }
        return sign(claims, self._given.livekit_api_secret)

    def _admin_token(self, seat: Seat) -> str:
        claims = self._claims(seat, {"room": seat.appointment.id, "roomAdmin": True})
        # The window may be over when somebody is removed: what we ask ourselves is not bound to it.
        claims |= times(seat._replace(closes_at=seat.now))
        return sign(claims, self._given.livekit_api_secret)

    def _claims(self, seat: Seat, video: dict[str, Any]) -> dict[str, Any]:
        return {"iss": self._given.livekit_api_key, "video": video, **times(seat)}

    def _remove(self, seat: Seat) -> tuple[int, str]:
        wanted = {
            "room": seat.appointment.id,
            "identity": seat.participant.id,
            # Tokens minted before this second; servers that cannot revoke pass over it.
            "revokeTokenTs": int(seat.now.timestamp()) + 1,
        }
        headers = {
            "Authorization": f"Bearer {self._admin_token(seat)}",
            "Content-Type": "application/json",
        }
        parts = urlsplit(self._given.livekit_url)
        connect = HTTPSConnection if parts.scheme == "wss" else HTTPConnection
        # A plain connection: it follows no redirect that would carry the token elsewhere.
        connection = connect(parts.hostname or "", parts.port, timeout=ANSWER_SECONDS)
        try:
            path = parts.path.rstrip("/") + REMOVE
            connection.request("POST", path, json.dumps(wanted), headers)
            response = connection.getresponse()
            return response.status, _error_code(response.read(MOST_ANSWER_BYTES))
        finally:
            connection.close()


def _error_code(body: bytes) -> str:
    """Returns Twirp's word for what went wrong; empty when there is none."""
    try:
        found = re.fullmatch(r"[a-z_]{1,40}", json.loads(body)["code"])
    except (ValueError, LookupError, TypeError):
        return ""
    return found[0] if found else ""


def _grants(seat: Seat) -> dict[str, Any]:
    sources = ["camera", "microphone"]
    if seat.switch("screenshare_enabled") is not False:
        sources += ["screen_share", "screen_share_audio"]
    grants: dict[str, Any] = {
        "room": seat.appointment.id,
        "roomJoin": True,
        "canPublish": True,
        "canSubscribe": True,
        "canPublishSources": sources,
        # Chat is LiveKit's data; nobody may rewrite their own role.
        "canPublishData": seat.switch("chat_enabled") is not False,
        "canUpdateOwnMetadata": False,
    }
    if seat.is_moderator:
        grants["roomAdmin"] = True
    return grants
