"""The committed descriptions are what the code prints now."""

from pathlib import Path

from db import compiler
from gateway.version import VERSION
from rest.openapi.document import committed
from schema.build import sdl

ROOT = Path(__file__).parents[2]


def test_the_committed_sdl_is_current() -> None:
    advice = "schema.graphql is stale; renew it with: ./connect schema schema.graphql"
    assert (ROOT / "schema.graphql").read_text() == sdl(), advice


def test_the_committed_openapi_is_current() -> None:
    advice = "openapi.json is stale; renew it with: ./connect openapi openapi.json"
    assert (ROOT / "openapi.json").read_text() == committed(VERSION), advice


def test_the_committed_statements_are_current() -> None:
    advice = "statements.json is stale; renew it with: ./connect statements db/statements.json"
    kept = (ROOT / "db" / "statements.json").read_text().splitlines()
    now = compiler.committed().splitlines()
    assert [line for line in now if line not in set(kept)] == [], advice
    assert len(kept) == len(now), advice
