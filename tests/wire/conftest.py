"""One server for the tests that leave it as it was."""

from collections.abc import Iterator

import pytest

from .server import Server


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A running service, shared by the tests of a module."""
    server = Server(tmp_path_factory.mktemp("server"))
    yield server
    server.end()
