"""The move itself: prepared, copied table by table, verified, and only then open to services."""

from pathlib import Path

from .. import migrate
from ..location import Server
from ..upkeep.progress import Progress
from . import source, target
from .digests import Figures
from .layout import MovedTable
from .source import MoveFailed, Source
from .target import AGAIN, Target

MOST_NAMED = 5


async def move(path: Path, server: Server, progress: Progress, *, again: bool = False) -> Figures:
    """Copies a file into an empty database; goes on where an earlier move was interrupted.

    Returns counts and digests by table and organization, which were the same on both sides. With
    `again` an unfinished move is begun anew. Raises MoveFailed and DatabaseUnavailable.
    """
    with source.opened(path) as file:
        figures = file.figures(progress)
        if again:
            await _forget(server, file)
        # A mark in the place of a revision says that a move has begun.
        if migrate.current(server) != migrate.MOVING:
            migrate.upgrade(server, progress)
        async with target.opened(server) as database:
            if await database.is_unfinished():
                await database.ensure_same(figures)
            else:
                await database.begin(figures)
            for table in file.tables:
                await _copy(file, database, table, progress)
            _ensure_equal(figures, await database.figures(file.tables, figures, progress))
            progress.begin("letting services start")
            await database.end(file.tables)
    return figures


async def _forget(server: Server, file: Source) -> None:
    async with target.opened(server) as database:
        if await database.is_unfinished():
            await database.forget(file.tables)


async def _copy(file: Source, database: Target, table: MovedTable, progress: Progress) -> None:
    total = file.count(table)
    progress.begin(f"moving {total:,} rows of {table.name}", total)
    for rows in file.batches(table, await database.reached(table)):
        await database.copy(table, rows)
        progress.add(len(rows))


def _ensure_equal(moved: Figures, found: Figures) -> None:
    different = [
        f"{name}: {moved.get(name, [0])[0]:,} rows in the file, {found.get(name, [0])[0]:,} there"
        for name in sorted(moved.keys() | found.keys())
        if moved.get(name) != found.get(name)
    ]
    if different:
        raise MoveFailed(
            "what was copied differs from the file, and no service starts on it: "
            f"{'; '.join(different[:MOST_NAMED])}. {AGAIN}"
        )
