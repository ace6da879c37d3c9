"""The checker takes every order that there can be, and none that has a race in it."""

import random
from collections.abc import Iterator
from itertools import permutations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.histories import simulated
from tests.histories.checker import UNKNOWN, Entry, Undecided, Verdict, check
from tests.histories.model import APPOINTMENT, Operation, Outcome, fits, step

History = list[Entry[Operation]]
BOOKED = Operation("create", (("title", "a"), ("duration_minutes", 30)))
READ = Operation("read")
RACES = [
    simulated.LosesUpdates,
    simulated.ReadsStale,
    simulated.ReadsDirty,
    simulated.RepeatsEffects,
    simulated.ForgetsAcknowledged,
]


def verdict(history: History) -> Verdict:
    return check([Entry(BOOKED, -1, 0, Outcome("done")), *history], APPOINTMENT)


def patch(called: float, returned: float, code: str = "done", **given: object) -> Entry[Operation]:
    """A change of `title` or `minutes`; `v` is the version that was shown, `expected` was named."""
    version, expected = given.pop("v", None), given.pop("expected", None)
    operation = Operation("patch", tuple(given.items()), expected=expected)  # type: ignore[arg-type]
    if returned == UNKNOWN:
        return Entry(operation, called)
    return Entry(
        operation, called, returned, Outcome(code, {"version": version} if version else {})
    )


def read(called: float, returned: float, **shown: object) -> Entry[Operation]:
    return Entry(READ, called, returned, Outcome("done", shown))


def test_one_after_the_other() -> None:
    history = [
        patch(1, 2, title="b", v=2),
        read(3, 4, title="b"),
        patch(5, 6, duration_minutes=15, v=3),
    ]
    assert verdict(history).is_linearizable
    assert [each.operation.kind for each in verdict(history).order] == [
        "create",
        "patch",
        "read",
        "patch",
    ]


def test_at_the_same_time_either_order_is_good() -> None:
    writes = [patch(1, 5, title="b"), patch(2, 6, title="c")]
    for last in "bc":
        assert verdict([*writes, read(7, 8, title=last, version=3)]).is_linearizable
    assert not verdict([*writes, read(7, 8, title="a")]).is_linearizable


def test_a_read_during_a_write_sees_either() -> None:
    for title in "ab":
        assert verdict([patch(1, 9, title="b"), read(2, 3, title=title)]).is_linearizable
    # But once it was seen, it is there.
    seen = [patch(1, 9, title="b"), read(2, 3, title="b"), read(4, 5, title="a")]
    assert not verdict(seen).is_linearizable


def test_a_lost_update_is_rejected() -> None:
    both = [patch(1, 4, title="b", v=2), patch(2, 5, duration_minutes=15, v=2)]
    assert not verdict(both).is_linearizable
    gone = [patch(1, 4, title="b"), patch(2, 5, duration_minutes=15), read(6, 7, title="a")]
    assert not verdict(gone).is_linearizable


def test_a_stale_read_is_rejected() -> None:
    assert not verdict([patch(1, 2, title="b"), read(3, 4, title="a")]).is_linearizable
    assert verdict([patch(1, 3, title="b"), read(2, 4, title="a")]).is_linearizable


def test_a_dirty_read_is_rejected() -> None:
    refused = patch(1, 9, code="stale", title="b", expected=7)
    assert not verdict([refused, read(2, 3, title="b")]).is_linearizable
    assert verdict([refused, read(2, 3, title="a")]).is_linearizable
    assert not verdict([read(2, 3, title="never written")]).is_linearizable


def test_a_duplicate_effect_is_rejected() -> None:
    again = [patch(1, 2, title="b"), patch(3, 4, title="c"), read(5, 6, title="b")]
    assert not verdict(again).is_linearizable
    assert not verdict([patch(1, 2, title="b"), read(3, 4, title="b", version=3)]).is_linearizable


def test_two_writers_that_name_one_version_cannot_both_succeed() -> None:
    first = patch(1, 5, title="b", expected=1)
    assert not verdict([first, patch(2, 6, title="c", expected=1)]).is_linearizable
    assert verdict([first, patch(2, 6, code="stale", title="c", expected=1, v=2)]).is_linearizable
    assert not verdict(
        [first, patch(2, 6, code="stale", title="c", expected=1, v=1)]
    ).is_linearizable


def test_nobody_knows_whether_a_killed_write_was_made() -> None:
    killed = patch(1, UNKNOWN, title="b")
    for title in "ab":
        assert verdict([killed, read(5, 6, title=title)]).is_linearizable
    assert verdict([killed, read(2, 3, title="a"), read(5, 6, title="b")]).is_linearizable
    assert not verdict([killed, read(2, 3, title="b"), read(5, 6, title="a")]).is_linearizable
    # It may be made long after, but once: and not before it was sent.
    later = [killed, patch(2, 3, title="c"), read(4, 5, title="c"), read(6, 7, title="b")]
    assert verdict(later).is_linearizable
    assert not verdict([read(-0.5, 0.5, title="b"), killed]).is_linearizable
    twice = [*later, patch(8, 9, title="d"), read(10, 11, title="b")]
    assert not verdict(twice).is_linearizable


def test_a_killed_write_is_not_made_after_its_process_is_gone() -> None:
    killed = Entry(Operation("patch", (("title", "b"),)), 1, 4)
    assert verdict([killed, read(2, 3, title="a"), read(3.5, 6, title="b")]).is_linearizable
    assert verdict([killed, read(5, 6, title="a"), read(7, 8, title="a")]).is_linearizable
    assert not verdict([killed, read(5, 6, title="a"), read(7, 8, title="b")]).is_linearizable


def test_an_acknowledged_write_that_a_crash_lost_is_rejected() -> None:
    lost = [patch(1, 2, title="b"), patch(3, UNKNOWN, title="c"), read(5, 6, title="a")]
    assert not verdict(lost).is_linearizable


def test_the_verdict_says_what_cannot_be() -> None:
    found = str(verdict([patch(1, 2, title="b"), read(3, 4, title="a")]))
    assert "2 operations have an order" in found
    assert "kind='read'" in found and "title='b'" in found


def test_a_search_that_explodes_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tests.histories.checker.MOST", 50)
    writes = [patch(1, 99, title=str(at)) for at in range(12)]
    with pytest.raises(Undecided):
        verdict([*writes, read(100, 101, title="never")])


seeds = st.integers(0, 2**32)


def simulate(store: simulated.Store, seed: int, **size: int) -> History:
    """A history of the store: the appointment is booked first, then the clients take turns."""
    chance = random.Random(seed)
    turns: Iterator[int] = iter(lambda: chance.randrange(60), -1)
    booked = simulated.record(store, [[BOOKED]], turns)
    shift = booked[0].returned
    rest = simulated.record(store, simulated.programs(seed, **size), turns)
    return booked + [
        each._replace(called=each.called + shift, returned=each.returned + shift) for each in rest
    ]


@settings(max_examples=300, deadline=None)
@given(seed=seeds, every=st.sampled_from([3, 5, 1000]))
def test_every_order_of_a_store_that_is_right_is_accepted(seed: int, every: int) -> None:
    history = simulated.crashed(simulate(simulated.Store(), seed), every)
    assert check(history, APPOINTMENT).is_linearizable


@pytest.mark.parametrize("race", RACES, ids=lambda race: race.__name__)
def test_planted_races_are_rejected(race: type[simulated.Store]) -> None:
    histories = [simulate(race(), seed) for seed in range(60)]
    rejected = [not check(each, APPOINTMENT).is_linearizable for each in histories]
    assert sum(rejected) > 15, "a race that goes unseen"


small = st.lists(
    st.tuples(
        st.sampled_from(["read", "title", "minutes", "conditional", "delete"]),
        st.integers(1, 12), st.integers(0, 6), st.sampled_from(["done", "stale", "missing", "unknown"]),
        st.integers(1, 4), st.sampled_from("ab"),
    ),
    max_size=5,
)  # fmt: skip


def built(drawn: list[tuple[str, int, int, str, int, str]]) -> History:
    """A small history with outcomes that may be possible or not."""
    history = []
    for kind, called, lasts, code, version, title in drawn:
        values = {"title": ("title", title), "minutes": ("duration_minutes", 15), "conditional": ("title", title)}  # fmt: skip
        operation = Operation(
            {"read": "read", "delete": "delete"}.get(kind, "patch"),
            (values[kind],) if kind in values else (),
            expected=version if kind == "conditional" else None,
        )
        shown = {"version": version} if code == "done" and kind != "delete" else {}
        outcome = None if code == "unknown" else Outcome(code, shown)
        if outcome is None and kind == "read":
            continue
        history.append(
            Entry(operation, called, UNKNOWN if outcome is None else called + lasts, outcome)
        )
    return history


def by_trying_all(history: History) -> bool:
    """Whether some order of all that is known and of some of the rest explains the history."""
    known = [each for each in history if each.is_known]
    rest = [each for each in history if not each.is_known]
    for bits in range(1 << len(rest)):
        chosen = known + [each for at, each in enumerate(rest) if bits >> at & 1]
        if any(is_explained(order) for order in permutations(chosen)):
            return True
    return False


def is_explained(order: tuple[Entry[Operation], ...]) -> bool:
    state = step(None, BOOKED)[0]
    for at, entry in enumerate(order):
        if any(later.returned < entry.called for later in order[at + 1 :]):
            return False
        state, due = step(state, entry.operation)
        if entry.is_known and not fits(entry.outcome, due):
            return False
    return True


@settings(max_examples=400, deadline=None)
@given(drawn=small)
def test_it_agrees_with_trying_all_orders(drawn: list[tuple[str, int, int, str, int, str]]) -> None:
    history = built(drawn)
    # The appointment is there before everything else.
    assert verdict(history).is_linearizable == by_trying_all(history)
