"""Commands in processes of their own, with a data folder for each test."""

from pathlib import Path

import pytest

from tests.upkeep.shell import Shell


@pytest.fixture
def connect(tmp_path: Path) -> Shell:
    return Shell(tmp_path / "data")
