"""The sources of the front end, and how tools/frontend.py builds it or does without."""

import json
import re
import sys
from pathlib import Path

import pytest
from graphql import OperationType, build_schema, get_operation_ast, parse, validate

from schema.build import sdl
from tools import frontend

EXPLORER = Path(__file__).parents[2] / "gateway" / "explorer"
OPERATIONS = sorted((EXPLORER / "src" / "operations").glob("*.graphql"))

# A fake Node.js that supports just what the build needs.
NODE = """#!/bin/sh
case "$1" in
  --version) echo "v20.19.0" ;;
  *vite.js) [ -f broken ] && { echo "Build failed: \033[31mbroken\033[0m"; exit 1; }
     mkdir -p "$4/explorer/assets"; cp page.html "$4/explorer/index.html"
     echo "body{}" > "$4/explorer/assets/a.css" ;;
  *) exit 9 ;;
esac
"""
NPM = """#!/bin/sh
echo "$@" >> npm-calls
mkdir -p node_modules
"""


@pytest.fixture
def root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A checkout with a tiny front end, on a machine with our fake Node.js."""
    tools = tmp_path / "tools"
    tools.mkdir()
    for name, script in {"node": NODE, "npm": NPM}.items():
        (tools / name).write_text(script)
        (tools / name).chmod(0o755)
    monkeypatch.setenv("PATH", f"{tools}:/usr/bin:/bin")
    source = tmp_path / "checkout" / "gateway" / "explorer"
    source.mkdir(parents=True)
    for name in ["package.json", "package-lock.json", "node.txt", "page.html"]:
        (source / name).write_text(name)
    return tmp_path / "checkout"


def build(root: Path) -> tuple[bool, str]:
    said: list[str] = []
    done = frontend.build(root, Path(sys.executable), said.append)
    return done, "\n".join(said)


def page(root: Path) -> str:
    return (root / "gateway" / "static" / "explorer" / "index.html").read_text()


def npm_calls(root: Path) -> list[str]:
    return (root / "gateway" / "explorer" / "npm-calls").read_text().splitlines()


def test_a_first_start_builds(root: Path) -> None:
    done, said = build(root)
    assert done
    assert "Installing" in said
    assert page(root) == "page.html"
    assert (root / "gateway/static/explorer/assets/a.css.gz").is_file()
    assert npm_calls(root)[0].startswith("ci ")


def test_a_second_start_builds_nothing(root: Path) -> None:
    (root / "gateway" / "explorer" / "npm-calls").touch()  # the stand-in writes among the sources
    build(root)
    (root / "gateway" / "explorer" / "npm-calls").write_text("")
    assert build(root) == (True, "")
    assert npm_calls(root) == []


def test_a_changed_source_is_rebuilt_with_the_same_packages(root: Path) -> None:
    build(root)
    (root / "gateway" / "explorer" / "page.html").write_text("changed")
    assert build(root)[0]
    assert page(root) == "changed"
    assert len(npm_calls(root)) == 1


def test_a_changed_lock_reinstalls_the_packages(root: Path) -> None:
    build(root)
    (root / "gateway" / "explorer" / "package-lock.json").write_text("changed")
    assert build(root)[0]
    assert len(npm_calls(root)) == 2


def test_npm_gets_a_cache_where_the_home_cannot_be_written(
    root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HOME", str(root / "home"))
    assert build(root)[0]
    assert "--cache" not in npm_calls(root)[0]
    monkeypatch.setenv("HOME", str(root / "home" / ".npm" / "none"))
    (root / "home" / ".npm").rmdir()
    (root / "home" / ".npm").touch()  # a file: not even root can make a folder in it
    (root / "gateway" / "explorer" / "package-lock.json").write_text("changed")
    assert build(root)[0]
    _, cache = npm_calls(root)[1].split("--cache ")
    assert not Path(cache).exists()


def test_a_failing_build_keeps_the_old_pages(root: Path) -> None:
    build(root)
    before = sorted(path.name for path in (root / "gateway" / "static").rglob("*"))
    (root / "gateway" / "explorer" / "page.html").write_text("changed")
    (root / "gateway" / "explorer" / "broken").touch()
    done, said = build(root)
    assert not done
    assert "Build failed: broken" in said, "colours are for terminals"
    assert "The API does not need it" in said
    assert page(root) == "page.html"
    assert sorted(path.name for path in (root / "gateway" / "static").rglob("*")) == before
    assert sorted(path.name for path in (root / "gateway").iterdir()) == ["explorer", "static"]


def test_the_service_starts_when_node_cannot_be_installed(
    root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(root))
    said: list[str] = []
    # Holds no requirement, so pip fails at once without asking a registry.
    (root / "gateway" / "explorer" / "node.txt").write_text("not a requirement at all\n")
    assert not frontend.build(root, Path(sys.executable), said.append)
    assert "No Node.js" in said[0]
    assert "fetching Node.js failed" in "\n".join(said)
    assert not (root / "gateway" / "static").exists()


def test_an_image_without_the_sources_keeps_its_pages(root: Path) -> None:
    build(root)
    for path in (root / "gateway" / "explorer").glob("*.json"):
        path.unlink()
    assert build(root) == (True, "")


@pytest.mark.parametrize(
    ("version", "expected"),
    [
        ((0, 0), False),
        ((18, 20), False),
        ((20, 18), False),
        ((20, 19), True),
        ((21, 7), False),
        ((22, 11), False),
        ((22, 12), True),
        ((24, 0), True),
    ],
)
def test_which_node_is_recent_enough(version: tuple[int, int], expected: bool) -> None:
    assert frontend.is_recent(version) is expected


def test_packages_are_pinned_and_the_lock_holds_no_address() -> None:
    package = json.loads((EXPLORER / "package.json").read_text())
    named = package["dependencies"] | package["devDependencies"]
    assert all(re.fullmatch(r"\d+\.\d+\.\d+", version) for version in named.values())
    lock = (EXPLORER / "package-lock.json").read_text()
    assert "://" not in lock
    assert '"resolved"' not in lock
    assert lock.count('"integrity"') > 100


@pytest.mark.parametrize("path", OPERATIONS, ids=lambda path: path.stem)
def test_an_example_is_valid_against_the_schema(path: Path) -> None:
    document = parse(path.read_text())
    schema = build_schema(sdl())
    operation = get_operation_ast(document)
    assert operation is not None
    assert operation.name is not None, "GraphiQL names its tabs by it"
    if operation.operation is OperationType.SUBSCRIPTION and not schema.subscription_type:
        pytest.skip("This schema has no subscriptions yet; the menu leaves the example out.")
    assert validate(schema, document) == []


def test_every_example_is_offered() -> None:
    offered = (EXPLORER / "src" / "examples.ts").read_text()
    assert len(OPERATIONS) == 16
    for path in OPERATIONS:
        assert f"'./operations/{path.name}?raw'" in offered
