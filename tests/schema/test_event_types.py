"""Events are named in one enumeration."""

from pathlib import Path

from db.models import EventType

ROOT = Path(__file__).parents[2]
SOURCES = [
    path
    for folder in ("gateway", "rest", "schema", "db")
    for path in (ROOT / folder).rglob("*.py")
    if "migrations" not in path.parts
]


def test_names_of_events_are_written_in_the_enumeration_only() -> None:
    holders = {
        path.relative_to(ROOT).as_posix()
        for path in SOURCES
        if any(f'"{type}"' in path.read_text() for type in EventType)
    }
    assert holders == {"db/models/event.py"}


def test_every_type_of_event_is_recorded() -> None:
    text = "".join(path.read_text() for path in SOURCES if "schema" in path.parts)
    assert [type for type in EventType if f"EventType.{type.name}" not in text] == []
