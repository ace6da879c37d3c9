"""Lines of several workers in one pipe stay whole, however many are written at once."""

import json
import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]
WRITE = """
import json, sys
sys.path.insert(0, sys.argv[2])
from gateway.log_writer import LogWriter
writer = LogWriter(2, str)
for n in range(3000):
    writer.write(json.dumps({"worker": sys.argv[1], "n": n, "text": "x" * (n % 900)}) + "\\n")
writer.drain(20)
"""


def test_lines_stay_whole() -> None:
    reading, writing = os.pipe()
    processes = [
        subprocess.Popen([sys.executable, "-c", WRITE, str(number), str(ROOT)], stderr=writing)
        for number in range(3)
    ]
    os.close(writing)
    with os.fdopen(reading, "rb") as pipe:
        lines = [json.loads(line) for line in pipe]
    assert [process.wait(20) for process in processes] == [0, 0, 0]
    for number in "012":
        assert [line["n"] for line in lines if line["worker"] == number] == list(range(3000))
