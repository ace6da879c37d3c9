"""What ends a process before it serves: obeyed from the first line on, also as the first process.

Imports next to nothing, because it comes before everything else.
"""

import os
import signal
import sys
from types import FrameType
from typing import Any

# When it is raised again, after Python has ignored it.
AGAIN_SECONDS = 0.01
ENDING = (signal.SIGTERM,) if sys.platform == "win32" else (signal.SIGTERM, signal.SIGHUP)


class Ended(SystemExit):
    """A signal asked this process to end; its code is the exit status, 128 more than the signal."""


def obey() -> None:
    """Lets SIGTERM and SIGHUP end this process in order from now on, by raising Ended.

    The kernel drops signals that a first process (PID 1) has no handler for. Whoever asks a second
    time does not wait for anything.
    """
    for number in ENDING:
        # `nohup` ignores the end of the terminal, which is to stay so.
        if number == signal.SIGTERM or signal.getsignal(number) != signal.SIG_IGN:
            signal.signal(number, _end)
    if sys.platform != "win32":
        sys.unraisablehook = _hear_of_ignored
        # The launcher keeps them back while one Python gives way to the next.
        signal.pthread_sigmask(signal.SIG_UNBLOCK, ENDING)


def behind(error: BaseException) -> Ended | None:
    """Returns the Ended that an error was made of, as Python does while a class is created."""
    cause: BaseException | None = error
    while cause is not None and not isinstance(cause, Ended):
        cause = cause.__cause__
    return cause


def _end(number: int, frame: FrameType | None) -> None:
    for each in ENDING:
        signal.signal(each, _end_at_once)
    raise Ended(128 + number)


def _end_at_once(number: int, frame: FrameType | None) -> None:
    os._exit(128 + number)


def _hear_of_ignored(ignored: Any) -> None:
    """Raises Ended again where Python ignored it, as in callbacks of weak references."""
    if not isinstance(ignored.exc_value, Ended):
        sys.__unraisablehook__(ignored)
        return
    code = ignored.exc_value.code

    def raise_again(number: int, frame: FrameType | None) -> None:
        raise Ended(code)

    signal.signal(signal.SIGALRM, raise_again)
    signal.setitimer(signal.ITIMER_REAL, AGAIN_SECONDS)
