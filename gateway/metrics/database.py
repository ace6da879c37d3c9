"""What the database did in this process, in the form that Prometheus collects."""

from collections.abc import Iterator

from prometheus_client.core import (
    CounterMetricFamily,
    GaugeMetricFamily,
    HistogramMetricFamily,
    Metric,
)

from db.engine import Database


class DatabaseFigures:
    """Reads the figures of the database whenever the metrics are collected."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def collect(self) -> Iterator[Metric]:
        """Yields connections, statements, errors, waits and commits."""
        database = self._database
        yield GaugeMetricFamily(
            "connect_database_pool_size",
            "Connections that may be in use at once, besides SQLite's one writer.",
            database.pool_size,
        )
        yield GaugeMetricFamily(
            "connect_database_readers_in_use",
            "Held connections that are busy; on PostgreSQL also those that write.",
            database.readers_in_use,
        )
        yield CounterMetricFamily(
            "connect_database_statements", "SQL statements run.", database.statements
        )
        yield self._errors()
        yield self._waits()
        yield from self._commits()
        if database.dialect == "sqlite":
            yield GaugeMetricFamily(
                "connect_database_wal_bytes",
                "Size of the write-ahead log, which grows behind a reader that stays open.",
                database.log_bytes,
            )

    def _errors(self) -> Metric:
        errors = CounterMetricFamily(
            "connect_database_errors",
            "Errors of the database: `unavailable`, `busy` (waited in vain for a connection or a "
            "lock), `conflict` (tried again), `statement` (a bug).",
            labels=["kind"],
        )
        for kind, count in self._database.figures.errors.items():
            errors.add_metric([kind], count)
        return errors

    def _waits(self) -> Metric:
        waits = HistogramMetricFamily(
            "connect_database_wait_seconds",
            "Seconds that those waited who were not served at once: for a connection, for the "
            "writer of this process, for another process that writes.",
            labels=["for"],
        )
        for name, histogram in self._database.figures.waits.items():
            waits.add_metric([name], histogram.cumulative(), histogram.total)
        return waits

    def _commits(self) -> Iterator[Metric]:
        figures = self._database.figures
        yield HistogramMetricFamily(
            "connect_database_commit_seconds",
            "Seconds that a commit took.",
            figures.commits.cumulative(),
            figures.commits.total,
        )
        yield HistogramMetricFamily(
            "connect_database_commit_writes",
            "Writes that shared a commit.",
            figures.batches.cumulative(),
            figures.batches.total,
        )
