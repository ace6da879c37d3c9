"""How far long work has come is shown, and short work shows nothing."""

import io
from typing import Any

import pytest

from db.upkeep import progress
from db.upkeep.progress import Progress


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


@pytest.fixture
def time(monkeypatch: pytest.MonkeyPatch) -> Any:
    class Time:
        now = 0.0

        def monotonic(self) -> float:
            return self.now

    time = Time()
    monkeypatch.setattr(progress, "time", time)
    return time


def test_a_terminal_shows_a_bar_that_moves(time: Any) -> None:
    screen = Terminal()
    bar = Progress("seeding", 1000, screen)
    time.now = 0.5
    bar.add(100)
    assert screen.getvalue() == ""
    time.now = 2.0
    bar.add(150)
    time.now = 2.05
    bar.add(1)
    time.now = 8.0
    bar.add(749)
    bar.end()
    _, first, *_, last = screen.getvalue().split("\r")
    assert first == f"seeding {'█' * 6}{'·' * 18} 250 of 1,000, 6 s left\x1b[K"
    assert last == f"seeding {'█' * 24} 1,000 of 1,000, 8 s\x1b[K\n"


def test_elsewhere_there_is_a_line_now_and_then(time: Any) -> None:
    file = io.StringIO()
    bar = Progress("seeding", 0, file)
    for second in range(25):
        time.now = second
        bar.add(1)
    bar.end()
    assert file.getvalue().splitlines() == [
        f"seeding: {n} of 0, {n - 1} s" for n in (2, 12, 22)
    ] + ["seeding: 25 of 0, 24 s"]


def test_short_work_shows_nothing_and_a_closed_screen_stops_nothing(time: Any) -> None:
    screen = Terminal()
    bar = Progress("seeding", 2, screen)
    bar.add(2)
    bar.end()
    assert screen.getvalue() == ""
    screen.close()
    bar._stream = screen
    time.now = 5.0
    bar.add(1)
    bar.end()
