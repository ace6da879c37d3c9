"""Statements that were compiled beforehand, and what happens to those that were not."""

import threading
from pathlib import Path
from typing import Any

import orjson
import pytest

from db import precompiled
from db.models import AppointmentStatus
from db.queries import appointments
from db.queries.filters import Filter
from db.statement import VARIANTS_KEPT, Family, Statement
from db.values import SQLITE

COMMON = ("appointments.BY_ID", ())


@pytest.fixture(autouse=True)
def unread() -> None:
    """No test is told what another one has read."""
    precompiled._kept.cache_clear()


@pytest.fixture
def file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A copy of the file that may be spoilt."""
    copy = tmp_path / "statements.json"
    copy.write_bytes(precompiled.FILE.read_bytes())
    monkeypatch.setattr(precompiled, "FILE", copy)
    return copy


def test_a_statement_that_was_compiled_beforehand_is_not_compiled_again(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(Statement, "described", None)
    assert Statement[Any](*COMMON).compiled(SQLITE).text.startswith("SELECT appointment.id")


def test_statements_compiled_from_other_sources_are_ignored(file: Path) -> None:
    assert precompiled.known(SQLITE, *COMMON) is not None
    kept = orjson.loads(file.read_bytes())
    file.write_bytes(orjson.dumps({**kept, "sources": "of another release"}))
    precompiled._kept.cache_clear()

    assert precompiled.known(SQLITE, *COMMON) is None
    assert Statement[Any](*COMMON).compiled(SQLITE).text.startswith("SELECT appointment.id")


@pytest.mark.parametrize("spoilt", [b"", b"{", b"[]", b"null", b'{"sources": 1}', None])
def test_an_unreadable_file_is_ignored(file: Path, spoilt: bytes | None) -> None:
    file.unlink() if spoilt is None else file.write_bytes(spoilt)
    assert precompiled.known(SQLITE, *COMMON) is None


def test_every_source_of_the_statements_counts() -> None:
    named = {path.relative_to(precompiled.HERE).as_posix() for path in precompiled._sources()}
    assert {"tables/event.py", "statements/lists.py", "models/event.py", "types.py"} <= named


async def test_a_rare_variant_is_compiled_on_a_thread(monkeypatch: pytest.MonkeyPatch) -> None:
    threads: list[int] = []
    described = Statement.described

    def noted(self: Statement[Any], dialect: str) -> precompiled.Description:
        threads.append(threading.get_ident())
        return described(self, dialect)

    monkeypatch.setattr(Statement, "described", noted)
    everyday, rare = Filter(), Filter(status=tuple(AppointmentStatus))
    family: Family[Any] = Family(appointments._count.name)

    await family.ready(SQLITE, everyday.shape)
    assert threads == []
    statement = await family.ready(SQLITE, rare.shape)
    assert len(threads) == 1
    assert threads[0] != threading.get_ident()

    assert statement.compiled(SQLITE).text.count("status = ") == len(AppointmentStatus)
    assert await family.ready(SQLITE, rare.shape) is statement
    assert len(threads) == 1


def test_a_family_keeps_the_variants_that_were_asked_for_last() -> None:
    family: Family[Any] = Family("a test's own")
    first = family(0)
    assert family(0) is first
    for number in range(1, VARIANTS_KEPT + 1):
        family(number)
    assert family(0) is not first
