"""LiveKit's webhooks: signed by a token that names the hash of the body."""

import hmac
from base64 import b64decode
from datetime import UTC, datetime
from hashlib import sha256
from typing import Any
from uuid import UUID

from ..decoding import MalformedJson, decode
from .reports import DeviceJoined, DeviceLeft, WebhookMalformed, WebhookRefused

LEEWAY_SECONDS = 60
# Whole seconds since 1970, before the year 9999: what a clock can show.
LAST_SECOND = 253_370_764_799
# A connection that was given up before it stood ends the stay that joining began.
KINDS: dict[str, type[DeviceJoined] | type[DeviceLeft]] = {
    "participant_joined": DeviceJoined,
    "participant_left": DeviceLeft,
    "participant_connection_aborted": DeviceLeft,
}


def read_webhook(
    body: bytes, authorization: str, key: str, secret: str
) -> DeviceLeft | DeviceJoined | None:
    """Returns what the body reports; None when it is about nobody of ours.

    Raises WebhookRefused unless the token is LiveKit's, of these minutes and for this body;
    WebhookMalformed when the body is not JSON, or gives no usable time or id.
    """
    _verify(body, authorization.removeprefix("Bearer ").strip(), key, secret)
    try:
        return _report(decode(body))
    except MalformedJson as error:
        raise WebhookMalformed(error.message) from None
    except (ValueError, KeyError, TypeError, AttributeError):
        # Signed, but about rooms or people of another application on the same server.
        return None


def _verify(body: bytes, token: str, key: str, secret: str) -> None:
    import jwt

    try:
        claims = jwt.decode(
            token,
            secret,
            algorithms=["HS256"],
            issuer=key,
            leeway=LEEWAY_SECONDS,
            options={"require": ["exp", "iss"]},
        )
        named = b64decode(claims["sha256"], validate=True)
    except (jwt.InvalidTokenError, KeyError, TypeError, ValueError, RecursionError) as error:
        # RecursionError: the token's own header is read before its signature.
        raise WebhookRefused("the webhook is not signed by our LiveKit server") from error
    if not hmac.compare_digest(named, sha256(body).digest()):
        raise WebhookRefused("the webhook's body is not the one that was signed")


def _report(event: dict[str, Any]) -> DeviceLeft | DeviceJoined | None:
    kind = KINDS.get(event["event"])
    if kind is None:
        return None
    at, event_id = _instant(event.get("createdAt")), _event_id(event.get("id"))
    room, identity = event["room"]["name"], event["participant"]["identity"]
    return kind(_id(room), _id(identity), at, event_id)


def _instant(created_at: Any) -> datetime:
    """The time of the event, which Protobuf writes as a number or as text."""
    text = str(created_at) if type(created_at) in (int, str) else ""
    if not (text.isascii() and text.isdigit()) or not 0 < int(text[:20]) <= LAST_SECOND:
        raise WebhookMalformed("`createdAt` is not a time in whole seconds")
    return datetime.fromtimestamp(int(text), UTC)


def _event_id(id: Any) -> str:
    if not isinstance(id, str) or not id or not id.isascii():
        raise WebhookMalformed("`id` does not name the event")
    return id


def _id(text: str) -> str:
    found = str(UUID(text))
    if found != text:
        raise ValueError("not written the way our ids are")
    return found
