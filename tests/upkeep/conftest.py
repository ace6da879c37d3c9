"""A shell, and a service in the shell's data folder."""

from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from tests.service import EmbeddedService
from tests.upkeep.planting import Ground
from tests.upkeep.shell import Shell


@pytest.fixture
def connect(tmp_path: Path) -> Shell:
    return Shell(tmp_path / "data")


@pytest.fixture
def service(connect: Shell) -> Iterator[EmbeddedService]:
    connect.data.mkdir(mode=0o700)
    service = EmbeddedService(connect.data)
    try:
        yield service
    finally:
        service.stop()


@pytest.fixture
def ground(connect: Shell, tmp_path: Path) -> Iterator[Ground]:
    with ExitStack() as stack:
        yield Ground(connect, tmp_path, stack)
