"""What SQLite's errors mean to everyone above: where the driver's exceptions end."""

import sqlite3

from ..engine import DatabaseUnavailable, StatementFailed

# Faults of a statement, not of the moment: broken constraints, wrong types, invalid SQL.
OURS = (
    sqlite3.IntegrityError,
    sqlite3.ProgrammingError,
    sqlite3.InterfaceError,
    sqlite3.DataError,
    sqlite3.NotSupportedError,
)
PASSING = frozenset({sqlite3.SQLITE_BUSY, sqlite3.SQLITE_INTERRUPT, sqlite3.SQLITE_FULL})
SPACE = frozenset({"SQLITE_FULL", "SQLITE_IOERR_WRITE"})


def translated(error: sqlite3.Error) -> DatabaseUnavailable | StatementFailed:
    """Returns what a fault of the driver is called outside: to be tried again, or ours."""
    if _is_closed(error):
        return DatabaseUnavailable("the database is closed")
    if isinstance(error, OURS) or _is_bad_sql(error):
        return StatementFailed(str(error))
    return DatabaseUnavailable(f"the database failed: {error}")


def breaks(error: sqlite3.Error) -> bool:
    """Whether the connection is better replaced than used again."""
    is_ours = isinstance(translated(error), StatementFailed)
    return _is_closed(error) or not (is_ours or _code(error) in PASSING)


def is_busy(error: sqlite3.Error) -> bool:
    """Whether another connection holds a lock that is needed."""
    return _code(error) == sqlite3.SQLITE_BUSY


def is_interrupt(error: sqlite3.Error) -> bool:
    """Whether the statement was ended before its time."""
    return _code(error) == sqlite3.SQLITE_INTERRUPT


def is_for_space(error: BaseException | None) -> bool:
    """Whether a write failed because there is no room for it."""
    return getattr(error, "sqlite_errorname", "") in SPACE


def _code(error: sqlite3.Error) -> int:
    # The lower byte is the kind, the rest says more about it.
    return getattr(error, "sqlite_errorcode", 0) & 0xFF


def _is_bad_sql(error: sqlite3.Error) -> bool:
    # An emptied or older file has no such table: that is the file, not the statement.
    return _code(error) == sqlite3.SQLITE_ERROR and not str(error).startswith("no such ")


def _is_closed(error: sqlite3.Error) -> bool:
    return isinstance(error, sqlite3.ProgrammingError) and "closed database" in str(error)
