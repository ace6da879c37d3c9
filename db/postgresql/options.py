"""What an operator decides about connections."""

from typing import NamedTuple


class Options(NamedTuple):
    """How many connections one process opens, and how long it waits; times in seconds.

    `transaction_seconds` bounds a transaction from its first statement to its commit.
    """

    connections: int = 10
    connect_seconds: float = 5.0
    transaction_seconds: float = 10.0
