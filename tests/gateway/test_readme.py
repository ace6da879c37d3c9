"""The README's examples: each `sh` block answers what the `json` block after it shows."""

import json
import re
import subprocess
from pathlib import Path
from typing import Any

from tests.conftest import LiveServer

README = Path(__file__).parents[2] / "README.md"
EXAMPLE = re.compile(r"```sh\n(.*?)```\s+```json\n(.*?)```", re.S)


def matches(shown: Any, found: Any) -> bool:
    """Whether an answer matches the README; `…` stands for any text."""
    if shown == "…":
        return isinstance(found, str) and bool(found)
    if isinstance(shown, dict):
        return (
            isinstance(found, dict)
            and list(shown) == list(found)
            and all(matches(shown[name], found[name]) for name in shown)
        )
    if isinstance(shown, list):
        return len(shown) == len(found) and all(map(matches, shown, found))
    return bool(shown == found)


def test_the_examples_answer_what_the_readme_shows(live_server: LiveServer) -> None:
    examples = EXAMPLE.findall(README.read_text())
    assert len(examples) == 2
    for command, shown in examples:
        script = command.replace("http://127.0.0.1:8000", live_server.url)
        done = subprocess.run(
            ["bash", "-c", script],
            env={"TOKEN": live_server.token, "PATH": "/usr/bin:/bin"},
            capture_output=True, text=True, check=True, timeout=30,
        )  # fmt: skip
        assert matches(json.loads(shown), json.loads(done.stdout)), done.stdout


def test_every_file_that_the_readme_names_is_there() -> None:
    named = re.findall(r"\]\(([^)#:]+)\)", README.read_text())
    assert named
    for name in named:
        assert (README.parent / name).exists(), name
