"""Files of the build as answers: read once, sent as they are taken, without an open file.

Starlette's StaticFiles would keep one open for every slow reader: see decision 0018.
"""

from functools import lru_cache
from pathlib import Path

from starlette.responses import Response
from starlette.types import Receive, Scope, Send

# What is written at once; the next piece waits until the connection takes it.
CHUNK = 65_536


class Chunked(Response):
    """A body that many answers share, sent as fast as it is read: no file stays open meanwhile."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Sends the answer piece by piece."""
        head = {"type": "http.response.start", "status": self.status_code}
        await send({**head, "headers": self.raw_headers})
        whole = memoryview(self.body)
        for start in range(0, len(whole) or 1, CHUNK):
            piece = bytes(whole[start : start + CHUNK])
            more = start + CHUNK < len(whole)
            await send({"type": "http.response.body", "body": piece, "more_body": more})


@lru_cache(maxsize=256)
def read_once(path: Path) -> bytes:
    """Returns what a file of the build holds; its name changes when that does."""
    return path.read_bytes()
