"""Processor time is that of the whole server: its threads, its children, those that ended."""

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from bench.processes import cpu_seconds, family

BURN = "import time\nwhile time.process_time() < 0.3: pass\n"
CHILD = """
import subprocess, sys
child = subprocess.Popen([sys.executable, "-c", sys.argv[1]], stdin=subprocess.PIPE,
    stdout=subprocess.PIPE)
child.stdout.readline()
if sys.argv[2] == "ended":
    child.communicate()
print("burnt", flush=True)
sys.stdin.read()
"""


@contextmanager
def parent_of_a_busy_child(state: str) -> Iterator[int]:
    """A process that does nothing itself; its child has burnt 0.3 s and lives on, or has ended."""
    burn = BURN + "print('burnt', flush=True)\nimport sys\nsys.stdin.read()\n"
    command = [sys.executable, "-S", "-c", CHILD, burn, state]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        assert process.stdout
        process.stdout.readline()
        yield process.pid
        assert process.stdin
        process.stdin.close()


@pytest.mark.parametrize("state", ["living", "ended"])
def test_the_time_of_children_counts(state: str) -> None:
    with parent_of_a_busy_child(state) as pid:
        assert sum(map(cpu_seconds, family(pid))) >= 0.25
