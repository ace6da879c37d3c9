"""`template`: joining leads to an address that the operator writes down, with placeholders."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import ClassVar
from urllib.parse import quote, urlsplit

from .seat import SWITCHES, Seat, unsupported
from .vendor import RoomsRefused, VendorSettings, check_host, is_address, value

PLACEHOLDER = re.compile(r"\{([^{}]*)\}")


def _instant(at: datetime) -> str:
    return at.astimezone(UTC).isoformat().replace("+00:00", "Z")


def _switch(name: str) -> Callable[[Seat], str]:
    return lambda seat: {True: "true", False: "false", None: ""}[seat.switch(name)]


VALUES: dict[str, Callable[[Seat], str]] = {
    "appointment_id": lambda seat: seat.appointment.id,
    "participant_id": lambda seat: seat.participant.id,
    "unique_id": lambda seat: seat.participant.unique_id,
    "display_name": lambda seat: seat.shown_name,
    "role": lambda seat: seat.participant.role.value,
    "title": lambda seat: seat.appointment.title,
    "organization_id": lambda seat: seat.organization_id,
    "organization_name": lambda seat: seat.organization_name,
    "starts_at": lambda seat: _instant(seat.appointment.start_date_time),
    "ends_at": lambda seat: _instant(seat.appointment.end_date_time),
    "closes_at": lambda seat: _instant(seat.closes_at),
    **{name: _switch(name) for name in SWITCHES},
}


@dataclass(frozen=True)
class TemplateSettings(VendorSettings):
    """The template."""

    vendor: ClassVar[str] = "template"

    rooms_template: str = value(
        "for `template`: the address with placeholders", is_needed=True, is_secret=True
    )

    def check(self) -> None:
        """Raises RoomsRefused unless the template is an address with placeholders we know."""
        for found in PLACEHOLDER.findall(self.rooms_template):
            if found not in VALUES:
                known = ", ".join(f"{{{name}}}" for name in VALUES)
                raise _refused(f"has the placeholder {{{found}}}, but knows only {known}")
        if re.search(r"[{}]", PLACEHOLDER.sub("", self.rooms_template)):
            raise _refused("has a brace that belongs to no placeholder")
        check_host("rooms_template", PLACEHOLDER.sub("x", self.rooms_template))
        # Not quoted: an address may hold a key.
        if not is_address(PLACEHOLDER.sub("x", self.rooms_template), ("http", "https")):
            example = "https://rooms.example.org/{appointment_id}?name={display_name}"
            raise _refused(f"must be an http or https address such as {example}")
        if "{" in urlsplit(self.rooms_template).netloc:
            raise _refused("may have placeholders after the host and port only")

    def open(self) -> "TemplateRooms":
        """Returns rooms that fill the template."""
        return TemplateRooms(self.rooms_template)


def _refused(sentence: str) -> RoomsRefused:
    return RoomsRefused("rooms_template", sentence)


class TemplateRooms:
    """Fills the template; expresses the switches that it has placeholders for."""

    name = "template"

    def __init__(self, template: str) -> None:
        """Takes a template that TemplateSettings has accepted."""
        self._template = template
        # The device check is our join page's own work.
        self._expressed = frozenset(PLACEHOLDER.findall(template)) | {"join_screen_enabled"}

    def unsupported(self, config: dict[str, bool] | None) -> list[str]:
        """Returns the switches that are set and that the template does not name."""
        return unsupported(config, self._expressed)

    def address(self, seat: Seat) -> str:
        """Returns the template with its placeholders filled, percent-encoded."""
        place = re.search(r"[?#]", self._template)
        cut = place.start() if place else len(self._template)
        path, rest = self._template[:cut], self._template[cut:]
        segments = [_filled_segment(segment, seat) for segment in path.split("/")]
        return "/".join(segments) + _filled(rest, seat)

    async def eject(self, seat: Seat) -> None:
        """Does nothing: an address alone cannot put anybody out."""

    async def close(self) -> None:
        """Does nothing."""


def _filled(text: str, seat: Seat) -> str:
    return PLACEHOLDER.sub(lambda found: quote(VALUES[found[1]](seat), safe=""), text)


def _filled_segment(segment: str, seat: Seat) -> str:
    filled = _filled(segment, seat)
    # Browsers climb a folder at `..`, encoded or not, so no encoding keeps such a value harmless.
    climbs = filled != segment and filled in {".", ".."}
    return filled.replace(".", "_") if climbs else filled
