"""docs/clients.md shows the files that the other tests run, and installs what they use."""

import json
import re

import pytest

from . import page
from .test_python import CLIENTS as PYTHON
from .test_typescript import CLIENTS as TYPESCRIPT

FOLDER = page.ROOT / "tests" / "clients"
MOST_LINES = 40
SET_UPS = {
    *(f"tests/clients/{name}/client.ts" for name in TYPESCRIPT if name != "relay"),
    *(f"tests/clients/python/{name}.py" for name in PYTHON),
    "tests/clients/relay/environment.ts",
}


def test_the_page_shows_the_files_as_they_are() -> None:
    assert page.PAGE.read_text() == page.renewed(), "renew with: python -m tests.clients.page"


def test_the_page_shows_every_set_up() -> None:
    assert set(page.shown()) >= SET_UPS


@pytest.mark.parametrize("client_name", TYPESCRIPT)
def test_a_set_up_takes_few_lines(client_name: str) -> None:
    name = "environment.ts" if client_name == "relay" else "client.ts"
    assert len((FOLDER / client_name / name).read_text().splitlines()) <= MOST_LINES


def test_the_page_installs_what_is_locked() -> None:
    project = json.loads((FOLDER / "package.json").read_text())
    locked = {*project["dependencies"], *project["devDependencies"]}
    for requirements in ("clients.in", "dev.in"):
        lines = (page.ROOT / "requirements" / requirements).read_text().splitlines()
        locked |= {line for line in lines if re.match(r"[a-z]", line)}
    assert page.packages() - locked == set()
