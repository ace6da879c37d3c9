"""What is asked: no write may change what a measured read answers."""

import random
import sqlite3
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from types import SimpleNamespace
from typing import cast
from unittest.mock import ANY

import pytest

from bench import databases, measure, operations, targets
from bench.dataset import Size
from bench.floor.storage import stored
from bench.measure import Settings
from bench.operations import Operation, Request, Subjects
from bench.processes import Server
from db import migrate
from db.location import SqliteFile

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


@pytest.mark.parametrize("name", ["one", "create"])
def test_every_target_is_warmed_up_by_as_many_requests(
    name: str, filled: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    taken: list[tuple[int, bool]] = []

    def take(
        server: Server, row: Operation, asked: Sequence[Request], given: Settings, warm_up: bool
    ) -> None:
        taken.append((len(asked), warm_up))

    monkeypatch.setattr(measure, "take", take)
    (row,) = operations.named([f"REST {name}"])
    server = cast(Server, SimpleNamespace(target=targets.FLOOR))
    subjects, given = Subjects(filled, SIZE), Settings(seconds=0.01)
    for number in (0, 1):
        list(measure.one_round(row, [server], subjects, given, number, random.Random(1)))
    assert taken == [(measure.WARM_UP_REQUESTS, True), (ANY, False)]


def test_filling_keeps_every_index(filled: Path, tmp_path: Path) -> None:
    def indexes(path: Path) -> set[str]:
        with sqlite3.connect(path) as connection:
            found = connection.execute("SELECT name FROM sqlite_master WHERE type = 'index'")
            return {name for (name,) in found}

    migrate.upgrade(SqliteFile(tmp_path / "empty.db"))
    assert indexes(filled) == indexes(tmp_path / "empty.db")
