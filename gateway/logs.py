"""Structured logs on standard error: JSON lines for machines, coloured lines for people."""

import atexit
import json
import logging
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from typing import Any

import orjson
import structlog

from .log_writer import LogWriter

LEVELS = {
    "debug": logging.DEBUG,
    "info": logging.INFO,
    "warning": logging.WARNING,
    "error": logging.ERROR,
}


def configure(level: str, form: str, *, is_held: bool = False) -> LogWriter:
    """Sends structlog's lines, uvicorn's and warnings to standard error, in the same format.

    Returns the writer, which must be drained before the process ends by a signal, and released if
    it `is_held`.
    """
    shared: list[Any] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
    ]
    if form == "json":
        last: list[Any] = [
            structlog.processors.format_exc_info,
            structlog.processors.JSONRenderer(serializer=_dumps),
        ]
    else:
        # Tracebacks without local variables, because those hold personal data.
        last = [
            structlog.dev.ConsoleRenderer(
                colors=sys.stderr.isatty(), exception_formatter=structlog.dev.plain_traceback
            )
        ]
    report = partial(_dropped, [*shared, *last])
    writer = LogWriter(_standard_error(), report, is_held=is_held)
    atexit.register(writer.drain)
    structlog.configure(
        processors=[*shared, *last],
        wrapper_class=structlog.make_filtering_bound_logger(LEVELS[level]),
        logger_factory=structlog.WriteLoggerFactory(writer),  # type: ignore[arg-type]
        cache_logger_on_first_use=True,
    )
    handler = logging.StreamHandler(writer)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=shared,
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, *last],
        )
    )
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(max(LEVELS[level], logging.WARNING))
    logging.captureWarnings(True)
    return writer


@contextmanager
def unsaid() -> Iterator[None]:
    """Leaves out what is logged while the block runs, but errors."""
    # In place, because loggers that have been used keep the list.
    processors = structlog.get_config()["processors"]
    processors.insert(0, _only_errors)
    try:
        yield
    finally:
        processors.remove(_only_errors)


def _only_errors(logger: Any, name: str, event: Any) -> Any:
    if LEVELS.get(name, logging.ERROR) < logging.ERROR:
        raise structlog.DropEvent
    return event


def _standard_error() -> int:
    try:
        return sys.stderr.fileno()
    except (AttributeError, OSError, ValueError):
        return 2  # Closed, or not a file of the system.


def _dropped(processors: list[Any], count: int) -> str:
    """Renders the line that says how many lines were dropped."""
    event: Any = {"event": "log_lines_dropped", "count": count}
    for process in processors:
        event = process(None, "warning", event)
    return f"{event}\n"


def _dumps(event: Any, **_: Any) -> str:
    try:
        return orjson.dumps(event, default=str).decode()
    except TypeError:
        # A traceback may quote a lone surrogate, and the line is needed most then.
        return json.dumps(event, default=str)
