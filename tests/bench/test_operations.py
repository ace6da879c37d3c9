"""What is asked: no write may change what a measured read answers."""

import random
import sqlite3
from datetime import datetime
from pathlib import Path

import pytest

from bench import databases, operations
from bench.dataset import Size
from bench.floor.storage import stored
from bench.operations import Subjects
from db import migrate

SIZE = Size(appointments=600, organizations=3)


@pytest.fixture(scope="module")
def filled(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("bench") / "filled.db"
    databases.build_gateway(path, SIZE)
    return path


def starts(path: Path, keys: list[str]) -> list[str]:
    marks = ",".join("?" * len(keys))
    statement = f"SELECT start_date_time FROM appointment WHERE id IN ({marks})"
    with sqlite3.connect(path) as connection:
        return [start for (start,) in connection.execute(statement, keys)]


def test_what_is_changed_is_never_read(filled: Path) -> None:
    subjects = Subjects(filled, SIZE)
    changed = [key for _, key in subjects.changed]
    assert changed
    assert not set(changed) & {key for _, key in subjects.read}
    source = random.Random(1)
    latest = max(operations.window(SIZE, source)["until"] for _ in range(500))
    assert min(starts(filled, changed)) > stored(latest)


@pytest.mark.parametrize("appointments", [10_000, 100_000, 1_000_000])
def test_a_window_holds_as_much_at_every_size(appointments: int) -> None:
    size = Size(appointments)
    drawn = operations.window(size, random.Random(1))
    begin, end = (datetime.fromisoformat(drawn[name]) for name in ("from", "until"))
    year = 365 * 24 * 3600
    expected = (end - begin).total_seconds() / year * appointments / size.organizations
    assert expected == pytest.approx(operations.WINDOW_ROWS, rel=0.01)


def test_filling_keeps_every_index(filled: Path, tmp_path: Path) -> None:
    def indexes(path: Path) -> set[str]:
        with sqlite3.connect(path) as connection:
            found = connection.execute("SELECT name FROM sqlite_master WHERE type = 'index'")
            return {name for (name,) in found}

    migrate.upgrade(tmp_path / "empty.db")
    assert indexes(filled) == indexes(tmp_path / "empty.db")
