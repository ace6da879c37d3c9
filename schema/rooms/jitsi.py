"""`jitsi`: joining leads to a Jitsi Meet server with a token of its token authentication."""

import hmac
import json
import re
from base64 import b32encode
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, ClassVar
from urllib.parse import quote, urlsplit

from .seat import SWITCHES, Seat, unsupported
from .tokens import load, sign, times
from .vendor import RoomsRefused, VendorSettings, check_address, check_secret, value

NAME = re.compile(r"[a-z0-9][a-z0-9_.-]*")
# Prosody grants no leeway: its clock may be this much behind ours.
SKEW = timedelta(seconds=30)
ROOM_CHARACTERS = 26
# Jitsi shows every button unless it is told which: hiding one means naming all the others.
BUTTONS = (
    "camera",
    "chat",
    "closedcaptions",
    "desktop",
    "download",
    "embedmeeting",
    "etherpad",
    "feedback",
    "filesharing",
    "fullscreen",
    "hangup",
    "help",
    "highlight",
    "invite",
    "linktosalesforce",
    "livestreaming",
    "microphone",
    "mute-everyone",
    "mute-video-everyone",
    "noisesuppression",
    "participants-pane",
    "polls",
    "profile",
    "raisehand",
    "recording",
    "security",
    "select-background",
    "settings",
    "shareaudio",
    "sharedvideo",
    "shortcuts",
    "stats",
    "tileview",
    "toggle-camera",
    "videoquality",
    "whiteboard",
)
BUTTON_OF = {
    "chat_enabled": "chat",
    "screenshare_enabled": "desktop",
    "raise_hand_enabled": "raisehand",
    "whiteboard_enabled": "whiteboard",
}
FEATURES_OF = {
    "chat_enabled": ("send-groupchat", "send-private-message"),
    "screenshare_enabled": ("screen-sharing",),
}
# What a moderator has by default: Jitsi grants it only to tokens that name no features at all.
MODERATOR_FEATURES = (
    "create-polls",
    "livestreaming",
    "outbound-call",
    "recording",
    "send-groupchat",
    "send-private-message",
    "transcription",
)


@dataclass(frozen=True)
class JitsiSettings(VendorSettings):
    """The server, and what its tokens say."""

    vendor: ClassVar[str] = "jitsi"

    jitsi_url: str = value("for `jitsi`: the server", is_needed=True)
    jitsi_app_id: str = value("its `app_id`", is_needed=True)
    jitsi_app_secret: str = value(
        "its `app_secret`, 32 bytes or more", is_needed=True, is_secret=True
    )
    jitsi_audience: str = value("`aud` of its tokens", default="jitsi")
    jitsi_subject: str = value("`sub` of its tokens", shown="tenant or host name")
    jitsi_tenant: str = value("the step before the room's name")

    def check(self) -> None:
        """Raises RoomsRefused for a value that cannot be used."""
        check_address("jitsi_url", self.jitsi_url, "https://meet.example.org")
        check_secret("jitsi_app_secret", self.jitsi_app_secret)
        if self.jitsi_tenant and not NAME.fullmatch(self.jitsi_tenant):
            raise RoomsRefused(
                "jitsi_tenant", "must be one step of a path: a to z in lower case, digits, . _ -"
            )

    def open(self) -> "JitsiRooms":
        """Returns the rooms of the server."""
        load()
        return JitsiRooms(self)


class JitsiRooms:
    """Mints Jitsi's token and writes the switches into the address."""

    name = "jitsi"

    def __init__(self, settings: JitsiSettings) -> None:
        self._given = settings
        base = settings.jitsi_url.rstrip("/")
        self._base = f"{base}/{settings.jitsi_tenant}" if settings.jitsi_tenant else base
        host = urlsplit(base).hostname or ""
        self._subject = settings.jitsi_subject or settings.jitsi_tenant or host

    def unsupported(self, config: dict[str, bool] | None) -> list[str]:
        """Returns nothing: Jitsi has a setting for each of the switches."""
        return unsupported(config, frozenset(SWITCHES))

    def address(self, seat: Seat) -> str:
        """Returns the room's address with the person's token and the appointment's switches."""
        room = self._room(seat.appointment.id)
        token = sign(self._claims(seat, room), self._given.jitsi_app_secret)
        settings = "&".join(
            f"config.{name}={quote(json.dumps(value, separators=(',', ':')), safe='')}"
            for name, value in overrides(seat).items()
        )
        return f"{self._base}/{room}?jwt={token}#{settings}"

    async def eject(self, seat: Seat) -> None:
        """Does nothing: as it comes, Jitsi lets only moderators in the room put somebody out."""

    async def close(self) -> None:
        """Does nothing."""

    def _room(self, appointment_id: str) -> str:
        # Keyed: ids of appointments stand in the API's answers, the room is for people who join.
        # Lower case, because Jitsi compares it so.
        key = self._given.jitsi_app_secret.encode()
        digest = hmac.digest(key, f"room:{appointment_id}".encode(), "sha256")
        return b32encode(digest).decode()[:ROOM_CHARACTERS].lower()

    def _claims(self, seat: Seat, room: str) -> dict[str, Any]:
        context: dict[str, Any] = {"user": _user(seat)}
        features = _features(seat)
        if features:
            context["features"] = features
        return {
            "aud": self._given.jitsi_audience,
            "iss": self._given.jitsi_app_id,
            "sub": self._subject,
            "room": room,
            **times(seat, SKEW),
            "context": context,
        }


def _user(seat: Seat) -> dict[str, str]:
    # Strings throughout: Prosody writes each into XML, and older ones fail at anything else.
    # Which of the two words for the role counts depends on the module that reads it.
    return {
        "id": seat.participant.id,
        "name": seat.shown_name,
        "affiliation": "owner" if seat.is_moderator else "member",
        "moderator": "true" if seat.is_moderator else "false",
    }


def _features(seat: Seat) -> dict[str, str]:
    # Signed, unlike the address: these switches stay off for somebody who edits it.
    denied = {
        feature: "false"
        for switch, features in FEATURES_OF.items()
        if seat.switch(switch) is False
        for feature in features
    }
    if denied and seat.is_moderator:
        return dict.fromkeys(MODERATOR_FEATURES, "true") | denied
    return denied


def overrides(seat: Seat) -> dict[str, Any]:
    """Returns what differs from the server's own `config.js`, by Jitsi's names."""
    # The name of the room says nothing to people.
    found: dict[str, Any] = {"hideConferenceSubject": True}
    join_screen, whiteboard = seat.switch("join_screen_enabled"), seat.switch("whiteboard_enabled")
    breakout_rooms = seat.switch("breakout_rooms_enabled")
    if join_screen is not None:
        found["prejoinConfig.enabled"] = join_screen
    if whiteboard is not None:
        found["whiteboard.enabled"] = whiteboard
    if breakout_rooms is not None:
        for button in ("hideAddRoomButton", "hideAutoAssignButton", "hideJoinRoomButton"):
            found[f"breakoutRooms.{button}"] = not breakout_rooms
    hidden = {button for switch, button in BUTTON_OF.items() if seat.switch(switch) is False}
    if hidden:
        found["toolbarButtons"] = [button for button in BUTTONS if button not in hidden]
    return found
