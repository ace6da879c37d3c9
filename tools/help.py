"""Explains the commands of a checkout from its documents: nothing is installed, run or written.

Uses the standard library only.
"""

import difflib
import errno
import re
import sys
from collections.abc import Collection, Sequence
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
PAGE = ROOT / "docs" / "command-line.md"
ASKING = ("-h", "--help")
# It explains itself.
ELSEWHERE = ("build",)


def answer(arguments: Sequence[str], usage: str, names: Collection[str]) -> int | None:
    """Explains what was asked for and returns the exit status; None when a command is to be run."""
    first = arguments[0] if arguments else ""
    words, asks = _words(arguments)
    if first == "--version":
        from gateway.version import VERSION

        return show(f"connect {VERSION}\n")
    if first in ("help", *ASKING):
        return show((_page(words[1:]) if first == "help" else None) or usage)
    if not first:
        sys.stderr.write(usage)
        return 2
    if first not in names:
        sys.stderr.write(f"connect: {_unknown(first, names)}\n")
        return 2
    if not asks or first in ELSEWHERE:
        return None
    return show(_page(words) or usage)


def show(text: str) -> int:
    """Writes to standard output; returns the exit status, which is 1 where it is full or closed."""
    try:
        if sys.stdout is None:
            raise OSError(errno.EBADF, "it was closed from the start")
        sys.stdout.write(text)
        sys.stdout.flush()
    except OSError as problem:
        sys.stdout = None  # The end of the process would try once more.
        if isinstance(problem, BrokenPipeError):
            return 0  # A reader who has read enough.
        sys.stderr.write(f"connect: standard output could not be written: {problem.strerror}\n")
        return 1
    return 0


def _words(arguments: Sequence[str]) -> tuple[list[str], bool]:
    """Returns the words before any option, and whether an explanation is asked for."""
    given = list(arguments[: arguments.index("--")] if "--" in arguments else arguments)
    first = next((place for place, each in enumerate(given) if each.startswith("-")), len(given))
    return given[:first], bool(set(ASKING) & set(given))


def _page(words: Sequence[str]) -> str | None:
    """Returns what the manual says about the longest command that the words begin with."""
    manual = PAGE.read_text(encoding="utf-8")
    for length in range(len(words), 0, -1):
        name = re.escape(" ".join(words[:length]))
        found = re.search(rf"^## connect {name}\n\n```text\n(.*?)```$", manual, re.M | re.S)
        if found:
            return re.sub(r"^(Usage: |  )connect\b", r"\1./connect", found[1], flags=re.M)
    return None


def _unknown(name: str, names: Collection[str]) -> str:
    what = "option" if name.startswith("-") else "command"
    near = difflib.get_close_matches(name, [*names, "help", "--help", "--version"], n=1)
    meant = f": did you mean {near[0]!r}? See" if near else "; see"
    return f"there is no {what} {name!r}{meant} `./connect --help`"
