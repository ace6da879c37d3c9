"""What is brought from one seat to others, also to those of other processes."""

from typing import NamedTuple

ALL = "*"
# What processes say to each other besides: read the roster again; tell me what your seats show.
LOOK, HELLO, STATE = "look", "hello", "state"
RELAYED = frozenset({"signal", "chat", "mute"})


class Parcel(NamedTuple):
    """Something from one seat, to another or to `ALL`; `body` is what a socket is told.

    Of a `state` it is what is shown, as JSON.
    """

    kind: str
    sender: str
    to: str
    body: str


def packed(parcel: Parcel) -> bytes:
    """Returns a parcel as it stands in the database."""
    return f"{parcel.kind} {parcel.sender} {parcel.to}\n{parcel.body}".encode()


def unpacked(payload: bytes) -> Parcel | None:
    """Reads a parcel; None for one of another release, which this one does not know."""
    head, _, body = payload.decode(errors="replace").partition("\n")
    words = head.split(" ")
    return Parcel(words[0], words[1], words[2], body) if len(words) == 3 else None
