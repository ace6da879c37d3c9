"""The pragmas of every SQLite connection that this service opens, in one place."""

# What the write-ahead log is cut back to when it begins anew; it grows to 4 MiB between
# checkpoints, and further behind a reader that stays open.
WAL_KEPT_BYTES = 16 * 1024 * 1024

WAL = "PRAGMA journal_mode = WAL"
SERVING = (
    WAL,
    "PRAGMA synchronous = FULL",
    "PRAGMA foreign_keys = ON",
    "PRAGMA temp_store = MEMORY",
    "PRAGMA cache_size = -8192",
    # Mapped into memory, a file that somebody truncates is a bus error in place of an error.
    "PRAGMA mmap_size = 0",
    f"PRAGMA journal_size_limit = {WAL_KEPT_BYTES}",
)
READ_ONLY = "PRAGMA query_only = ON"
MIGRATING = (WAL, "PRAGMA busy_timeout = 30000")


def waiting(seconds: float) -> str:
    """The pragma by which SQLite itself waits that long for a lock, in its calling thread."""
    return f"PRAGMA busy_timeout = {round(seconds * 1000)}"
