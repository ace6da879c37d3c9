"""graphql-transport-ws: its messages, parsed strictly, and its close codes."""

from typing import Any, NamedTuple

import orjson

from rest.wire.answer import render
from schema.decoding import MalformedJson, decode

SUBPROTOCOL = "graphql-transport-ws"
BAD_REQUEST = 4400
UNAUTHORIZED = 4401
FORBIDDEN = 4403
NO_SUBPROTOCOL = 4406
INIT_TIMEOUT = 4408
SUBSCRIBER_EXISTS = 4409
TOO_MANY = 4429

LONGEST_ID = 255
# A frame that closes holds no more.
MOST_REASON_BYTES = 123

ACK = '{"type":"connection_ack"}'
PONG = '{"type":"pong"}'
WITH_ID = frozenset({"subscribe", "complete"})
TYPES = WITH_ID | {"connection_init", "ping", "pong"}
# What a subscribe message may hold, as the protocol has it.
PAYLOAD = {
    "query": str,
    "operationName": str,
    "variables": dict,
    "extensions": dict,
}
NAMES = {str: "a string", dict: "an object"}


class Closing(Exception):
    """The socket is closed with this code and reason."""

    def __init__(self, code: int, reason: str) -> None:
        super().__init__(reason)
        self.code = code
        self.reason = reason

    @property
    def brief(self) -> str:
        """The reason, cut to what fits into a closing frame."""
        # It may quote an `id` with a lone surrogate, which JSON carries and UTF-8 does not.
        return self.reason.encode(errors="replace")[:MOST_REASON_BYTES].decode(errors="ignore")


class Left(Exception):
    """The client has closed the socket with this code, or is gone."""

    def __init__(self, code: int) -> None:
        super().__init__(code)
        self.code = code


class Message(NamedTuple):
    """A message of a client; `id` is empty where the type has none."""

    type: str
    id: str
    payload: dict[str, Any]
    # In characters, of the whole message.
    size: int


def read(text: str) -> Message:
    """Reads a message; raises Closing with 4400 for anything that the protocol does not know."""
    try:
        data = decode(text.encode(errors="surrogatepass"))
    except MalformedJson as error:
        raise malformed(f"Not JSON: {error.message}") from None
    if not isinstance(data, dict):
        raise malformed("Send each message as a JSON object.")
    type, id, payload = data.get("type"), data.get("id", ""), data.get("payload")
    if not isinstance(type, str) or type not in TYPES:
        raise malformed(f"Give `type` as one of {', '.join(sorted(TYPES))}.")
    if type in WITH_ID:
        _ensure_id(id)
    if payload is not None and not isinstance(payload, dict):
        raise malformed("Give `payload` as an object.")
    if type == "subscribe":
        _ensure_request(payload)
    return Message(type, id if type in WITH_ID else "", payload or {}, len(text))


def malformed(reason: str) -> Closing:
    """Returns the closing for a message that is not one of the protocol."""
    return Closing(BAD_REQUEST, reason)


def _ensure_id(id: Any) -> None:
    if not isinstance(id, str) or not 0 < len(id) <= LONGEST_ID:
        raise malformed(f"Give `id` as a string of 1 to {LONGEST_ID} characters.")


def _ensure_request(payload: dict[str, Any] | None) -> None:
    if payload is None:
        raise malformed("Give `payload` with the operation.")
    for name, kind in PAYLOAD.items():
        value = payload.get(name)
        if value is not None and not isinstance(value, kind):
            raise malformed(f"Give `payload.{name}` as {NAMES[kind]}.")


def pong(payload: dict[str, Any]) -> str:
    """Returns the answer to a ping, with what it carried."""
    return _text({"type": "pong", "payload": payload}) if payload else PONG


def next_result(id: str, response: dict[str, Any]) -> str:
    """Returns the message with the result of an operation, or of one event."""
    return _text({"id": id, "type": "next", "payload": response})


def errors(id: str, errors: list[dict[str, Any]]) -> str:
    """Returns the message that ends an operation which cannot be executed."""
    return _text({"id": id, "type": "error", "payload": errors})


def complete(id: str) -> str:
    """Returns the message that ends an operation."""
    return _text({"id": id, "type": "complete"})


def _text(message: dict[str, Any]) -> str:
    # Text and not bytes: clients in browsers cannot read binary frames.
    try:
        return orjson.dumps(message, option=orjson.OPT_UTC_Z).decode()
    except TypeError:
        return render(message, 0).decode()
