"""How far long work has come is shown, and short work shows nothing."""

import io
import threading
from typing import Any

import pytest

from db.upkeep import progress
from db.upkeep.progress import Progress

DEADLINE_SECONDS = 30


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


class Heard(io.StringIO):
    """A stream that tells when something was written."""

    def __init__(self) -> None:
        super().__init__()
        self.was_written = threading.Event()

    def write(self, text: str) -> int:
        self.was_written.set()
        return super().write(text)


@pytest.fixture
def time(monkeypatch: pytest.MonkeyPatch) -> Any:
    class Time:
        now = 0.0

        def monotonic(self) -> float:
            return self.now

    time = Time()
    monkeypatch.setattr(progress, "time", time)
    return time


def test_a_terminal_shows_a_bar_that_moves_and_goes(time: Any) -> None:
    screen = Terminal()
    bar = Progress(screen)
    bar.begin("seeding", 1000)
    time.now = 2.0
    bar.add(250)
    bar.show()
    time.now = 8.0
    bar.add(750)
    bar.show()
    with bar.paused():
        screen.write("something else\n")
    _, first, last, rest = screen.getvalue().split("\r")
    assert first == f"connect: seeding {'█' * 6}{'·' * 18} 25%, 6 s left\x1b[K"
    assert last == f"connect: seeding {'█' * 24} 100%, 8 s\x1b[K"
    assert rest == "\x1b[Ksomething else\n"


def test_elsewhere_there_are_lines(time: Any) -> None:
    file = io.StringIO()
    bar = Progress(file)
    bar("verifying", 0, 0)
    time.now = 12.0
    bar("verifying", 0, 0)
    bar.show()
    bar("copying", 1, 4)
    time.now = 13.0
    bar.show()
    assert file.getvalue().splitlines() == [
        "connect: verifying, 12 s",
        "connect: copying 25%, 3 s left",
    ]


def test_what_counts_nothing_is_shown_too(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(progress, "QUIET_SECONDS", 0.01)
    stream = Heard()
    with Progress(stream) as bar:
        bar.begin("waiting")
        assert stream.was_written.wait(DEADLINE_SECONDS)
    assert "connect: wait" in stream.getvalue() or "connect: work" in stream.getvalue()


def test_short_work_and_quiet_work_show_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    stream = io.StringIO()
    with Progress(stream) as bar:
        bar.add(1)
    monkeypatch.setattr(progress, "QUIET_SECONDS", 0.0)
    with Progress(stream, is_quiet=True) as bar:
        bar.begin("waiting", 3)
        bar.add(1)
    assert stream.getvalue() == ""


def test_a_closed_screen_stops_nothing() -> None:
    screen = Terminal()
    bar = Progress(screen)
    screen.close()
    bar.show()


def test_work_that_begins_while_it_is_shown_does_no_harm(time: Any) -> None:
    lines = io.StringIO()
    shown = Progress(lines)
    shown("copying", 500, 1000)
    time.now = 4.0

    def look() -> float:
        # The thread that shows is in the middle of it when other work begins, of unknown size.
        del time.monotonic
        shown.begin("checking")
        return 4.0

    time.monotonic = look
    shown.show()
    assert lines.getvalue() == "connect: copying 50%, 4 s left\n"
    shown.show()
    assert lines.getvalue().splitlines()[1] == "connect: checking, 0 s"
