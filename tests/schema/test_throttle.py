"""The bucket of a token: what it holds, how it fills, and that buckets are few."""

import pytest

from schema.operation.throttle import Rate, Throttle, Throttled


class Clock:
    def __init__(self) -> None:
        self.seconds = 1_000.0

    def __call__(self) -> float:
        return self.seconds


def test_a_bucket_empties_and_fills_with_time() -> None:
    clock = Clock()
    throttle = Throttle(Rate(10, 20), clock)
    assert throttle.spend("a", 4)[1:] == (6, 8)
    assert throttle.spend("a", 6)[1:] == (0, 20)
    with pytest.raises(Throttled) as refused:
        throttle.spend("a", 3)
    assert refused.value.wait_seconds == 6
    assert refused.value.message == "Request was throttled. Expected available in 6 seconds."
    clock.seconds += 5.9
    with pytest.raises(Throttled) as refused:
        throttle.spend("a", 3)
    assert refused.value.message == "Request was throttled. Expected available in 1 second."
    clock.seconds += 0.2
    assert throttle.spend("a", 3).remaining == 0
    clock.seconds += 1_000
    assert throttle.spend("a", 1).remaining == 9


def test_a_refused_request_costs_nothing() -> None:
    clock = Clock()
    throttle = Throttle(Rate(10, 10), clock)
    throttle.spend("a", 10)
    clock.seconds += 5
    for _ in range(100):
        with pytest.raises(Throttled):
            throttle.spend("a", 6)
    assert throttle.spend("a", 5).remaining == 0


def test_tokens_do_not_share_a_bucket() -> None:
    throttle = Throttle(Rate(2, 60), Clock())
    throttle.spend("a", 2)
    assert throttle.spend("b", 1).remaining == 1


def test_what_costs_more_than_a_bucket_holds_needs_a_full_one() -> None:
    throttle = Throttle(Rate(10, 10), Clock())
    assert throttle.spend("a", 50).remaining == 0
    with pytest.raises(Throttled) as refused:
        throttle.spend("a", 50)
    assert refused.value.wait_seconds == 10
    assert throttle.spend("b", -5).remaining == 10


def test_the_buckets_used_longest_ago_are_forgotten() -> None:
    clock = Clock()
    throttle = Throttle(Rate(5, 60), clock, most_tokens=3)
    for name in "abcabd":
        throttle.spend(name, 1)
    assert len(throttle) == 3
    assert throttle.spend("a", 0).remaining == 3
    for number in range(10_000):
        throttle.spend(str(number), 1)
    assert len(throttle) == 3


def test_what_is_done_already_may_leave_a_debt() -> None:
    now = [0.0]
    throttle = Throttle(Rate(10, 10), lambda: now[0])
    throttle.charge("a", 25)
    with pytest.raises(Throttled) as refused:
        throttle.spend("a", 1)
    # No deeper than a bucket holds: it is forgiven in time.
    assert refused.value.wait_seconds == 11
    assert refused.value.allowance.remaining == 0
    now[0] = 11.0
    assert throttle.spend("a", 1).remaining == 0
