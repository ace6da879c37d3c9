"""Another process that writes: `python -m tests.schema.writer URL ORGANIZATION TIMES`."""

import asyncio
import sys

from db.location import Location, parse_url
from gateway.services import open_services
from gateway.settings import Settings
from schema.operation.call import Call, Caller
from tests.schema.following import happen


async def write(database: Location, organization_id: str, times: int) -> None:
    settings = Settings(
        given_database=database, secret_keys=("a-key-of-the-tests-0123456789abcdef",)
    )
    async with open_services(settings) as services:
        caller = Caller(organization_id, "", "another process", "", ("write",))
        call = Call(caller, services, "cli", "r")  # type: ignore[arg-type]
        for _ in range(times):
            await happen(call)
            await asyncio.sleep(0)


if __name__ == "__main__":
    asyncio.run(write(parse_url(sys.argv[1]), sys.argv[2], int(sys.argv[3])))
