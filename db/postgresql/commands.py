"""The commands around transactions. Limits are set in each, as a pooler would lose them between."""

from ..ids import CANONICAL

# The server ends a statement by itself a moment before the socket is closed.
MARGIN_SECONDS = 1.0
ROLLBACK_SECONDS = 2.0


# From one operation of a transaction to the next, and back before the one that failed.
NEXT = "RELEASE SAVEPOINT operation; SAVEPOINT operation"
UNDO = "ROLLBACK TO SAVEPOINT operation"


def reading(seconds: float) -> str:
    """Returns the command that begins a transaction with one snapshot for all its statements."""
    return f"BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY; {_limits(seconds)}"


def writing(seconds: float) -> str:
    """Returns the command that begins a writing transaction.

    A process that stands still loses its locks after the same time.
    """
    return (
        f"BEGIN ISOLATION LEVEL READ COMMITTED; {_limits(seconds)};"
        f" SET LOCAL lock_timeout = {_milliseconds(seconds)}"
    )


def locking(organization_id: str) -> str:
    """Returns what makes other writers of the organization wait, on whichever machine.

    Sent with BEGIN: a statement with parameters would wait for another answer.
    """
    if not organization_id:
        return ""
    if not CANONICAL.fullmatch(organization_id):
        raise ValueError("an organization's id is a canonical UUID")
    # Not `FOR UPDATE`, which also stops those who add what belongs to the organization.
    return (
        f"; SELECT FROM organization WHERE id = '{organization_id}' FOR NO KEY UPDATE;"
        " SAVEPOINT operation"
    )


def _limits(seconds: float) -> str:
    limit = _milliseconds(seconds)
    return (
        f"SET LOCAL statement_timeout = {limit};"
        f" SET LOCAL idle_in_transaction_session_timeout = {limit}"
    )


def _milliseconds(seconds: float) -> int:
    return max(1, round(seconds * 1000))
