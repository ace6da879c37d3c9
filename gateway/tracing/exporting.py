"""Says in the log when spans cannot be sent, and when they can be again: once each."""

from collections.abc import Sequence

import structlog
from opentelemetry.sdk.trace import ReadableSpan
from opentelemetry.sdk.trace.export import SpanExporter, SpanExportResult

from .reasons import Reasons

log = structlog.get_logger("connect.traces")


class Exporting(SpanExporter):
    """Sends spans by another exporter; runs on the thread of the queue."""

    def __init__(self, exporter: SpanExporter, endpoint: str, reasons: Reasons) -> None:
        self._exporter = exporter
        self._reasons = reasons
        self._endpoint = endpoint
        self._is_ended = False
        self._lost = 0

    def export(self, spans: Sequence[ReadableSpan]) -> SpanExportResult:
        """Sends spans; those that cannot be sent are lost."""
        self._reasons.listen()
        try:
            result = self._exporter.export(spans)
        except Exception as error:
            self._reasons.keep(repr(error))
            result = SpanExportResult.FAILURE
        if result is SpanExportResult.SUCCESS:
            self._recovered()
        else:
            self._failed(len(spans), self._reasons.heard)
        return result

    def _failed(self, count: int, reason: str) -> None:
        if not self._lost:
            log.warning("traces_not_sent", endpoint=self._endpoint, reason=reason)
        self._lost += count

    def _recovered(self) -> None:
        if self._lost:
            log.warning("traces_sent_again", endpoint=self._endpoint, lost=self._lost)
            self._lost = 0

    def shutdown(self) -> None:
        """Ends it, also while it waits to try again."""
        if not self._is_ended:
            self._is_ended = True
            self._exporter.shutdown()
