"""What docs/clients.md shows: files of this folder, and the commands that its tests run.

`python -m tests.clients.page` copies the files into the page anew.
"""

import re
from pathlib import Path

ROOT = Path(__file__).parents[2]
PAGE = ROOT / "docs" / "clients.md"
SHOWN = re.compile(r"<!-- (?P<name>\S+) -->\n```(?P<language>\w+)\n(?P<text>.*?)```\n", re.S)
COMMANDS = re.compile(r"```sh\n(.*?)```", re.S)
INSTALL = re.compile(r"^(?:npm install|pip install)( .*)", re.M)


def shown() -> dict[str, str]:
    """Returns the text of each file that the page shows, by its name."""
    return {found["name"]: found["text"] for found in SHOWN.finditer(PAGE.read_text())}


def commands() -> list[str]:
    """Returns the commands of the page in their order, without those that install packages."""
    lines = "\n".join(COMMANDS.findall(PAGE.read_text())).splitlines()
    return [line for line in lines if line and not INSTALL.match(line)]


def packages() -> set[str]:
    """Returns the names of the packages that the page tells to install."""
    words = " ".join(INSTALL.findall(PAGE.read_text())).split()
    return {word.strip("'\"") for word in words if not word.startswith("-")}


def renewed() -> str:
    """Returns the page with the files as they are now."""

    def block(found: re.Match[str]) -> str:
        text = (ROOT / found["name"]).read_text()
        return f"<!-- {found['name']} -->\n```{found['language']}\n{text}```\n"

    return SHOWN.sub(block, PAGE.read_text())


if __name__ == "__main__":
    PAGE.write_text(renewed())
