"""The metrics of all workers: each is asked for its own, over a socket in the crew's folder."""

import asyncio
from collections.abc import AsyncIterator, Iterable, Iterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path

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


class CrewFigures:
    """Tells the other workers the metrics of this one, and asks them for theirs."""

    def __init__(self, crew: Crew, registry: CollectorRegistry) -> None:
        self._crew = crew
        self._labelled = Labelled(registry, crew.number)

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
        with suppress(OSError):
            writer.write(self._own())
            await writer.drain()
        writer.close()

    def _own(self) -> bytes:
        return generate_latest(self._labelled)

    async def text(self) -> bytes:
        """Returns the metrics of every worker in the text format of Prometheus."""
        numbers = range(self._crew.count)
        texts = await asyncio.gather(*map(self._of, numbers))
        ups = [
            b'connect_worker_up{worker="%d"} %d\n' % (number, text is not None)
            for number, text in zip(numbers, texts, strict=True)
        ]
        return merged(text for text in texts if text is not None) + UP + b"".join(ups)

    async def _of(self, number: int) -> bytes | None:
        if number == self._crew.number:
            return self._own()
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
    """Returns metrics in the text format with those of one name together, under one heading."""
    families: dict[bytes, list[bytes]] = {}
    for text in texts:
        samples: list[bytes] = []
        for line in text.splitlines(keepends=True):
            if line.startswith(b"# HELP"):
                samples = families.setdefault(line, [])
            elif not line.startswith(b"# TYPE") or not samples:
                samples.append(line)
    return b"".join(line + b"".join(samples) for line, samples in families.items())
