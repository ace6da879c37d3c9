"""The key under which a write may be sent again, and what can be wrong with it.

The header is that of draft-ietf-httpapi-idempotency-key-header: a string in quotation marks, and
the bare word that most clients send.
"""

import re

from .errors import Problem

LONGEST = 255
# A string of RFC 9651, with parameters, which mean nothing here.
PARAMETER = r'[ ]*;[ ]*[a-z*][a-z0-9_.*-]*(?:=(?:[!#-:<-~]+|"(?:[ !#-\[\]-~]|\\["\\])*"))?'
QUOTED = re.compile(rf'"((?:[ !#-\[\]-~]|\\["\\])*)"(?:{PARAMETER})*')
BARE = re.compile(r"[!#-+\--:<-\[\]-~]+")
CHARACTERS = re.compile(r"[ -~]+")
ESCAPED = re.compile(r"\\(.)")
# The longest header that can hold a key: with every character escaped, and a few parameters.
LONGEST_HEADER = 1_024


class InvalidKey(Problem):
    """The key cannot be read, is empty or too long; nothing was done."""

    def __init__(self) -> None:
        super().__init__(
            f"Give `Idempotency-Key` as one string of 1 to {LONGEST} printable ASCII characters, "
            'for instance "8e03978e-40d5-43e8-bc93-6894a57f9324".'
        )


class KeyReused(Problem):
    """The key was used for something else in the last day; nothing was done."""

    code = "idempotency_key_reused"

    def __init__(self) -> None:
        super().__init__(
            "This `Idempotency-Key` was used with another request: take a new key for a new "
            "request, and send an old one again as it was."
        )


class AnswerGone(Problem):
    """The write was made, but another release kept what it answered; nothing was done now."""

    code = "idempotency_answer_gone"

    def __init__(self) -> None:
        super().__init__(
            "This was done under the same `Idempotency-Key`, but its answer can no longer be "
            "shown: read what you need to know."
        )


class KeyInUse(Problem):
    """The first request under the key still runs; it may yet be done."""

    code = "idempotency_key_in_use"
    retry_seconds = 1

    def __init__(self) -> None:
        super().__init__(
            "A request with this `Idempotency-Key` is still running: send it again in a moment."
        )


def read_header(text: str) -> str:
    """Returns the key of a header, in quotation marks or bare; raises InvalidKey."""
    if len(text) > LONGEST_HEADER:
        raise InvalidKey
    quoted = QUOTED.fullmatch(text.strip(" \t"))
    if quoted is not None:
        return ensure_key(ESCAPED.sub(r"\1", quoted[1]))
    bare = BARE.fullmatch(text.strip(" \t"))
    if bare is None:
        raise InvalidKey
    return ensure_key(bare[0])


def ensure_key(value: object) -> str:
    """Returns a key that was given as a plain value; raises InvalidKey."""
    if not isinstance(value, str) or not 0 < len(value) <= LONGEST:
        raise InvalidKey
    if not CHARACTERS.fullmatch(value):
        raise InvalidKey
    return value
