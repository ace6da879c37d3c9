"""Tokens that are read from standard input: without an echo on a terminal, bounded elsewhere."""

import sys
from getpass import getpass

from .database import Unusable
from .terminal.output import remark

MOST_CHARACTERS = 1 << 20


def is_terminal() -> bool:
    """Whether a person types at standard input."""
    return sys.stdin is not None and sys.stdin.isatty()


def line() -> str:
    """Asks for one secret, or reads what is piped in; raises Unusable when there is none."""
    text = _asked() if is_terminal() else _read()
    if not text.strip():
        raise Unusable("standard input holds no token: give one line with the whole token")
    return text.strip()


def _asked() -> str:
    try:
        return getpass("The whole token (it is not shown): ")
    except EOFError:
        return ""


def lines(invitation: str) -> list[str]:
    """Reads all lines; raises Unusable when there is none, or more than a MiB."""
    if is_terminal():
        remark(invitation)
    text = _read()
    if not text.strip():
        raise Unusable("standard input holds no token: give one in each line")
    return text.split("\n")


def _read() -> str:
    text = "" if sys.stdin is None else sys.stdin.read(MOST_CHARACTERS + 1)
    if len(text) > MOST_CHARACTERS:
        raise Unusable(
            f"standard input holds more than {MOST_CHARACTERS >> 20} MiB: give it in parts"
        )
    return text
