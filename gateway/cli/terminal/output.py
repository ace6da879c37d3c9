"""Standard output and standard error; what cannot be written is never passed over in silence."""

import errno
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from io import TextIOWrapper

from . import colour


class OutputLost(Exception):
    """Standard output is closed or full; the message is one line that says so.

    `done` is what the command has done all the same; None when it has changed nothing.
    """

    def __init__(self, reason: str, *, is_closed: bool = False, done: str | None = None) -> None:
        super().__init__(f"standard output could not be written: {reason}")
        self.reason = reason
        self.is_closed = is_closed
        self.done = done


def answer(line: str) -> None:
    """Writes one line to standard output; raises OutputLost."""
    write(f"{line}\n")


def write(text: str) -> None:
    """Writes text to standard output; raises OutputLost, at the latest when it is flushed."""
    if sys.stdout is None:
        raise OutputLost("it was closed from the start")
    try:
        sys.stdout.write(text)
    except OSError as error:
        raise _lost(error) from error


def flush() -> None:
    """Has everything written that was answered so far; raises OutputLost."""
    if sys.stdout is None:
        return
    try:
        sys.stdout.flush()
    except OSError as error:
        raise _lost(error) from error


@contextmanager
def mentioning(done: str) -> Iterator[None]:
    """Has what the block answers written at once; OutputLost then says what was done already."""
    try:
        yield
        flush()
    except OutputLost as lost:
        raise OutputLost(lost.reason, is_closed=lost.is_closed, done=done) from lost


def give_up(lost: OutputLost) -> int:
    """Says what was lost, and returns the exit status.

    A reader who has read enough, as `head` does, is no failure where nothing was done.
    """
    abandon()
    if lost.is_closed and lost.done is None:
        return 0
    complain(f"{lost}; {lost.done}" if lost.done else str(lost))
    return 1


def abandon() -> None:
    """Lets the end of the process not try once more to write what could not be written."""
    sys.stdout = None


def remark(line: str) -> None:
    """Writes one line to standard error, if anybody reads it."""
    _write_to_stderr("connect:", line)


def complain(line: str) -> None:
    """Writes one line about what went wrong to standard error, if anybody reads it."""
    _write_to_stderr(colour.alarming("connect:", sys.stderr), line)


def _write_to_stderr(prefix: str, line: str) -> None:
    with suppress(OSError, ValueError, AttributeError):  # full, closed later, closed from the start
        sys.stderr.write(f"{prefix} {line}\n")


def clear() -> None:
    """Clears the line of a terminal, on which progress may stand that was interrupted."""
    with suppress(OSError, ValueError, AttributeError):
        if sys.stderr.isatty():
            sys.stderr.write("\r\x1b[K")


def prepare() -> None:
    """Lets no character be an obstacle, nor a stream that is closed from the start.

    What an encoding lacks is shown as an escape. A file that is opened must not get the number of a
    standard stream: what is meant for that would be written into it.
    """
    for number in range(3):
        try:
            os.fstat(number)
        except OSError:
            os.open(os.devnull, os.O_RDWR)
    if sys.stderr is None:
        sys.stderr = open(2, "w", closefd=False)  # noqa: SIM115  (a descriptor, for good)
    if isinstance(sys.stdout, TextIOWrapper):
        sys.stdout.reconfigure(errors="backslashreplace")
    if isinstance(sys.stdin, TextIOWrapper):
        sys.stdin.reconfigure(errors="surrogateescape")


def _lost(error: OSError) -> OutputLost:
    return OutputLost(error.strerror or str(error), is_closed=error.errno == errno.EPIPE)
