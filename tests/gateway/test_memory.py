"""Memory is returned to the system after large requests."""

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]
# Large blocks that are freed, with small ones between them that stay, as after large bodies.
SCRIPT = """
import re, sys
from pathlib import Path
from gateway.wire.memory import return_large_blocks

def held():
    return int(re.search(r"RssAnon:\\s+(\\d+)", Path("/proc/self/status").read_text())[1])

if sys.argv[1] == "return":
    return_large_blocks()
bytearray(900_000)
before, large, small = held(), [], []
for _ in range(64):
    large.append(bytearray(900_000))
    small.append(bytearray(600))
del large
print(held() - before)
"""


def kept_kib(how: str) -> int:
    run = subprocess.run(
        [sys.executable, "-c", SCRIPT, how], cwd=ROOT, capture_output=True, text=True, check=True
    )
    return int(run.stdout)


def test_large_blocks_are_returned_though_small_ones_stay() -> None:
    assert kept_kib("return") < 4_000
    assert kept_kib("keep") > 20_000, (
        "this C library returns them by itself: drop gateway.wire.memory"
    )
