"""The wheel, and an environment with nothing but the wheel and what it needs: each made once."""

from pathlib import Path

import pytest

from tests.package.installed import Installed, build


@pytest.fixture(scope="session")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel of this checkout."""
    return build(tmp_path_factory.mktemp("dist"))


@pytest.fixture(scope="session")
def installed(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Installed:
    """An environment outside the checkout in which the wheel is installed, among decoys."""
    made = Installed(tmp_path_factory.mktemp("machine"))
    made.install(wheel)
    made.add_decoys()
    return made
