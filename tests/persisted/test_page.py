"""The lines of docs/persisted-operations.md for a shell do what their comments say."""

import json
import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest

from tests.service import ROOT, EmbeddedService

PAGE = ROOT / "docs" / "persisted-operations.md"


@pytest.mark.skipif(not shutil.which("curl"), reason="needs curl")
def test_the_page_shows_what_happens(tmp_path: Path) -> None:
    (script,) = re.findall(r"```sh\n(.*?)```", PAGE.read_text(), re.DOTALL)
    service = EmbeddedService(tmp_path)
    try:
        lines = script.replace("http://127.0.0.1:8000", service.url).replace(
            "\nask -", "\necho; ask -"
        )
        done = subprocess.run(
            ["sh", "-c", lines],
            env=os.environ | {"TOKEN": service.token},
            capture_output=True, text=True, timeout=30, check=True,
        )  # fmt: skip
    finally:
        service.stop()
    missed, registered, found = map(json.loads, filter(None, done.stdout.splitlines()))
    assert missed["errors"][0]["message"] == "PersistedQueryNotFound"
    assert registered == found
    assert found["data"]["viewer"]["tokenName"]
