"""Translates the exceptions of the SQLite driver; no code above this package sees them."""

import sqlite3

from ..engine import DatabaseUnavailable, StatementFailed

# Permanent errors of a statement: violated constraints, wrong types, invalid SQL.
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
    """Returns DatabaseUnavailable for errors worth a retry, StatementFailed for bugs of ours."""
    if _is_closed(error):
        return DatabaseUnavailable("the database is closed")
    if isinstance(error, OURS) or _is_bad_sql(error):
        return StatementFailed(str(error))
    return DatabaseUnavailable(f"the database failed: {error}")


def breaks(error: sqlite3.Error) -> bool:
    """Whether the connection should be replaced after this error."""
    is_ours = isinstance(translated(error), StatementFailed)
    return _is_closed(error) or not (is_ours or _code(error) in PASSING)


def is_busy(error: sqlite3.Error) -> bool:
    """Whether another connection holds the lock."""
    return _code(error) == sqlite3.SQLITE_BUSY


def is_interrupt(error: sqlite3.Error) -> bool:
    """Whether the statement was interrupted."""
    return _code(error) == sqlite3.SQLITE_INTERRUPT


def is_for_space(error: BaseException | None) -> bool:
    """Whether a write failed because the disk is full."""
    return getattr(error, "sqlite_errorname", "") in SPACE


def _code(error: sqlite3.Error) -> int:
    # The low byte is the primary result code, the rest extends it.
    return getattr(error, "sqlite_errorcode", 0) & 0xFF


def _is_bad_sql(error: sqlite3.Error) -> bool:
    # "no such table" means an emptied or older file, not a wrong statement.
    return _code(error) == sqlite3.SQLITE_ERROR and not str(error).startswith("no such ")


def _is_closed(error: sqlite3.Error) -> bool:
    return isinstance(error, sqlite3.ProgrammingError) and "closed database" in str(error)
