"""Responses with the files of the front end, read once and kept in memory.

Starlette's StaticFiles would keep a file open for every slow client: see decision 0018.
"""

from functools import lru_cache
from pathlib import Path

from starlette.responses import Response
from starlette.types import Receive, Scope, Send

# Bytes written at once; the next piece waits until the connection has room for it.
CHUNK = 65_536


class Chunked(Response):
    """A response with a shared body, sent in pieces as fast as the client reads."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Sends the response piece by piece."""
        head = {"type": "http.response.start", "status": self.status_code}
        await send({**head, "headers": self.raw_headers})
        whole = memoryview(self.body)
        for start in range(0, len(whole) or 1, CHUNK):
            piece = bytes(whole[start : start + CHUNK])
            more = start + CHUNK < len(whole)
            await send({"type": "http.response.body", "body": piece, "more_body": more})


@lru_cache(maxsize=256)
def read_once(path: Path) -> bytes:
    """Returns the content of a built file, whose name changes with the content."""
    return path.read_bytes()
