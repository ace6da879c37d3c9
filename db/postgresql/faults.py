"""Translates what goes wrong at the driver; no code above this package sees its exceptions."""

import asyncio

import asyncpg

from ..engine import Conflict, DatabaseUnavailable, StatementFailed

# What the driver, the network and the server raise; the rest is a bug of ours and stays as it is.
# InternalClientError comes of a connection that the server said good-bye to while it was idle: its
# state does not fit until the socket is closed as well.
ERRORS = (
    asyncpg.PostgresError,
    asyncpg.InterfaceError,
    asyncpg.InternalClientError,
    OSError,
    asyncio.TimeoutError,
)

# Why a server of several is passed over: it is away, starting, stopping, full or in another role.
ELSEWHERE = (
    OSError,
    asyncio.TimeoutError,
    asyncpg.CannotConnectNowError,
    asyncpg.TooManyConnectionsError,
    asyncpg.TargetServerAttributeNotMatched,
    asyncpg.ConnectionDoesNotExistError,
)
# Why none is let in: a wrong password, a missing certificate, a wrong option.
UNREACHED = (*ERRORS, ValueError)

# Classes of SQLSTATE that are about the statement: data, constraints, SQL.
OURS = frozenset({"21", "22", "23", "42", "0A"})
# A table that is missing is an older or emptied database, a right that is missing an operator's
# matter: neither is the fault of the statement.
NOT_OURS = frozenset({"42P01", "42501", "3F000"})
# What one statement suffers while the connection stays good: it was cancelled, waited too long,
# met another transaction, or found the disk full. Not that the server only reads: after a failover
# another one writes.
PASSING = frozenset({"57014", "55P03", "40001", "40P01", "25P02", "53100", "53200"})
CONFLICTS = frozenset({"40001", "40P01"})
SPACE = frozenset({"53100", "58030"})
# A statement that this connection prepared is unknown, or one that it prepares is known: there is
# a pooler in between that was not recognized.
POOLED = frozenset({"26000", "42P05"})


def translated(error: BaseException) -> DatabaseUnavailable | StatementFailed:
    """Returns DatabaseUnavailable for what may pass, StatementFailed for bugs of ours."""
    code = state(error)
    if code in CONFLICTS:
        return Conflict(f"another transaction was in the way: {said(error)}")
    if _is_unfit(error) or _is_ours(code):
        return StatementFailed(said(error))
    if code in {"57014", "55P03"}:
        return DatabaseUnavailable(f"the database took too long: {said(error)}")
    return DatabaseUnavailable(f"the database failed: {said(error)}")


def said(error: BaseException) -> str:
    """Returns what the error says without the values it is about, which may be personal."""
    if _is_unfit(error) or state(error).startswith("22"):
        return f"a value does not fit its type {state(error)}".rstrip()
    # The details that the driver appends quote rows.
    return getattr(error, "message", None) or str(error) or type(error).__name__


def breaks(error: BaseException) -> bool:
    """Whether the connection should be replaced after this error."""
    code = state(error)
    if isinstance(error, asyncpg.InvalidCachedStatementError) or code in POOLED:
        return True
    return not (_is_unfit(error) or _is_ours(code) or code in PASSING)


def spreads(error: BaseException) -> bool:
    """Whether connections opened at the same time probably suffer the same.

    Tables have changed, the server only reads after a failover, or a pooler was put in between.
    """
    is_stale = isinstance(error, asyncpg.InvalidCachedStatementError)
    return is_stale or state(error) in POOLED | {"25006"}


def is_for_space(error: BaseException | None) -> bool:
    """Whether a write failed because the server's disk is full."""
    return error is not None and state(error) in SPACE


def is_pooled(error: BaseException) -> bool:
    """Whether a prepared statement was lost or met: a pooler hands on connections."""
    return state(error) in POOLED


def state(error: BaseException) -> str:
    """Returns the SQLSTATE that the server sent; empty for other errors."""
    return getattr(error, "sqlstate", None) or ""


def _is_unfit(error: BaseException) -> bool:
    """Whether the driver could not encode a value; its class has the name of another one."""
    return isinstance(error, asyncpg.InterfaceError) and isinstance(error, ValueError)


def _is_ours(code: str) -> bool:
    return code[:2] in OURS and code not in NOT_OURS and code not in POOLED
