"""Spectral and Redocly on the OpenAPI document, each with the rules that it recommends."""

import json
import subprocess
from pathlib import Path
from typing import Any

import pytest

from gateway.version import VERSION
from rest.openapi.document import committed
from rest.routes import OPERATIONS
from tests import node

# The documented paths end with a slash, and are answered without one as well.
DOCUMENTED = {"path-keys-no-trailing-slash", "no-path-trailing-slash"}


def findings(document: str, folder: Path) -> list[dict[str, Any]]:
    """What both linters find in a document."""
    tools = node.installed()
    path = folder / "openapi.json"
    path.write_text(document)
    done = subprocess.run(
        [tools.node, str(node.NPM / "lint.mjs"), str(path)],
        capture_output=True, text=True, timeout=120, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    return [json.loads(line) for line in done.stdout.splitlines()]


def test_linters_find_nothing_but_the_documented_slashes(tmp_path: Path) -> None:
    found = findings(committed(VERSION), tmp_path)
    assert [each for each in found if each["rule"] not in DOCUMENTED] == []
    slashes = len({each.path for each in OPERATIONS if each.path.endswith("/")})
    assert len(found) == 2 * slashes, "one of the linters has not looked"


@pytest.mark.parametrize("linter", ["spectral", "redocly"])
def test_linters_find_what_is_wrong(tmp_path: Path, linter: str) -> None:
    document = json.loads(committed(VERSION))
    del document["paths"]["/api/v1/appointments/"]["get"]["operationId"]
    found = findings(json.dumps(document), tmp_path)
    assert any(
        "operation-operationId" in each["rule"] for each in found if each["linter"] == linter
    )
