"""GraphQL over HTTP as the audit of `graphql-http` reads it: every rule is kept."""

import asyncio
import json

from starlette.applications import Starlette

from gateway.wire.socket import PatientSocket
from tests.conftest import InProcess
from tests.node import NPM, installed
from tests.wire.local import serve


async def test_the_audit_finds_nothing(app: Starlette) -> None:
    tools = await asyncio.to_thread(installed)
    async with serve(InProcess(app), ws=PatientSocket) as local:
        url = f"http://127.0.0.1:{local.port}/graphql"
        process = await asyncio.create_subprocess_exec(
            *(tools.node, str(NPM / "audit.mjs"), url), stdout=asyncio.subprocess.PIPE
        )
        output, _ = await asyncio.wait_for(process.communicate(), 120)
    found = [json.loads(line) for line in output.splitlines()]
    assert [each for each in found if each["status"] != "ok"] == []
    assert len(found) == 61
