"""Who sees whom: frames that each page has decoded of each other one."""

import asyncio
import time
from collections.abc import Sequence
from typing import NamedTuple

from .person import Person, Unmet

Pair = tuple[str, str]
PAUSE_SECONDS = 0.3


class View(NamedTuple):
    """What one page has of another: one of its connections, and frames decoded there."""

    connection: int
    decoded: int
    samples: int
    pair: tuple[str, str]


async def views(people: Sequence[Person]) -> dict[Pair, View]:
    """Returns what each has of each other: (who sees, who is seen)."""
    seen = await asyncio.gather(*(person.links() for person in people))
    # The two ends of a link agree on a pair of names, which nobody else has.
    ends = {
        (link["local"], link["remote"]): person.name
        for person, links in zip(people, seen, strict=True)
        for link in links
        if link["local"] and link["remote"]
    }
    found: dict[Pair, View] = {}
    for person, links in zip(people, seen, strict=True):
        for link in links:
            other = ends.get((link["remote"], link["local"]))
            if other is not None:
                kinds = link["pair"] or {"local": "", "remote": ""}
                found[person.name, other] = View(
                    link["id"], link["decoded"], link["samples"], (kinds["local"], kinds["remote"])
                )
    return found


def all_pairs(people: Sequence[Person]) -> set[Pair]:
    """Returns every pair in both directions."""
    names = [person.name for person in people]
    return {(one, other) for one in names for other in names if one != other}


def grown(before: dict[Pair, View], after: dict[Pair, View]) -> set[Pair]:
    """Returns where frames were decoded between two looks."""
    return {
        pair
        for pair, view in after.items()
        if view.decoded > _decoded_before(before.get(pair), view)
    }


def _decoded_before(before: View | None, view: View) -> int:
    return before.decoded if before and before.connection == view.connection else 0


async def until_all_see(
    people: Sequence[Person], within: float, since: float | None = None, fresh: bool = False
) -> float:
    """Waits until every page decodes frames of every other one; returns the seconds that took.

    Counted from `since`, by `time.monotonic`. Frames of before do not count when it is `fresh`.
    Raises Unmet with the pairs that are missing.
    """
    since = time.monotonic() if since is None else since
    wanted, before = all_pairs(people), await views(people) if fresh else {}
    done: set[Pair] = set()
    while True:
        now = await views(people)
        done |= grown(before, now)
        took = time.monotonic() - since
        if done >= wanted and took <= within:
            return took
        if took > within:
            missing = _listed(wanted - done) or "none, but later"
            raise Unmet(f"no frames after {within:g} s: {missing} of {len(wanted)}")
        # To ask thirty connections keeps six pages busy, and the people in them waiting.
        await asyncio.sleep(PAUSE_SECONDS * len(people) / 2)


async def frozen(people: Sequence[Person], whom: str, seconds: float) -> set[str]:
    """Returns who decoded frames of somebody within so many seconds."""
    before = await views(people)
    await asyncio.sleep(seconds)
    return {one for one, other in grown(before, await views(people)) if other == whom}


def _listed(pairs: set[Pair]) -> str:
    return ", ".join(f"{one} of {other}" for one, other in sorted(pairs))
