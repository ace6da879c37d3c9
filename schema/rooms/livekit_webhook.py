"""LiveKit's webhooks: signed by a token that names the hash of the body.

Called by `schema.rooms.livekit`.
"""

import hmac
import json
from base64 import b64decode
from datetime import UTC, datetime
from hashlib import sha256
from typing import Any
from uuid import UUID

import jwt

from .reports import Joined, Left, WebhookRefused

LEEWAY_SECONDS = 60
# A connection that was given up before it stood ends the stay that joining began.
KINDS: dict[str, type[Joined] | type[Left]] = {
    "participant_joined": Joined,
    "participant_left": Left,
    "participant_connection_aborted": Left,
}


def read_webhook(body: bytes, authorization: str, key: str, secret: str) -> Left | Joined | None:
    """Returns what the body reports; None when it is about nobody of ours.

    Raises WebhookRefused unless the token is LiveKit's, of these minutes and for this body.
    """
    _verify(body, authorization.removeprefix("Bearer ").strip(), key, secret)
    try:
        event = json.loads(body)
        return _report(event)
    except (ValueError, KeyError, TypeError, AttributeError, OverflowError):
        # Signed, but about rooms or people of another application on the same server.
        return None


def _verify(body: bytes, token: str, key: str, secret: str) -> None:
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
    except (jwt.InvalidTokenError, KeyError, TypeError, ValueError) as error:
        raise WebhookRefused("the webhook is not signed by our LiveKit server") from error
    if not hmac.compare_digest(named, sha256(body).digest()):
        raise WebhookRefused("the webhook's body is not the one that was signed")


def _report(event: dict[str, Any]) -> Left | Joined | None:
    kind = KINDS.get(event["event"])
    if kind is None:
        return None
    return kind(
        appointment_id=_id(event["room"]["name"]),
        participant_id=_id(event["participant"]["identity"]),
        at=datetime.fromtimestamp(int(event["createdAt"]), UTC),
        event_id=str(event["id"]),
    )


def _id(text: str) -> str:
    found = str(UUID(text))
    if found != text:
        raise ValueError("not written the way our ids are")
    return found
