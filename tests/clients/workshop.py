"""A copy of this folder with the packages it needs, where the commands of the page are run."""

import os
import shutil
import subprocess
from functools import cache
from pathlib import Path

from tests.node import ROOT, installed, say, skip_unless_ours
from tools.environment import Environment, SetUpFailed

FOLDER = Path(__file__).parent
# What @hey-api/openapi-ts asks for.
OLDEST_NODE = (22, 18)
SECONDS = 120


class Workshop:
    """A folder with a copy of the clients; what is run in it finds what it needs in `programs`."""

    def __init__(self, folder: Path, url: str, programs: Path) -> None:
        self.folder = folder
        self.url = url
        self.path = os.pathsep.join([str(programs), "/usr/local/bin", "/usr/bin", "/bin"])
        left_out = shutil.ignore_patterns("node_modules", "__pycache__", "__init__.py")
        shutil.copytree(FOLDER, folder, ignore=left_out)

    def run(self, command: str, **variables: str) -> subprocess.CompletedProcess[str]:
        """Runs a command of the page, which speaks of the server at its usual address."""
        here = {"PATH": self.path, "HOME": str(self.folder), "NO_COLOR": "1"}
        return subprocess.run(
            ["bash", "-c", command.replace("http://127.0.0.1:8000", self.url)],
            cwd=self.folder,
            env=here | variables,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=SECONDS,
            check=False,
        )

    def must(self, command: str) -> None:
        """Runs a command; fails the test with what it printed when it fails."""
        done = self.run(command)
        assert done.returncode == 0, f"{command}\n{done.stdout}\n{done.stderr}"


def with_node(folder: Path, url: str) -> Workshop:
    """Returns a workshop where `npx` runs what is installed here, and nothing else."""
    node = installed(FOLDER, OLDEST_NODE).node
    programs = folder.with_name("programs")
    programs.mkdir()
    (programs / "node").symlink_to(node)
    npx = programs / "npx"
    npx.write_text('#!/bin/sh\nname=$1; shift\nexec node "node_modules/.bin/$name" "$@"\n')
    npx.chmod(0o755)
    workshop = Workshop(folder, url, programs)
    (folder / "node_modules").symlink_to(FOLDER / "node_modules")
    return workshop


@cache
def generators() -> Path:
    """Returns the folder of the Python generators, installed there first when they are missing."""
    try:
        return Environment(ROOT, ".venv-clients", say).ensure("clients").parent
    except SetUpFailed as problem:
        skip_unless_ours(problem)
        raise


def with_generators(folder: Path, url: str) -> Workshop:
    """Returns a workshop with the Python generators and what their clients import."""
    return Workshop(folder, url, generators())
