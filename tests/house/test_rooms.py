"""Folders and modules stay small enough to be read."""

from pathlib import Path

ROOT = Path(__file__).parents[2]
ROOMS = ("gateway", "rest", "schema", "db")
MOST_MODULES = 16
MOST_LINES = 250
# Both may only shrink: a name that is no longer needed fails the test.
CROWDED: set[str] = set()
LONG: set[str] = set()


def modules() -> list[Path]:
    # Migrations are a history, of which nothing is ever moved or split.
    return [
        path
        for room in ROOMS
        for path in (ROOT / room).rglob("*.py")
        if not {"versions", "node_modules"} & set(path.parts)
    ]


def test_no_folder_is_crowded() -> None:
    side_by_side: dict[str, int] = {}
    for path in modules():
        if path.name not in ("__init__.py", "__main__.py"):
            folder = path.parent.relative_to(ROOT).as_posix()
            side_by_side[folder] = side_by_side.get(folder, 0) + 1
    crowded = {folder for folder, count in side_by_side.items() if count > MOST_MODULES}
    assert crowded == CROWDED


def test_no_module_is_long() -> None:
    long = {
        path.relative_to(ROOT).as_posix()
        for path in modules()
        if len(path.read_text().splitlines()) > MOST_LINES
    }
    assert long == LONG


def test_the_map_shows_every_room() -> None:
    rooms = {f"{path.parent.relative_to(ROOT).as_posix()}/" for path in modules()}
    shown = (ROOT / "CONTRIBUTING.md").read_text()
    assert {room for room in rooms if f"`{room}`" not in shown} == set()
