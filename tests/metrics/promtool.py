"""Prometheus' own checker, where it is installed: Debian's package `prometheus` brings it."""

import shutil
import subprocess
from pathlib import Path

import pytest

PROMTOOL = shutil.which("promtool")
needs_promtool = pytest.mark.skipif(
    PROMTOOL is None, reason="promtool is not here: install Debian's package prometheus"
)


def promtool(*arguments: str | Path, given: str = "") -> str:
    """Runs it; returns what it printed, fails where it finds something wrong."""
    command = [PROMTOOL or "promtool", *map(str, arguments)]
    done = subprocess.run(
        command, input=given, capture_output=True, text=True, timeout=60, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout + done.stderr
