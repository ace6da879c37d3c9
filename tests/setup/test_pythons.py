"""Which Pythons a set-up gets along with, and what it says of the others: one line, what to do."""

import ast
import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.service import ROOT
from tests.setup.machine import Python, checkout, plain
from tools import environment

CONNECT = (ROOT / "connect").read_text()


def run(python: Path | str, root: Path, *arguments: str, **settings: str) -> tuple[int, str]:
    done = subprocess.run(
        [str(python), str(root / "connect"), *arguments],
        capture_output=True, text=True, timeout=120, check=False, env=plain(**settings),
    )  # fmt: skip
    return done.returncode, done.stderr


def said_in_one_line(said: str, *words: str) -> None:
    (line,) = [line for line in said.splitlines() if "making a virtual" not in line][-1:]
    assert said.count("\n") <= 3 and "Traceback" not in said
    assert line.startswith("connect: ")
    assert all(word in line for word in words), line


def made(tmp_path: Path, *without: str, has_pip: bool) -> Python:
    python = Python(tmp_path / "machine", without, has_pip=has_pip)
    if not python.works():
        pytest.skip("this Python does not start from another folder")
    return python


def test_a_machine_with_pip_and_without_ensurepip_is_set_up(tmp_path: Path) -> None:
    python = made(tmp_path, "ensurepip", has_pip=True)
    root = checkout(tmp_path / "checkout", "# nothing\n")

    _, said = run(python.executable, root, "settings")

    assert "making a virtual environment" in said and "installed in" in said
    assert (root / ".venv" / environment.STAMP).is_file()
    assert not list((root / ".venv").glob("lib/python*/site-packages/pip"))


def test_what_a_machine_lacks_is_named(tmp_path: Path) -> None:
    root = checkout(tmp_path / "checkout", "# nothing\n")

    bare = made(tmp_path, "ensurepip", has_pip=False)
    status, said = run(bare.executable, root, "settings")
    assert status == 1
    said_in_one_line(said, "neither `ensurepip` nor pip", "apt-get install python3-venv")

    cut = made(tmp_path / "cut", "venv", has_pip=True)
    status, said = run(cut.executable, root, "settings")
    assert status == 1
    said_in_one_line(said, "No module named venv", "apt-get install python3-venv")

    minimal = made(tmp_path / "minimal", "subprocess", "ensurepip", has_pip=False)
    status, said = run(minimal.executable, root, "settings")
    assert status == 1
    said_in_one_line(said, "subprocess", "apt-get install python3 python3-venv")


def test_a_pip_that_is_too_old_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    def answers(*command: str) -> str | None:
        return "pip 22.0.2 from /usr/lib" if command[0] == sys.executable else None

    monkeypatch.setattr(environment, "output_of", answers)

    with pytest.raises(environment.SetUpFailed, match=r"pip 22\.0\.2 is older than 22\.3"):
        environment.pip_of(Path("/somewhere/bin/python"))


def test_a_pip_that_is_not_yet_released_is_no_problem(monkeypatch: pytest.MonkeyPatch) -> None:
    def answers(*command: str) -> str | None:
        return "pip 25.0rc1 from /usr/lib" if command[0] == sys.executable else None

    monkeypatch.setattr(environment, "output_of", answers)

    assert environment.pip_of(Path("/somewhere/bin/python"))[:3] == [sys.executable, "-m", "pip"]


@pytest.mark.parametrize("version", [(2, 7, 18), (3, 6, 15), (3, 10, 1), (3, 15, 0)])
def test_a_wrong_python_is_told_in_one_line(version: tuple[int, ...], tmp_path: Path) -> None:
    """The script itself, as a Python of that version would run it."""
    pretend = (
        "import sys\n"
        f"sys.version_info = type('Version', (tuple,), {{}})({version!r})\n"
        "sys.argv = ['connect', 'run']\n"
        f"exec(compile(open({str(ROOT / 'connect')!r}).read(), 'connect', 'exec'),"
        " {'__name__': '__main__', '__file__': 'connect'})"
    )
    done = subprocess.run(
        [sys.executable, "-c", pretend],
        capture_output=True, text=True, timeout=20, check=False, env=plain(PATH=str(tmp_path)),
    )  # fmt: skip

    assert done.returncode == 1
    assert done.stderr.count("\n") == 1
    assert "needs Python 3.11 to 3.14" in done.stderr
    assert ".".join(map(str, version)) in done.stderr


def test_an_old_python_goes_on_with_a_newer_one_of_the_machine(tmp_path: Path) -> None:
    for name, script in {"python3.13": "exit 127", "python3.12": 'echo "became $@"'}.items():
        (tmp_path / name).write_text(f'#!/bin/sh\n[ "$1" = -c ] || echo\n{script}\n')
        (tmp_path / name).chmod(0o755)
    pretend = (
        "import sys; sys.version_info = (3, 9, 0); sys.argv = ['connect', 'run']\n"
        f"exec(compile(open({str(ROOT / 'connect')!r}).read(), 'connect', 'exec'),"
        f" {{'__name__': '__main__', '__file__': {str(ROOT / 'connect')!r}}})"
    )
    done = subprocess.run(
        [sys.executable, "-c", pretend],
        capture_output=True, text=True, timeout=20, check=False,
        env=plain(PATH=f"{tmp_path}:/bin:/usr/bin"),
    )  # fmt: skip

    assert f"became {ROOT / 'connect'} run" in done.stdout


def test_the_script_is_written_for_every_python_since_2_7() -> None:
    """Python 2.7 reads what has none of these; 3.6 is asked with its own grammar."""
    tree = ast.parse(CONNECT, feature_version=(3, 6))
    newer = (
        *(ast.JoinedStr, ast.AnnAssign, ast.Nonlocal, ast.Starred, ast.NamedExpr, ast.YieldFrom),
        *(ast.AsyncFunctionDef, ast.Await, ast.MatMult),
    )
    for node in ast.walk(tree):
        assert not isinstance(node, newer), ast.dump(node)
        if isinstance(node, ast.FunctionDef):
            assert not (node.returns or node.args.kwonlyargs or node.args.posonlyargs)
            assert not any(each.annotation for each in node.args.args)
        if isinstance(node, ast.Raise):
            assert node.cause is None
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
            assert node.func.id != "print"
    assert CONNECT.isascii()
    assert not re.search(r"\d_\d|subprocess\.(run|DEVNULL)|shutil\.which", CONNECT)
