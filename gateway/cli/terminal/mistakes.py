"""What nobody foresaw: one line for the operator, and the traceback for whoever asks for it."""

import sys
import traceback
import warnings
from pathlib import Path
from types import TracebackType

from ...settings import read_settings
from .output import complain


def catch() -> None:
    """Lets unforeseen exceptions end this process with one line, and hides Python's warnings."""
    sys.excepthook = report
    if not sys.warnoptions:
        warnings.simplefilter("ignore")


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
