"""Access links: a participant's personal address, signed, never stored.

Drawn into answers by both faces, read by `schema.resolvers.joining`. The payload is the
participant's id and the link's version: no personal data, no time, no role, no vendor.
"""

import hmac
from base64 import urlsafe_b64decode
from binascii import Error as NotBase64
from binascii import b2a_base64
from collections.abc import Sequence
from hashlib import sha256
from typing import Any, NamedTuple
from uuid import UUID

from itsdangerous import BadSignature, Signer
from itsdangerous.signer import SigningAlgorithm

SALT = "connect.access-link"
ID_BYTES, VERSION_BYTES = 16, 4
URL_SAFE = bytes.maketrans(b"+/", b"-_")
# What a link of ours is long, with some room; nothing longer is looked at.
MAX_CHARACTERS = 128


class OneShotHmac(SigningAlgorithm):
    """HMAC-SHA256 in one call of the standard library."""

    def get_signature(self, key: bytes, value: bytes) -> bytes:
        """Returns the signature of `value`, 32 bytes."""
        return hmac.digest(key, value, "sha256")


class Invitation(NamedTuple):
    """What a good link says."""

    participant_id: str
    link_version: int


class Links:
    """Writes access links with the newest key; all keys are good for reading."""

    def __init__(self, public_url: str, keys: Sequence[str]) -> None:
        """Takes the keys newest first; raises ValueError when there is none."""
        if not keys:
            raise ValueError("access links need at least one secret key")
        self._base = public_url.rstrip("/").encode() + b"/join/"
        # Derived once: a link must not be forgeable with a key that leaks from another use.
        derived: list[Any] = [sha256(f"{SALT}:{key}".encode()).digest() for key in reversed(keys)]
        self._inner, self._outer = _begun(derived[-1])
        self._signer = Signer(derived, algorithm=OneShotHmac(), key_derivation="none")

    def url(self, participant_id: str, link_version: int) -> str:
        """Returns the link of a participant at a link version."""
        id_bytes = bytes.fromhex(participant_id.replace("-", ""))
        text = _written(id_bytes + link_version.to_bytes(VERSION_BYTES, "big"))
        # What Signer.sign does, without its detours: a page of a list draws sixty links.
        inner, outer = self._inner.copy(), self._outer.copy()
        inner.update(text)
        outer.update(inner.digest())
        link = b"%b%b.%b" % (self._base, text, _written(outer.digest()))
        return link.decode()

    def read(self, token: str) -> Invitation | None:
        """Returns what the link's last part says, or None when we did not sign exactly that."""
        if len(token) > MAX_CHARACTERS or not token.isascii():
            return None
        try:
            text = self._signer.unsign(token)
            payload = urlsafe_b64decode(text + b"=" * (-len(text) % 4))
        except (BadSignature, NotBase64, ValueError):
            return None
        # Base64 lets the last character of a part vary in bits that carry nothing.
        if len(payload) != ID_BYTES + VERSION_BYTES or _written(payload) != text:
            return None
        if not self._is_canonical(token):
            return None
        id_bytes, version = payload[:ID_BYTES], payload[ID_BYTES:]
        return Invitation(str(UUID(bytes=id_bytes)), int.from_bytes(version, "big"))

    @staticmethod
    def _is_canonical(token: str) -> bool:
        signature = token.rpartition(".")[2].encode()
        return _written(urlsafe_b64decode(signature + b"=" * (-len(signature) % 4))) == signature


def _begun(key: bytes) -> tuple[Any, Any]:
    """The two halves of HMAC-SHA256 (RFC 2104) with a key read in: each link goes on from here.

    Setting the key up costs three times what signing a link does.
    """
    padded = key.ljust(sha256().block_size, b"\0")
    inner, outer = (bytes(byte ^ mask for byte in padded) for mask in (0x36, 0x5C))
    return sha256(inner), sha256(outer)


def _written(part: bytes) -> bytes:
    return b2a_base64(part, newline=False).translate(URL_SAFE, b"=\n")
