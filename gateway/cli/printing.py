"""Puts what a command prints into a file: all of it, or the file stays as it was."""

import os
import shutil
from pathlib import Path


def replace(file: Path, text: str) -> None:
    """Writes the text beside the file and moves it there; raises OSError when it cannot."""
    # Through links, as a shell would write.
    target = file.resolve()
    if target.exists() and not target.is_file():
        # A device or a pipe must not be replaced by a file.
        target.write_text(text, encoding="utf-8")
        return
    beside = target.with_name(f".{target.name}.{os.getpid()}")
    try:
        beside.write_text(text, encoding="utf-8")
        if target.exists():
            shutil.copymode(target, beside)
        beside.replace(target)
    finally:
        beside.unlink(missing_ok=True)
