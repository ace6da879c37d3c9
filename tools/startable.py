"""What would keep the service from starting, said before a minute is spent on installing it.

Uses the standard library only, as the modules of the service do that it imports.
"""

from collections.abc import Sequence
from itertools import pairwise


class CannotStart(Exception):
    """The service could not start; the message is one line."""


class WrongSettings(CannotStart):
    """A setting is wrong."""


def ensure_startable(arguments: Sequence[str]) -> None:
    """Reads the settings and tries the port; raises CannotStart.

    Passes over whatever only the service itself can tell.
    """
    try:
        from gateway.serving.listening import CannotListen, listen
        from gateway.settings import WrongSetting, read_settings
    except ImportError:
        return
    try:
        settings = read_settings()
        host, port = given(arguments, settings.host, settings.port)
        listen(host, port).close()
    except WrongSetting as wrong:
        raise WrongSettings(str(wrong)) from wrong
    except CannotListen as problem:
        raise CannotStart(str(problem)) from problem
    except (ImportError, ValueError, OverflowError):
        return


def given(arguments: Sequence[str], host: str, port: int) -> tuple[str, int]:
    """Returns where `run` is told to listen by its arguments, else by the settings."""
    words = [word for each in arguments for word in each.split("=", 1)]
    named = dict(pairwise(words))
    return named.get("--host", host), int(named.get("--port", port))
