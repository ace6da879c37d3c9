"""Attacks of connections: slow, deaf, idle, rude, many."""

from collections.abc import Iterator

from ..case import Case
from ..people import People
from . import crowds, deaf, leaving, live, refused, slow

ROOMS = {
    "slow": slow.cases,
    "deaf": deaf.cases,
    "crowds": crowds.cases,
    "leaving": leaving.cases,
    "refused": refused.cases,
    "live": live.cases,
}


def cases(people: People) -> Iterator[Case]:
    for make in ROOMS.values():
        yield from make(people)
