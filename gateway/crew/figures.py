"""The metrics of all workers: each is asked for its own, over a socket in the crew's folder."""

import asyncio
from collections.abc import AsyncIterator, Iterable, Iterator
from contextlib import asynccontextmanager, suppress
from itertools import chain
from pathlib import Path
from typing import Protocol

import structlog
from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import Metric

from . import Crew

# One that is stopped, or ends, must not keep the others from answering.
ANSWER_SECONDS = 2.0
UP = b"# HELP connect_worker_up 1 if the worker answered.\n# TYPE connect_worker_up gauge\n"

log = structlog.get_logger("connect.workers")


class Labelled:
    """The metrics of a registry with the number of the worker on each."""

    def __init__(self, registry: CollectorRegistry, number: int) -> None:
        self._registry = registry
        self._label = {"worker": str(number)}

    def collect(self) -> Iterator[Metric]:
        """Yields the metrics, each sample with the label."""
        for metric in self._registry.collect():
            metric.samples = [
                sample._replace(labels={**sample.labels, **self._label})
                for sample in metric.samples
            ]
            yield metric


class Told(Protocol):
    """What a worker can tell: its own metrics, and those that all would tell alike."""

    @property
    def registry(self) -> CollectorRegistry: ...

    async def look(self) -> None:
        """Asks what has to be asked for its own."""

    async def common(self) -> bytes:
        """Returns what all would tell alike."""


class CrewFigures:
    """Tells the other workers the metrics of this one, and asks them for theirs."""

    def __init__(self, crew: Crew, told: Told) -> None:
        self._crew = crew
        self._metrics = told
        self._labelled = Labelled(told.registry, crew.number)

    @asynccontextmanager
    async def told(self) -> AsyncIterator[None]:
        """Answers the other workers while the block runs."""
        path = _socket(self._crew, self._crew.number)
        # The one that had this place before goes on, but is not asked any more.
        server = await asyncio.start_unix_server(self._tell, path)
        try:
            yield
        finally:
            server.close()

    async def _tell(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            with suppress(OSError):
                writer.write(await self._own())
                await writer.drain()
        finally:
            writer.close()

    async def _own(self) -> bytes:
        await self._metrics.look()
        return generate_latest(self._labelled)

    async def text(self) -> bytes:
        """Returns the metrics of every worker in the text format of Prometheus."""
        numbers = range(self._crew.count)
        common, texts = await asyncio.gather(
            self._metrics.common(), asyncio.gather(*map(self._of, numbers))
        )
        ups = [
            b'connect_worker_up{worker="%d"} %d\n' % (number, text is not None)
            for number, text in zip(numbers, texts, strict=True)
        ]
        whole = merged(text for text in texts if text is not None)
        return whole + UP + b"".join(ups) + common

    async def _of(self, number: int) -> bytes | None:
        if number == self._crew.number:
            return await self._own()
        try:
            async with asyncio.timeout(ANSWER_SECONDS):
                return await _read(_socket(self._crew, number))
        except (TimeoutError, OSError) as error:
            log.warning("worker_does_not_answer", asked=number, reason=repr(error))
            return None


async def _read(path: Path) -> bytes:
    reader, writer = await asyncio.open_unix_connection(path)
    try:
        return await reader.read(-1)
    finally:
        writer.close()


def _socket(crew: Crew, number: int) -> Path:
    return crew.folder / f"{number}.sock"


def merged(texts: Iterable[bytes]) -> bytes:
    """Returns metrics in the text format with those of one name together, under one heading.

    The heading is the first one: workers of two releases may word it differently.
    """
    families: dict[bytes, list[bytes]] = {}
    for text in texts:
        lines: list[bytes] = []
        is_new = True
        for line in text.splitlines(keepends=True):
            if line.startswith(b"# HELP "):
                name = line.split(b" ", 3)[2]
                is_new = name not in families
                lines = families.setdefault(name, [])
            if is_new or not line.startswith(b"# "):
                lines.append(line)
    return b"".join(chain.from_iterable(families.values()))
