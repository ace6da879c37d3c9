"""What clients may say in the room: parsed strictly, and nothing that is too long."""

import re
from typing import Annotated, Any, Literal, TypeVar

import orjson
from pydantic import BaseModel, ConfigDict, Field, StringConstraints, TypeAdapter, ValidationError

from schema.decoding import MalformedJson, decode

from .over import malformed

# Of a message, in characters; a frame of more bytes than the first does not get here.
MOST_CHARACTERS = 65_536
MOST_BUT_SIGNALS = 16_384
# Before it is known who sends it: parsing one of 64 KiB takes milliseconds.
MOST_FROM_STRANGERS = 4_096
LONGEST_CHAT = 2_000
MOST_SEATS_NAMED = 50
ALL: Literal["all"] = "all"
# What JSON can say and nobody can be sent: half a character, a number of more than 64 bits.
UNSENDABLE = re.compile(r"\\u[dD]|[0-9]{19}")

T = TypeVar("T")
SeatId = Annotated[str, StringConstraints(min_length=1, max_length=64)]
Credential = Annotated[str, StringConstraints(min_length=1, max_length=2_048)]


class Said(BaseModel):
    """A message of a client; keys that the protocol does not know are refused."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)


class Enter(Said):
    """The first message of somebody new."""

    type: Literal["enter"]
    ticket: Credential


class Resume(Said):
    """The first message of somebody who comes back."""

    type: Literal["resume"]
    seat: SeatId
    key: Credential


class Signal(Said):
    """What one browser tells another to connect; nobody here reads it."""

    type: Literal["signal"]
    to: SeatId
    data: Annotated[dict[str, Any], Field(min_length=1, max_length=8)]


class Shown(Said):
    """What others are shown of a person; what is not named stays as it is."""

    microphone: bool | None = None
    camera: bool | None = None
    screen: bool | None = None
    hand: bool | None = None


class State(Said):
    """Something about the person has changed."""

    type: Literal["state"]
    state: Shown


class Chat(Said):
    """A line for everybody."""

    type: Literal["chat"]
    text: Annotated[str, StringConstraints(min_length=1, max_length=LONGEST_CHAT)]


class Plain(Said):
    """A message that says it all by its type."""

    type: Literal["leave", "ping", "end"]


class Admit(Said):
    """A moderator lets people in."""

    type: Literal["admit"]
    seats: (
        Literal["all"] | Annotated[list[SeatId], Field(min_length=1, max_length=MOST_SEATS_NAMED)]
    )


class Mute(Said):
    """A moderator asks somebody, or everybody else, to be silent."""

    type: Literal["mute"]
    seat: SeatId


class Remove(Said):
    """A moderator puts somebody out."""

    type: Literal["remove"]
    seat: SeatId


First = Enter | Resume
Message = Signal | State | Chat | Plain | Admit | Mute | Remove
_FIRST: TypeAdapter[First] = TypeAdapter(Annotated[First, Field(discriminator="type")])
_MESSAGE: TypeAdapter[Message] = TypeAdapter(Annotated[Message, Field(discriminator="type")])


def read_first(text: str) -> First:
    """Reads the message that a socket begins with; raises Over for any other."""
    _ensure_short(text, MOST_FROM_STRANGERS)
    return _read(_FIRST, text)


def read(text: str) -> Message:
    """Reads a message; raises Over for anything that the protocol does not know."""
    _ensure_short(text, MOST_CHARACTERS)
    message = _read(_MESSAGE, text)
    if message.type != "signal":
        _ensure_short(text, MOST_BUT_SIGNALS)
    return message


def _ensure_short(text: str, most: int) -> None:
    if len(text) > most:
        raise malformed(f"Send at most {most} characters in this message.")


def _read(adapter: TypeAdapter[T], text: str) -> T:
    try:
        found = decode(text.encode())
        if UNSENDABLE.search(text):
            orjson.dumps(found)
        return adapter.validate_python(found)
    except MalformedJson as error:
        raise malformed(f"Not JSON: {error.message}") from None
    except ValidationError as error:
        raise malformed(_sentence(error)) from None
    except TypeError:
        raise malformed("Send no lone surrogates, and no numbers of more than 64 bits.") from None


def _sentence(error: ValidationError) -> str:
    first = error.errors(include_url=False, include_context=False, include_input=False)[0]
    place = ".".join(str(each) for each in first["loc"][:4])[:60]
    return f"{place}: {first['msg'][:120]}".removeprefix(": ")
