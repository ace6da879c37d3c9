"""The embedded engine: SQLite, one process, one file.

Decision 0002 has the measurements behind its shape.
"""

from .database import SqliteDatabase

__all__ = ["SqliteDatabase"]
