"""Tells hatchling, which packs the wheel, what the package needs: the packages of the lock file.

In exactly those versions, because private names of two of them are used: see decision 0043.
"""

from pathlib import Path
from typing import Any

from hatchling.metadata.plugin.interface import MetadataHookInterface


class Locked(MetadataHookInterface):
    """Writes the dependencies, so that versions stand in the lock file and nowhere else."""

    def update(self, metadata: dict[str, Any]) -> None:
        """Adds the requirements of `requirements/run.txt`, and what `traces.txt` has besides."""
        needed = self._locked("run")
        metadata["dependencies"] = needed
        besides = [each for each in self._locked("traces") if each not in needed]
        metadata["optional-dependencies"] = {"traces": besides}

    def _locked(self, name: str) -> list[str]:
        return requirements(Path(self.root, "requirements", f"{name}.txt").read_text())


def requirements(lock: str) -> list[str]:
    """Returns the requirements of a lock file, without their hashes."""
    lines = (line.removesuffix("\\").strip() for line in lock.splitlines())
    return [line for line in lines if line and not line.startswith(("#", "--"))]
