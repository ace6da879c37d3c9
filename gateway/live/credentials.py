"""The token in the payload of `connection_init`: browsers send no headers of their own."""

from typing import Any

from schema.operation.arrival import Arrival, Stranger

from .protocol import FORBIDDEN, Closing, malformed

# What a payload may call it, and how it is then read.
NAMES = {"authorization": b"authorization", "x-api-key": b"x-api-key", "token": b"authorization"}
MISSING = 'Send your token with connection_init: {"Authorization": "Bearer …"}.'


def headers_of(payload: dict[str, Any]) -> list[tuple[bytes, bytes]]:
    """Returns the payload's token as headers, which hold none when it has none.

    Raises Closing with 4400 when it is not a string.
    """
    found = []
    for name, value in payload.items():
        header = NAMES.get(name.lower())
        if header is None or value is None:
            continue
        if not isinstance(value, str):
            raise malformed(f"Give `payload.{name}` as a string.")
        text = value.strip()
        if header == b"authorization" and len(text.split()) == 1:
            text = f"Bearer {text}"
        if text:
            found.append((header, text.encode(errors="replace")))
    return found


async def identified(scope: Any, payload: dict[str, Any]) -> Arrival:
    """Returns who opens the connection: by the payload, else by the handshake's headers.

    Raises Closing with 4403 for nobody that is known, DatabaseUnavailable.
    """
    headers = headers_of(payload)
    arrival: Arrival = scope["connect.arrival"]
    if headers:
        arrival = await scope["connect.identify"](headers)
    if isinstance(arrival.caller, Stranger):
        is_missing = arrival.caller.reason == "missing"
        raise Closing(FORBIDDEN, MISSING if is_missing else arrival.caller.message)
    return arrival
