"""Signed texts of ours, safe in URLs, never stored: a payload, a dot, its signature."""

import hmac
from base64 import urlsafe_b64decode
from binascii import Error as NotBase64
from binascii import b2a_base64
from collections.abc import Sequence
from hashlib import sha256
from typing import Any

from itsdangerous import BadSignature, Signer
from itsdangerous.signer import SigningAlgorithm

URL_SAFE, PADDING = bytes.maketrans(b"+/", b"-_"), b"=\n"


class OneShotHmac(SigningAlgorithm):
    """HMAC-SHA256 in one call of the standard library."""

    def get_signature(self, key: bytes, value: bytes) -> bytes:
        """Returns the signature of `value`, 32 bytes."""
        return hmac.digest(key, value, "sha256")


class Seal:
    """Signs with the newest key; all keys are good for reading.

    The keys of each use have a salt of their own: what leaks from one use forges nothing of
    another.
    """

    def __init__(self, salt: str, keys: Sequence[str], most_characters: int) -> None:
        """Takes the keys newest first; raises ValueError when there is none."""
        if not keys:
            raise ValueError("signed texts need at least one secret key")
        # Derived once.
        derived: list[Any] = [sha256(f"{salt}:{key}".encode()).digest() for key in reversed(keys)]
        self._signer = Signer(derived, algorithm=OneShotHmac(), key_derivation="none")
        self._most_characters = most_characters
        self.newest_key: bytes = derived[-1]

    def write(self, payload: bytes) -> str:
        """Returns the payload with its signature."""
        return self._signer.sign(encoded(payload)).decode()

    def read(self, text: str) -> bytes | None:
        """Returns the payload, or None when we did not sign exactly that."""
        if len(text) > self._most_characters or not text.isascii():
            return None
        try:
            part = self._signer.unsign(text)
            payload = urlsafe_b64decode(part + b"=" * (-len(part) % 4))
        except (BadSignature, NotBase64, ValueError):
            return None
        # Base64 lets the last character of a part vary in bits that carry nothing.
        return payload if encoded(payload) == part and _is_canonical(text) else None


def encoded(part: bytes) -> bytes:
    """Returns bytes in the URL-safe alphabet of base64, without padding."""
    return b2a_base64(part).translate(URL_SAFE, PADDING)


def _is_canonical(text: str) -> bool:
    signature = text.rpartition(".")[2].encode()
    return encoded(urlsafe_b64decode(signature + b"=" * (-len(signature) % 4))) == signature
