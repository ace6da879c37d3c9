"""The engine for a PostgreSQL server: several processes, on one machine or on many.

Decision 0031 has the measurements behind its shape.
"""

from .database import PostgresDatabase

__all__ = ["PostgresDatabase"]
