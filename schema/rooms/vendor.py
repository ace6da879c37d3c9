"""What every vendor brings: settings, checked as they are made, which open its rooms."""

import re
from dataclasses import dataclass, field, fields
from typing import Any, ClassVar
from urllib.parse import urlsplit

from db.location import in_ascii

from .seat import Rooms

LEAST_SECRET_BYTES = 32
ADVICE = "make one with: openssl rand -base64 48"


class RoomsRefused(ValueError):
    """The settings cannot be used: `field` names the value, `sentence` goes on from its name."""

    def __init__(self, field: str, sentence: str) -> None:
        super().__init__(f"{field} {sentence}")
        self.field = field
        self.sentence = sentence


@dataclass(frozen=True)
class VendorSettings:
    """Settings of one vendor, all text; `jitsi_url` is read from CONNECT_JITSI_URL.

    Raises RoomsRefused when a value is missing or does not fit.
    """

    vendor: ClassVar[str]
    # Whether its server reports to a webhook of ours who comes and goes.
    reports: ClassVar[bool] = False

    def __post_init__(self) -> None:
        for each in fields(self):
            if each.metadata["is_needed"] and not getattr(self, each.name):
                raise RoomsRefused(each.name, f"is not set, but {self.vendor} rooms need it")
        self.check()

    def check(self) -> None:
        """Raises RoomsRefused for a value that cannot be used; all that are needed are there."""

    def open(self) -> Rooms:
        """Returns the rooms; imports here what only they need."""
        raise NotImplementedError


def value(
    description: str,
    *,
    default: str = "",
    shown: str | None = None,
    is_needed: bool = False,
    is_secret: bool = False,
) -> Any:
    """Declares one setting with its row of the README; `shown` stands for an empty default."""
    shown = shown or (None if default else "–")
    metadata = {"description": description, "shown": shown, "is_needed": is_needed}
    return field(default=default, repr=not is_secret, metadata=metadata)


def check_secret(name: str, secret: str) -> None:
    """Raises RoomsRefused when the secret is too short for HS256."""
    count = len(secret.encode())
    if count < LEAST_SECRET_BYTES:
        # Not quoted: most of it may be right.
        sentence = f"is {count} bytes long, but needs {LEAST_SECRET_BYTES} or more; {ADVICE}"
        raise RoomsRefused(name, sentence)


def check_address(
    name: str, value: str, example: str, schemes: tuple[str, ...] = ("http", "https")
) -> None:
    """Raises RoomsRefused when the value is not an address without a query."""
    check_host(name, value)
    if not is_address(value, schemes) or set(value) & set("?#"):
        # Not quoted: an address may hold a password.
        raise RoomsRefused(name, f"must be an address such as {example}, without a query")


def check_host(name: str, value: str) -> None:
    """Raises RoomsRefused when the host of an address is not written as DNS has it."""
    try:
        host = urlsplit(value).hostname or ""
    except ValueError:
        return
    if not host.isascii():
        known = in_ascii(host) or "xn--…, but this is the name of no host"
        raise RoomsRefused(name, f"must name its host in ASCII, as DNS has it: {known}")


def is_address(value: str, schemes: tuple[str, ...]) -> bool:
    """Whether people can be sent to the value: printable ASCII, a host, no password."""
    try:
        parts = urlsplit(value)
        good = parts.scheme in schemes and bool(parts.hostname) and parts.port != 0
    except ValueError:
        return False
    # Passwords have no place in an address that people see; browsers read a backslash as a slash.
    good = good and "@" not in parts.netloc and value.isascii()
    return good and not re.search(r"[\x00-\x20\x7f\\]", value)
