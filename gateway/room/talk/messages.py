"""What the server says in the room, as text frames."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

import orjson

PONG = '{"type":"pong"}'
Fields = Mapping[str, Any]


def text(type: str, **fields: Any) -> str:
    """Returns a message; times are written in UTC."""
    # Text and not bytes: browsers would be handed a Blob.
    return orjson.dumps({"type": type, **fields}, option=orjson.OPT_UTC_Z).decode()


def over(code: str, message: str) -> str:
    """Returns the last word before a close."""
    return text("over", code=code, message=message)


def problem(code: str, message: str) -> str:
    """Returns what went wrong where the socket stays open."""
    return text("problem", code=code, message=message)


def signal(sender: str, data: Fields) -> str:
    """Returns what one browser tells another."""
    return text("signal", **{"from": sender}, data=data)


def state(sender: str, shown: Fields) -> str:
    """Returns what others are now shown of a person."""
    return text("state", **{"from": sender}, state=shown)


def chat(sender: str, name: str, role: str, line: str, at: datetime) -> str:
    """Returns a line for everybody."""
    return text("chat", **{"from": sender}, name=name, role=role, text=line, at=at)


def mute(by: str) -> str:
    """Returns a moderator's request to be silent."""
    return text("mute", by=by)


def waiting(seat: str, key: str) -> str:
    """Returns the news that a moderator has to let the person in."""
    return text("waiting", you=seat, key=key)


def came(person: Fields) -> str:
    """Returns the news of somebody who entered."""
    return text("came", person=person)


def went(seat: str, reason: str) -> str:
    """Returns the news of somebody who is no longer in the room."""
    return text("went", seat=seat, reason=reason)


def absent(seat: str, is_absent: bool) -> str:
    """Returns whether somebody's connection is lost at the moment."""
    return text("absent", seat=seat, is_absent=is_absent)


def changed(person: Fields) -> str:
    """Returns somebody's new name or role."""
    return text("changed", person=person)


def knocks(people: Iterable[Fields]) -> str:
    """Returns who waits, for moderators."""
    return text("knocks", waiting=list(people))
