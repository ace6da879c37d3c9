"""A polite client in a process of its own: reads one appointment every 20 ms, and is timed."""

import subprocess
import sys
import threading
import time
from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from http.client import HTTPConnection, HTTPException
from typing import NamedTuple

from tests.service import ROOT

EVERY_SECONDS = 0.02
# Later than this it does not catch up: the server was gone, which is told elsewhere.
FORGIVEN_SECONDS = 5.0


class Reading(NamedTuple):
    """One request: when it was due, how long after that it was answered, in seconds."""

    due: float
    took: float
    status: int


class Polite:
    """The client as the runner sees it."""

    def __init__(self, port: int, token: str, appointment: str) -> None:
        self._due: list[float] = []
        self._readings: list[Reading] = []
        self._process = subprocess.Popen(
            [sys.executable, "-m", __name__, str(port), token, appointment],
            cwd=ROOT,
            stdout=subprocess.PIPE,
            text=True,
        )
        self._reader = threading.Thread(target=self._listen, daemon=True)
        self._reader.start()

    def _listen(self) -> None:
        for line in self._process.stdout or ():
            due, took, status = line.split()
            self._readings.append(Reading(float(due), float(took), int(status)))
            self._due.append(float(due))

    def between(self, began: float, ended: float) -> list[Reading]:
        """Returns the requests that were due in a time, and the one just before it."""
        first = max(0, bisect_left(self._due, began) - 1)
        return self._readings[first : bisect_right(self._due, ended)]

    def p99_ms(self, began: float, ended: float) -> float:
        """Returns the 99th percentile of a time, the worst when there were under a hundred."""
        return percentile([each.took * 1_000 for each in self.between(began, ended)], 0.99)

    def refused(self) -> list[Reading]:
        """Returns the requests that were not answered with 200."""
        return [each for each in self._readings if each.status != 200]

    def count(self) -> int:
        return len(self._readings)

    def stop(self) -> None:
        self._process.terminate()
        self._process.wait()
        self._reader.join(5)


def percentile(values: Sequence[float], part: float) -> float:
    """Returns the smallest value that `part` of all values do not exceed; 0 of none."""
    ordered = sorted(values)
    place = -(-len(ordered) * part // 1)
    return ordered[max(0, int(place) - 1)] if ordered else 0.0


def main(port: str, token: str, appointment: str) -> None:
    """Reads for ever, one line a request; a request that is due late counts from when it was."""
    connection = HTTPConnection("127.0.0.1", int(port), timeout=30)
    headers = {"Host": "localhost", "Authorization": f"Token {token}"}
    due = time.monotonic()
    while True:
        time.sleep(max(0.0, due - time.monotonic()))
        status = ask(connection, f"/api/v1/appointments/{appointment}/", headers)
        took = time.monotonic() - due
        sys.stdout.write(f"{due} {took} {status}\n")
        sys.stdout.flush()
        due = due + EVERY_SECONDS if took < FORGIVEN_SECONDS else time.monotonic()


def ask(connection: HTTPConnection, path: str, headers: dict[str, str]) -> int:
    """Returns the status of one request, 0 when the connection broke."""
    try:
        connection.request("GET", path, headers=headers)
        answer = connection.getresponse()
        answer.read()
    except (OSError, HTTPException):
        connection.close()
        return 0
    return answer.status


if __name__ == "__main__":
    main(*sys.argv[1:])
