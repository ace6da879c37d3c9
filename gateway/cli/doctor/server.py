"""A database on a server: what it holds, whether it keeps promises, and its clock."""

from collections.abc import Iterator

from db import migrate
from db.engine import DatabaseUnavailable
from db.location import Server
from db.upkeep.server import ServerExamination, examine_server

from ..upkeep.copies import size
from .content import at, whole
from .findings import Finding, fail, ok, warn

# Links open and close by the clock of each machine; leases need no common one.
APART_SECONDS = 2.0


def examined(place: Server) -> Iterator[Finding]:
    """The server, its clock, and what the database there holds."""
    try:
        found = examine_server(place)
    except DatabaseUnavailable as error:
        yield fail("database", f"{place}: {error}")
        return
    yield at(place, found.content.revision)
    yield _promises(found)
    yield _clock(found)
    if found.content.revision == migrate.head():
        yield from whole(found.content)


def _promises(found: ServerExamination) -> Finding:
    if found.not_durable:
        names = ", ".join(found.not_durable)
        return fail("server", f"{names}: off, so a crash loses what was acknowledged; switch it on")
    return ok("server", f"PostgreSQL {found.version}, {size(found.bytes)}, commits are durable")


def _clock(found: ServerExamination) -> Finding:
    apart = found.ahead_seconds
    if abs(apart) > APART_SECONDS:
        which = "ahead of" if apart > 0 else "behind"
        return warn(
            "clock",
            f"the clock of the server is {abs(apart):.1f} s {which} the one here: synchronize both",
        )
    return ok("clock", f"that of the server differs by {abs(apart):.1f} s")
