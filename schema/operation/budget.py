"""What is pushed costs like what is asked for, and waits instead of being refused."""

import asyncio

from .call import Call
from .throttle import Throttled


async def afford(call: Call, points: int) -> None:
    """Charges the caller's token as soon as it has that many points."""
    while True:
        try:
            call.spend(points)
            return
        except Throttled as throttled:
            await asyncio.sleep(throttled.wait_seconds)
