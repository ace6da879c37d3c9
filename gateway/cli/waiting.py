"""Waits for the server of a database that is away at the start: containers start in any order."""

import time

from db import migrate
from db.engine import DatabaseUnavailable, ServerAway
from db.location import Server

from ..settings import Settings
from .database import Unusable
from .terminal.output import remark

PAUSE_SECONDS = 0.5


def wait_for_server(settings: Settings) -> None:
    """Returns once a server answers, or says why it does not let us in; says once that it waits.

    Raises Unusable when it is away for longer than the settings allow.
    """
    place, seconds = settings.database, settings.database_wait_seconds
    until, has_said = time.monotonic() + seconds, False
    while isinstance(place, Server):
        try:
            migrate.current(place)
            return
        except ServerAway as error:
            if time.monotonic() >= until:
                raise Unusable(f"{place} cannot be read: {error}") from error
            if not has_said:
                remark(f"{place} is waited for, for {seconds:g} s at most: {error}")
            has_said = True
        except DatabaseUnavailable:
            return  # Waiting does not help; the migration reports the reason.
        time.sleep(PAUSE_SECONDS)
