"""Spans of which nothing but names, numbers and codes is told."""

from opentelemetry.trace import Span, Status, StatusCode, get_current_span


def is_traced() -> bool:
    """Whether what happens now belongs to a trace.

    Not what runs in the background: it may have been begun by a request that is over.
    """
    return get_current_span().is_recording()


def failed(span: Span, kind: str) -> None:
    """Marks a span as failed; messages and tracebacks may name people, so they are left out."""
    span.set_attribute("error.type", kind)
    span.set_status(Status(StatusCode.ERROR))


def name_of(error: BaseException) -> str:
    """Returns what kind of error it is."""
    return type(error).__qualname__
