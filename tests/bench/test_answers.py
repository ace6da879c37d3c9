"""Every target that speaks GraphQL answers the measured documents like the floor."""

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
SMALL = ("--appointments", "400", "--organizations", "4")


def checked(*arguments: str) -> str:
    """Compare answers in a run of its own and return what it printed."""
    command = [sys.executable, "-m", "bench", "--check", *SMALL, *arguments]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def test_plain_strawberry_answers_like_the_floor() -> None:
    said = checked("--only", "GraphQL", "--peers", "strawberry")
    assert "all answers are equal (3 operations, 12 requests each)" in said


def test_the_peers_on_node_answer_like_the_floor() -> None:
    said = checked("--only", "GraphQL", "--peers", "mercurius", "yoga")
    if "not installed" in said:
        pytest.skip(said.strip())
    assert "all answers are equal (3 operations, 12 requests each)" in said
