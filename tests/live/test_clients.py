"""The npm clients `graphql-ws`, `graphql-sse` and Apollo Client, as they are installed."""

import asyncio
import json
from pathlib import Path
from typing import Any

import pytest

from tests.node import installed
from tests.wire.local import Local

FOLDER = Path(__file__).parent / "node"


@pytest.mark.parametrize(
    ("kind", "wrong", "stranger"),
    [
        ("graphql-ws", "GRAPHQL_PARSE_FAILED", "4403"),
        ("graphql-sse", "GRAPHQL_PARSE_FAILED", "401"),
        # It parses documents itself, and shows what stands in the body of a refusal.
        ("apollo", "Syntax Error: Expected Name, found <EOF>.", "Invalid token."),
    ],
)
async def test_a_client_of_others_runs_everything(
    live: Local, token: str, kind: str, wrong: str, stranger: str
) -> None:
    assert await seen_by("clients.mjs", kind, f"http://127.0.0.1:{live.port}", token) == {
        "query": "write token",
        "mutations": ["createAppointment"] * 3,
        "events": [["APPOINTMENT_CREATED", title] for title in ("One", "Two", "Three")],
        "wrong": wrong,
        "stranger": stranger,
    }


async def test_the_sample_of_the_manual_misses_nothing(live: Local, token: str) -> None:
    titles = await seen_by("resume.mjs", f"http://127.0.0.1:{live.port}", token)
    assert titles == ["Before", "Meanwhile", "After"]


async def seen_by(script: str, *arguments: str) -> Any:
    """Runs a script of Node.js and returns the JSON that it prints."""
    tools = await asyncio.to_thread(installed, FOLDER)
    process = await asyncio.create_subprocess_exec(
        *(tools.node, str(FOLDER / script), *arguments),
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    try:
        output, errors = await asyncio.wait_for(process.communicate(), 60)
    finally:
        if process.returncode is None:
            process.kill()
    assert process.returncode == 0, errors.decode()
    return json.loads(output)
