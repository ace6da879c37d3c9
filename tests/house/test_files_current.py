"""The committed descriptions are what the code prints now."""

from pathlib import Path

from rest.openapi import committed
from schema.build import sdl

ROOT = Path(__file__).parents[2]


def test_the_committed_sdl_is_current() -> None:
    advice = "schema.graphql is stale; renew it with: ./connect schema > schema.graphql"
    assert (ROOT / "schema.graphql").read_text() == sdl(), advice


def test_the_committed_openapi_is_current() -> None:
    advice = "openapi.json is stale; renew it with: ./connect openapi > openapi.json"
    assert (ROOT / "openapi.json").read_text() == committed(), advice
