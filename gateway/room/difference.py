"""What has changed between two rosters of a room."""

from collections.abc import Iterable
from typing import NamedTuple

from schema.resolvers.seating import SeatedPerson

People = dict[str, SeatedPerson]


class Difference(NamedTuple):
    """Who came and went, whose connection was lost or is back, whose name or role is another."""

    came: list[SeatedPerson]
    went: list[SeatedPerson]
    absences: list[SeatedPerson]
    changed: list[SeatedPerson]


def by_seat(people: Iterable[SeatedPerson]) -> People:
    """Returns people by their seats."""
    return {each.seat_id: each for each in people}


def difference(before: People, after: People) -> Difference:
    """Returns how two rosters differ, in the order of the later one."""
    kept = [(before[id], each) for id, each in after.items() if id in before]
    return Difference(
        [each for id, each in after.items() if id not in before],
        [each for id, each in before.items() if id not in after],
        [now for then, now in kept if then.is_absent != now.is_absent],
        [now for then, now in kept if (then.name, then.role) != (now.name, now.role)],
    )
