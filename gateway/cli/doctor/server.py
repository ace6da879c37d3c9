"""A database on a server: what it holds, whether it keeps promises, its room and its clock."""

from collections.abc import Iterator

from db import migrate
from db.engine import DatabaseUnavailable
from db.location import Server
from db.upkeep.server import ServerExamination, examine_server, open_password_files

from ...settings import Settings
from ..upkeep.copies import size
from .content import SECONDS, at, unfinished, whole
from .findings import Finding, fail, ok, warn

# Links open and close by the clock of each machine; leases need no common one.
APART_SECONDS = 2.0
OLDEST = 13
# Besides its pool a process listens on a connection, which no other may use.
LISTENING = 1


def examined(place: Server, settings: Settings) -> Iterator[Finding]:
    """The server, its clock, and what the database there holds."""
    try:
        yield from _passwords(place)
        found = examine_server(place, settings.database_connect_seconds, SECONDS)
    except DatabaseUnavailable as error:
        advice = "see to it, and run this again: nothing of the database could be looked at"
        yield fail("database.unreachable", f"{place}: {error}", advice)
        return
    yield at(place, found.content.revision)
    yield from _promises(found)
    yield from _room(found, settings)
    yield _clock(found)
    if not found.is_complete:
        yield unfinished()
    elif found.content.revision == migrate.head():
        yield from whole(found.content)


def _passwords(place: Server) -> Iterator[Finding]:
    for path in open_password_files(place):
        message = f"other users may read {path}, so the passwords in it are not used"
        yield warn("password.open", message, f"chmod 600 {path}")


def _promises(found: ServerExamination) -> Iterator[Finding]:
    wrong = list(_broken(found))
    yield from wrong
    if not wrong:
        yield ok("server", f"PostgreSQL {found.version}, {size(found.bytes)}, commits are durable")


def _broken(found: ServerExamination) -> Iterator[Finding]:
    if found.not_durable:
        names = ", ".join(found.not_durable)
        message = f"{names}: off, so a crash loses what was acknowledged"
        yield fail("server.durability", message, "switch it on in postgresql.conf")
    if found.encoding != "UTF8":
        message = f"the database has the encoding {found.encoding}, which lacks most names"
        yield fail("server.encoding", message, "create one with ENCODING 'UTF8', and move there")
    if found.only_reads:
        advice = "name the primary in the URL, or unset default_transaction_read_only"
        yield fail("server.read-only", "the server or the database only reads", advice)
    if found.major < OLDEST:
        message = f"PostgreSQL {found.version} is older than {OLDEST}, and not supported"
        yield fail("server.old", message, "upgrade the server")


def _room(found: ServerExamination, settings: Settings) -> Iterator[Finding]:
    wanted = settings.workers * (settings.database_connections + LISTENING)
    if found.room is not None and wanted > found.room:
        yield warn(
            "server.connections",
            f"{settings.workers} processes of this machine may open {wanted} connections (workers "
            f"× {settings.database_connections} and one to listen), and we may have {found.room}",
            "lower CONNECT_DATABASE_CONNECTIONS, or raise max_connections and the limits of the "
            "user and the database",
        )


def _clock(found: ServerExamination) -> Finding:
    apart = found.ahead_seconds
    if abs(apart) > APART_SECONDS:
        which = "ahead of" if apart > 0 else "behind"
        return warn(
            "clock.apart",
            f"the clock of the server is {abs(apart):.1f} s {which} the one here",
            "have both kept right by chrony or systemd-timesyncd",
        )
    return ok("clock", f"that of the server differs by {abs(apart):.1f} s")
