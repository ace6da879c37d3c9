"""Ends a server that an attack has run away with, so that the next case finds a fresh one."""

import threading

from .server import Server

LOOK_SECONDS = 0.05
MOST_SECONDS = 25.0
MOST_MIB = 1_000.0


class Watchdog:
    """While its block runs: kills the server when it takes too long or too much memory."""

    def __init__(self, server: Server, seconds: float) -> None:
        self._server = server
        self._left = max(MOST_SECONDS, seconds)
        self._most = server.anonymous() + MOST_MIB
        self._done = threading.Event()
        self._thread = threading.Thread(target=self._watch, daemon=True)
        self.bitten = ""

    def __enter__(self) -> "Watchdog":
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._done.set()
        self._thread.join()

    def _watch(self) -> None:
        while not self._done.wait(LOOK_SECONDS) and not self.bitten:
            self._left -= LOOK_SECONDS
            if not self._server.is_alive():
                self.bitten = "the server died"
            elif self._server.anonymous() > self._most:
                self.bitten = f"killed: over {MOST_MIB:.0f} MiB"
            elif self._left < 0:
                self.bitten = "killed: it never ended"
            if self.bitten and self._server.is_alive():
                self._server.process.kill()
