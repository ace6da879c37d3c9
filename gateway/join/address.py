"""What the path of a request below `/join` names: a link, and what is asked of it.

Mail programs and chats take along what stands behind a link in a sentence: a full stop, a bracket,
a quotation mark, a line break. None of that can be part of a link, so it is passed over.
"""

import re
from typing import NamedTuple

EVENTS = "/events"
CALENDAR = "/appointment.ics"
CONNECTION = "/connection"
# They are told in JSON what is wrong, whatever they accept.
FOR_SCRIPTS = (EVENTS, CONNECTION)

PARTS = "|".join(map(re.escape, (EVENTS, CALENDAR, CONNECTION)))
PART = re.compile(f"({PARTS})[^A-Za-z0-9_-]*\\Z")
# Signed parts are base64url around a full stop: a link neither begins nor ends with anything else.
LINK = re.compile(
    r"[^A-Za-z0-9_-]*([A-Za-z0-9_-]+\.[A-Za-z0-9_-]+)(?![A-Za-z0-9_-])(.*)", re.DOTALL
)
# What stands behind a link up to the next letter or digit: a slash in it begins another page.
BEHIND = re.compile(r"([^A-Za-z0-9]*)[A-Za-z0-9]")


class LinkAddress(NamedTuple):
    """A link's token, as far as it can be told, and the part of it that is asked for."""

    token: str
    part: str = ""

    @property
    def path(self) -> str:
        """The path, without what was only next to the link."""
        return f"/join/{self.token}{self.part}"


def address_of(path: str) -> LinkAddress:
    """Reads a path at or below `/join`; costs time in proportion to its length."""
    rest = path.removeprefix("/join").removeprefix("/")
    found = PART.search(rest)
    part = found[1] if found else ""
    text = rest[: found.start()] if found else rest
    link = LINK.match(text)
    # `/join/TOKEN/other` is no page of ours, and no link that something was written behind.
    behind = link and BEHIND.match(link[2])
    if link is None or (behind and "/" in behind[1]):
        return LinkAddress(text, part)
    return LinkAddress(link[1], part)
