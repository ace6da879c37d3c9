"""What nobody foresaw: one line for the operator, and the traceback for whoever asks for it."""

import sys
import threading
import traceback
import warnings
from pathlib import Path
from types import TracebackType

from ...settings import read_settings
from .output import complain


def catch() -> None:
    """Lets unforeseen exceptions end this process with one line, and hides Python's warnings."""
    sys.excepthook = report
    threading.excepthook = _report_of_thread
    if not sys.warnoptions:
        warnings.simplefilter("ignore")


def _report_of_thread(given: threading.ExceptHookArgs) -> None:
    # A thread of the database finds its loop gone, once Ctrl+C has ended the command.
    if given.exc_value is not None and "Event loop is closed" not in str(given.exc_value):
        report(given.exc_type, given.exc_value, given.exc_traceback)


def report(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
    """Writes the line; with CONNECT_LOG_LEVEL=debug also the traceback."""
    if issubclass(kind, KeyboardInterrupt):
        complain("interrupted")
        return
    if read_settings(wrong=[]).log_level == "debug":
        traceback.print_exception(kind, error, trace)
    frames = traceback.extract_tb(trace)
    where = f" ({Path(frames[-1].filename).name}, line {frames[-1].lineno})" if frames else ""
    complain(
        f"this is a mistake of the program: {kind.__name__}: {error}{where}; please report it with "
        "what CONNECT_LOG_LEVEL=debug prints"
    )
