"""`none`: people stay on the join page, and the organizer connects them."""

from dataclasses import dataclass
from typing import ClassVar

from .seat import Seat, unsupported
from .vendor import VendorSettings


@dataclass(frozen=True)
class NoSettings(VendorSettings):
    """Nothing to set."""

    vendor: ClassVar[str] = "none"

    def open(self) -> "NoRooms":
        """Returns rooms that lead nowhere."""
        return NoRooms()


class NoRooms:
    """No room service; no switch but that of our own page means anything where nobody opens one."""

    name = "none"

    def unsupported(self, config: dict[str, bool] | None) -> list[str]:
        """Returns every switch that is set, but for the device check: the join page does that."""
        return unsupported(config, frozenset({"join_screen_enabled"}))

    def address(self, seat: Seat) -> None:
        """Returns None: the join page is where joining ends."""

    async def eject(self, seat: Seat) -> None:
        """Does nothing: the dead link alone keeps the person off the join page."""

    async def close(self) -> None:
        """Does nothing."""
