"""Vendor tokens: minted at the moment of joining, good for minutes, signed with HS256."""

from datetime import timedelta
from typing import Any

from .seat import Seat

LIFETIME = timedelta(minutes=10)
# A page that is slow to load at the very end of the window still gets in.
TAIL = timedelta(minutes=1)


def times(seat: Seat, skew: timedelta = timedelta(0)) -> dict[str, int]:
    """Returns `nbf` and `exp`: from now, less `skew`, for ten minutes at most.

    Never beyond the end of the link's window and its small tail.
    """
    # Spans are compared, not instants: the window of the last appointment ends with the calendar.
    good_for = min(LIFETIME, seat.closes_at - seat.now + TAIL)
    return {
        "nbf": int((seat.now - skew).timestamp()),
        "exp": int((seat.now + good_for).timestamp()),
    }


def load() -> None:
    """Imports what signs: when the rooms are opened, not while the first person joins."""
    import jwt  # noqa: F401


def sign(claims: dict[str, Any], secret: str) -> str:
    """Returns the token that carries the claims."""
    import jwt

    return jwt.encode(claims, secret, algorithm="HS256")
