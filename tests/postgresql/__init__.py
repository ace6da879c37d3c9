"""A real PostgreSQL for the tests, and a real PgBouncer before it, that leave nothing behind."""

from .databases import Databases
from .pgbouncer import PgBouncer, pgbouncer
from .server import NoServer, PostgreSQL

__all__ = ["Databases", "NoServer", "PgBouncer", "PostgreSQL", "pgbouncer"]
