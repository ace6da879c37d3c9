"""The process that migrates is a copy of one in which nothing else runs any more."""

import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")

ROOT = Path(__file__).parents[2]
# Asks a server on a thread, as the look before a migration does; prints how often a thread was
# left. Without the wait it is every eighth time.
SCRIPT = """
import os, ssl, threading
from concurrent.futures import ThreadPoolExecutor
from gateway.cli.database import _let_threads_end
left = 0
for _ in range(200):
    with ThreadPoolExecutor(1) as thread:
        thread.submit(ssl.create_default_context).result()
    _let_threads_end()
    left += len(os.listdir("/proc/self/task")) > threading.active_count()
print(left)
"""


def test_no_thread_is_left_when_a_process_is_copied() -> None:
    found = subprocess.run(
        [sys.executable, "-c", SCRIPT], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert found.stdout == "0\n"
