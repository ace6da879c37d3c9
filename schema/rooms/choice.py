"""The operator's choice of rooms, checked as it is made.

Filled by `gateway.settings`, whose names for the same values these are; read by `open_rooms`.
"""

import re
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from .template import PLACEHOLDER, VALUES

LEAST_SECRET_BYTES = 32
ADVICE = "make one with: openssl rand -base64 48"
NAME = re.compile(r"[a-z0-9][a-z0-9_.-]*")
# What each kind of room cannot do without.
NEEDED: dict[str, tuple[str, ...]] = {
    "none": (),
    "template": ("rooms_template",),
    "jitsi": ("jitsi_url", "jitsi_app_id", "jitsi_app_secret"),
    "livekit": ("livekit_url", "livekit_api_key", "livekit_api_secret", "livekit_meet_url"),
}


class RoomsRefused(ValueError):
    """The choice cannot be used: `field` names the value, `sentence` goes on from its name."""

    def __init__(self, field: str, sentence: str) -> None:
        super().__init__(f"{field} {sentence}")
        self.field = field
        self.sentence = sentence


@dataclass(frozen=True)
class RoomsChoice:
    """Which rooms, and what they need; raises RoomsRefused when that does not fit together.

    Values of rooms that were not chosen are not looked at.
    """

    rooms: str = "none"
    rooms_template: str = ""
    jitsi_url: str = ""
    jitsi_app_id: str = ""
    jitsi_app_secret: str = field(default="", repr=False)
    jitsi_audience: str = "jitsi"
    jitsi_subject: str = ""
    jitsi_tenant: str = ""
    livekit_url: str = ""
    livekit_api_key: str = ""
    livekit_api_secret: str = field(default="", repr=False)
    livekit_meet_url: str = ""

    def __post_init__(self) -> None:
        if self.rooms not in NEEDED:
            raise RoomsRefused("rooms", f"must be {' or '.join(NEEDED)}")
        for name in NEEDED[self.rooms]:
            if not getattr(self, name):
                raise RoomsRefused(name, f"is not set, but {self.rooms} rooms need it")
        if self.rooms == "template":
            _check_template(self.rooms_template)
        if self.rooms == "jitsi":
            self._check_jitsi()
        if self.rooms == "livekit":
            self._check_livekit()

    def _check_jitsi(self) -> None:
        _check_address("jitsi_url", self.jitsi_url, "https://meet.example.org")
        _check_secret("jitsi_app_secret", self.jitsi_app_secret)
        if self.jitsi_tenant and not NAME.fullmatch(self.jitsi_tenant):
            raise RoomsRefused(
                "jitsi_tenant", "must be one step of a path: a to z in lower case, digits, . _ -"
            )

    def _check_livekit(self) -> None:
        example = "wss://livekit.example.org"
        _check_address("livekit_url", self.livekit_url, example, ("ws", "wss"))
        _check_secret("livekit_api_secret", self.livekit_api_secret)
        meet = "https://meet.example.org/custom"
        _check_address("livekit_meet_url", self.livekit_meet_url, meet)


def _check_secret(name: str, secret: str) -> None:
    count = len(secret.encode())
    if count < LEAST_SECRET_BYTES:
        # Not quoted: most of it may be right.
        sentence = f"is {count} bytes long, but needs {LEAST_SECRET_BYTES} or more; {ADVICE}"
        raise RoomsRefused(name, sentence)


def _check_address(
    name: str, value: str, example: str, schemes: tuple[str, ...] = ("http", "https")
) -> None:
    if not _is_address(value, schemes) or set(value) & set("?#"):
        # Not quoted: an address may hold a password.
        raise RoomsRefused(name, f"must be an address such as {example}, without a query")


def _is_address(value: str, schemes: tuple[str, ...]) -> bool:
    try:
        parts = urlsplit(value)
        good = parts.scheme in schemes and bool(parts.hostname) and parts.port != 0
    except ValueError:
        return False
    # Passwords have no place in an address that people see; browsers read a backslash as a slash.
    good = good and "@" not in parts.netloc and value.isascii()
    return good and not re.search(r"[\x00-\x20\x7f\\]", value)


def _check_template(template: str) -> None:
    name = "rooms_template"
    for found in PLACEHOLDER.findall(template):
        if found not in VALUES:
            known = ", ".join(f"{{{value}}}" for value in VALUES)
            raise RoomsRefused(name, f"has the placeholder {{{found}}}, but knows only {known}")
    if re.search(r"[{}]", PLACEHOLDER.sub("", template)):
        raise RoomsRefused(name, "has a brace that belongs to no placeholder")
    # Not quoted: an address may hold a key.
    if not _is_address(PLACEHOLDER.sub("x", template), ("http", "https")):
        example = "https://rooms.example.org/{appointment_id}?name={display_name}"
        raise RoomsRefused(name, f"must be an http or https address such as {example}")
    if "{" in urlsplit(template).netloc:
        raise RoomsRefused(name, "may have placeholders after the host and port only")
