"""Documents name only what exists: files, folders, modules and what is in them."""

import re
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
LINK = re.compile(r"\]\(([^)#:]+)(?:#[^)]*)?\)")
FILE = re.compile(r"`((?:[\w.-]+/)+[\w.-]*|[\w-]+\.(?:py|md|json|toml|graphql|txt|in))`")
MODULE = re.compile(r"`((?:gateway|rest|schema|db)(?:\.\w+)+)`")


def tracked() -> list[str]:
    return subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT, capture_output=True, text=True, check=True,
    ).stdout.splitlines()  # fmt: skip


TRACKED = [name for name in tracked() if (ROOT / name).is_file()]
FOLDERS = {name.partition("/")[0] for name in TRACKED if "/" in name}
DOCUMENTS = [name for name in TRACKED if name.endswith(".md")]


def is_file(name: str, folder: Path) -> bool:
    """Whether a document in `folder` may name this: a bare name may stand for a file anywhere."""
    name = name.removeprefix("./")  # as the launcher is typed
    if "/" not in name:
        return any(Path(each).name == name for each in TRACKED)
    if name.startswith("./"):
        return is_there(ROOT, name)  # a command, typed in the checkout
    starts = [ROOT] if name.partition("/")[0] in FOLDERS else []
    if (folder / name.partition("/")[0]).is_dir():
        starts.append(folder)
    # What starts nowhere is something else: a media type, the data of a running service.
    return not starts or any(is_there(start, name) for start in starts)


def is_there(folder: Path, name: str) -> bool:
    """Whether it exists, or git ignores it because it is built."""
    # A folder that is not there yet is known as one by its slash.
    asked = ["git", "check-ignore", name, f"{name}/"]
    return (folder / name).exists() or _succeeds(asked, folder)


def _succeeds(command: list[str], folder: Path) -> bool:
    done = subprocess.run(command, cwd=folder, check=False, capture_output=True)
    return done.returncode == 0


def is_module(name: str) -> bool:
    """Whether this is a module, or what follows the longest module is a name in it."""
    steps = name.split(".")
    for length in range(len(steps), 0, -1):
        place = ROOT.joinpath(*steps[:length])
        file = place.with_suffix(".py") if length > 1 else place / "__init__.py"
        source = file if file.is_file() else place / "__init__.py"
        if source.is_file():
            words = set(re.findall(r"\w+", source.read_text()))
            return set(steps[length:]) <= words
    return False


@pytest.mark.parametrize("document", DOCUMENTS)
def test_what_a_document_names_exists(document: str) -> None:
    path = ROOT / document
    text = path.read_text()
    missing = {name for name in LINK.findall(text) if not (path.parent / name).exists()}
    modules = set(MODULE.findall(text))
    files = set(FILE.findall(text)) - modules
    missing |= {name for name in files if not is_file(name, path.parent)}
    missing |= {name for name in modules if not (is_module(name) or (ROOT / name).is_file())}
    assert missing == set()
