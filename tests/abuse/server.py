"""The server under attack: a process of its own, what it used read from the kernel."""

import subprocess
from collections.abc import Mapping
from pathlib import Path

from tests.service import STOP_SECONDS, Service

KEY = "a-key-of-the-abuse-runs-0123456789abcdef"


class Server(Service):
    """`./connect run` in production shape: a database given by URL, a free port, a log file."""

    def __init__(
        self,
        folder: Path,
        settings: Mapping[str, str] | None = None,
        descriptors: int | None = None,
    ) -> None:
        self.database = folder / "connect.db"
        production = {
            "CONNECT_DATABASE_URL": f"sqlite:///{self.database}",
            "CONNECT_SECRET_KEYS": KEY,
            # Parsed documents are kept up to a limit: a small one, so that what leaks shows.
            "CONNECT_GRAPHQL_DOCUMENTS_MIB": "1",
        }
        super().__init__(folder, production | dict(settings or {}), descriptors)
        self.wait()

    def stop(self) -> float:
        """Sends SIGTERM and kills what does not end: the report is worth more than a traceback."""
        try:
            return super().stop()
        except subprocess.TimeoutExpired:
            return STOP_SECONDS

    def waited(self) -> float:
        """Seconds that its main thread was ready and the machine gave it no processor."""
        return int(Path(f"/proc/{self.pid}/schedstat").read_text().split()[1]) / 1e9

    def resident(self) -> float:
        """MiB that the process holds now, mapped files included."""
        return self.status("VmRSS")

    def peak(self) -> float:
        """MiB that the process held at most since `forget_peak`."""
        return self.status("VmHWM")

    def forget_peak(self) -> None:
        """Begins to look for a new peak."""
        Path(f"/proc/{self.pid}/clear_refs").write_text("5")

    def complaints(self, position: int = 0) -> list[str]:
        """Lines of the log behind `position` that hold a traceback."""
        text = self.log.read_bytes()[position:].decode(errors="replace")
        return [line for line in text.splitlines() if "Traceback (most recent call" in line]
