"""The engine for a PostgreSQL server: several processes, on one machine or on many.

Decision 0031 has the measurements behind its shape.
"""

from .database import PostgresDatabase
from .options import Options

__all__ = ["Options", "PostgresDatabase"]
