"""What no file may hold: addresses of registries, paths of a machine."""

import re
import subprocess
from pathlib import Path

ROOT = Path(__file__).parents[2]
FORBIDDEN = re.compile(
    r"--(extra-)?index-url|\"resolved\": *\"http|pypi\.org/simple|registry\.npmjs\.org|/root/\.pyenv"
)


def test_no_file_names_a_registry_or_a_path_of_a_machine() -> None:
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT, capture_output=True, text=True, check=True,
    ).stdout.splitlines()  # fmt: skip
    found = []
    for name in listed:
        path = ROOT / name
        if path == Path(__file__) or not path.is_file() or path.suffix in {".png", ".woff2"}:
            continue
        if FORBIDDEN.search(path.read_text(errors="replace")):
            found.append(name)
    assert found == []
    assert "uv.lock" not in listed
