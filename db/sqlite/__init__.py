"""The embedded engine: SQLite, one process, one file.

Opened by `db.connect`; decision 0002 has the measurements behind its shape.
"""

from .database import SqliteDatabase

__all__ = ["SqliteDatabase"]
