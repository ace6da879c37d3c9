"""Access links: a participant's personal address, signed, never stored.

Drawn into answers by both faces.
"""

import hmac
from base64 import urlsafe_b64encode
from collections.abc import Sequence
from hashlib import sha256
from typing import Any
from uuid import UUID

from itsdangerous import Signer
from itsdangerous.signer import SigningAlgorithm

SALT = "connect.access-link"


class OneShotHmac(SigningAlgorithm):
    """HMAC-SHA256 in one call of the standard library: a page draws sixty links."""

    def get_signature(self, key: bytes, value: bytes) -> bytes:
        """Returns the signature of `value`, 32 bytes."""
        return hmac.digest(key, value, "sha256")


class Links:
    """Writes access links with the newest key; all keys are good for reading."""

    def __init__(self, public_url: str, keys: Sequence[str]) -> None:
        if not keys:
            raise ValueError("access links need at least one secret key")
        self._base = public_url.rstrip("/") + "/join/"
        # Derived once: a link must not be forgeable with a key that leaks from another use.
        derived: list[Any] = [sha256(f"{SALT}:{key}".encode()).digest() for key in reversed(keys)]
        self._signer = Signer(derived, algorithm=OneShotHmac(), key_derivation="none")

    def url(self, participant_id: str, link_version: int) -> str:
        """Returns the link of a participant at a link version."""
        payload = UUID(participant_id).bytes + link_version.to_bytes(4, "big")
        text = urlsafe_b64encode(payload).rstrip(b"=")
        return self._base + self._signer.sign(text).decode()
