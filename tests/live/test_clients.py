"""The npm clients `graphql-ws`, `graphql-sse` and Apollo Client, as they are installed."""

import asyncio
import json
import sys
from pathlib import Path

import pytest

from tests.wire.local import Local
from tools import frontend
from tools.environment import alone
from tools.frontend import BuildError, Toolchain

ROOT = Path(__file__).parents[2]
FOLDER = Path(__file__).parent / "node"


@pytest.fixture(scope="module")
def tools() -> Toolchain:
    """Node.js, with the packages that are locked."""
    told: list[str] = []
    try:
        found = frontend.find_tools(ROOT, Path(sys.executable), told.append)
        with alone(ROOT, told.append):
            frontend.install_packages(FOLDER, found, told.append)
    except (BuildError, OSError) as problem:
        pytest.skip(f"no npm packages here: {problem}")
    return found


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
    live: Local, token: str, tools: Toolchain, kind: str, wrong: str, stranger: str
) -> None:
    url = f"http://127.0.0.1:{live.port}"
    process = await asyncio.create_subprocess_exec(
        *(tools.node, str(FOLDER / "clients.mjs"), kind, url, token),
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    try:
        output, errors = await asyncio.wait_for(process.communicate(), 60)
    finally:
        if process.returncode is None:
            process.kill()
    assert process.returncode == 0, errors.decode()
    seen = json.loads(output)
    assert seen == {
        "query": "write token",
        "mutations": ["createAppointment"] * 3,
        "events": [["APPOINTMENT_CREATED", title] for title in ("One", "Two", "Three")],
        "wrong": wrong,
        "stranger": stranger,
    }
