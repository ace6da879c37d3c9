"""API tokens as text: how one is made, told from a mistyped one, and turned into its digest."""

import secrets
import zlib
from hashlib import sha256

PREFIX = "cct_"
ALPHABET = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
# 190 bits, of which the display prefix gives away 24.
RANDOM_CHARACTERS = 32
CHECKSUM_CHARACTERS = 6
# One that was taken over from elsewhere may be any text that is as long as this.
LEAST_CHARACTERS = 20
LENGTH = len(PREFIX) + RANDOM_CHARACTERS + CHECKSUM_CHARACTERS
SHOWN_CHARACTERS = 4


def mint() -> str:
    """Returns a new token: `cct_`, 32 random characters and 6 that check the others."""
    body = PREFIX + "".join(secrets.choice(ALPHABET) for _ in range(RANDOM_CHARACTERS))
    return body + _checksum(body)


def looks_minted(text: str) -> bool:
    """Whether the text claims to be a token of ours; one taken over from elsewhere does not."""
    return text.startswith(PREFIX)


def checksum_holds(text: str) -> bool:
    """Whether a text that claims to be ours can be: if not, it was mistyped or cut off."""
    if len(text) != LENGTH or not text.isascii():
        return False
    return _checksum(text[:-CHECKSUM_CHARACTERS]) == text[-CHECKSUM_CHARACTERS:]


def digest(text: str) -> str:
    """Returns what is stored of a token: its SHA-256 as 64 hexadecimal digits.

    A random text of 160 bits needs no slow hash: nobody can try them all.
    """
    return sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


def display_prefix(text: str) -> str:
    """Returns the beginning of a token, by which people tell it from others in a list."""
    shown = SHOWN_CHARACTERS + (len(PREFIX) if looks_minted(text) else 0)
    return text[:shown]


def _checksum(body: str) -> str:
    number = zlib.crc32(body.encode())
    digits = ""
    for _ in range(CHECKSUM_CHARACTERS):
        number, digit = divmod(number, len(ALPHABET))
        digits = ALPHABET[digit] + digits
    return digits
