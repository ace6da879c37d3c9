"""A client that knows what became of each request: not sent, cut off, or answered."""

import asyncio
import json
from typing import Any, NamedTuple

SECONDS = 30.0


class NotSent(Exception):
    """Nobody took the connection: the request cannot have had an effect."""


class Cut(Exception):
    """The connection broke before the whole answer had come: the request may have had an effect."""


class Answer(NamedTuple):
    """An answer that came whole."""

    status: int
    headers: dict[str, str]
    body: bytes

    def json(self) -> Any:
        """Returns the body as JSON."""
        return json.loads(self.body) if self.body else None


class Line:
    """A connection that is kept open, and opened anew after it broke."""

    def __init__(self) -> None:
        self._streams: tuple[asyncio.StreamReader, asyncio.StreamWriter] | None = None

    async def ask(
        self, port: int, method: str, path: str, body: Any = None, **headers: str
    ) -> Answer:
        """Sends one request and returns its answer; raises NotSent, Cut, or TimeoutError."""
        content = b"" if body is None else json.dumps(body).encode()
        lines = [f"{method} {path} HTTP/1.1", "Host: localhost", f"Content-Length: {len(content)}"]
        lines += ["Content-Type: application/json"] if content else []
        lines += [f"{name.replace('_', '-')}: {text}" for name, text in headers.items()]
        request = "\r\n".join([*lines, "", ""]).encode() + content
        try:
            async with asyncio.timeout(SECONDS):
                reader, writer = self._streams or await self._opened(port)
                return await self._exchange(reader, writer, request)
        except BaseException:
            self.close()
            raise

    async def _opened(self, port: int) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        try:
            self._streams = await asyncio.open_connection("127.0.0.1", port)
        except OSError as error:
            raise NotSent(str(error)) from error
        return self._streams

    async def _exchange(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, request: bytes
    ) -> Answer:
        try:
            writer.write(request)
            head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
            fields = (line.partition(": ") for line in head[1:] if line)
            headers = {name.lower(): text for name, _, text in fields}
            body = await reader.readexactly(int(headers.get("content-length", 0)))
        except (OSError, EOFError) as error:
            raise Cut(repr(error)) from error
        if headers.get("connection", "").lower() == "close":
            self.close()
        return Answer(int(head[0].split()[1]), headers, body)

    def close(self) -> None:
        """Leaves."""
        if self._streams is not None:
            self._streams[1].transport.abort()
            self._streams = None
