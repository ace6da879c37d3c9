"""Access links: a participant's personal address, signed, never stored.

The payload is the participant's id and the link's version: no personal data, no time, no role, no
vendor.
"""

from binascii import b2a_base64, unhexlify
from collections.abc import Callable, Sequence
from hashlib import sha256
from typing import NamedTuple
from uuid import UUID

from .signing import PADDING, URL_SAFE, Seal

SALT = "connect.access-link"
ID_BYTES, VERSION_BYTES = 16, 4
# What a link of ours is long, with some room; nothing longer is looked at.
MAX_CHARACTERS = 128


class Invitation(NamedTuple):
    """What a good link says."""

    participant_id: str
    link_version: int


class Links:
    """Writes access links with the newest key; all keys are good for reading."""

    def __init__(self, public_url: str, keys: Sequence[str]) -> None:
        """Takes the keys newest first; raises ValueError when there is none."""
        self._seal = Seal(SALT, keys, MAX_CHARACTERS)
        # Returns the link of a participant, named by id, at a link version.
        self.url = _writer(public_url.rstrip("/").encode() + b"/join/", self._seal.newest_key)

    def read(self, token: str) -> Invitation | None:
        """Returns what the link's last part says, or None when we did not sign exactly that."""
        payload = self._seal.read(token)
        if payload is None or len(payload) != ID_BYTES + VERSION_BYTES:
            return None
        id_bytes, version = payload[:ID_BYTES], payload[ID_BYTES:]
        return Invitation(str(UUID(bytes=id_bytes)), int.from_bytes(version, "big"))


def _writer(base: bytes, key: bytes) -> Callable[[str, int], str]:
    """Returns the function that writes a link: a page of a list has sixty of them.

    It does what Signer.sign does, without its detours, over HMAC-SHA256 (RFC 2104) whose key is
    read in already: setting the key up costs three times what signing a link does.
    """
    padded = key.ljust(sha256().block_size, b"\0")
    inner, outer = (sha256(bytes(byte ^ mask for byte in padded)) for mask in (0x36, 0x5C))
    begin_inner, begin_outer = inner.copy, outer.copy

    def url(participant_id: str, link_version: int) -> str:
        id_bytes = unhexlify(participant_id.replace("-", ""))
        payload = id_bytes + link_version.to_bytes(VERSION_BYTES, "big")
        text = b2a_base64(payload).translate(URL_SAFE, PADDING)
        inner, outer = begin_inner(), begin_outer()
        inner.update(text)
        outer.update(inner.digest())
        signature = b2a_base64(outer.digest()).translate(URL_SAFE, PADDING)
        return (b"%b%b.%b" % (base, text, signature)).decode()

    return url
