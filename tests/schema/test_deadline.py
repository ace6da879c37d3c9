"""A deadline ends what takes too long, and nothing else."""

import asyncio

import pytest

from schema.domain.errors import DeadlineExceeded
from schema.operation.deadline import Deadline, Deadlines

SOON, NEVER = 0.02, 60.0


async def work(deadlines: Deadlines, seconds: float) -> str:
    with Deadline(deadlines):
        await asyncio.sleep(seconds)
    return "done"


async def test_what_is_quick_ends_and_what_is_slow_is_stopped() -> None:
    deadlines = Deadlines(SOON)
    ended = await asyncio.gather(
        *(work(deadlines, seconds) for seconds in (0, NEVER, 0, NEVER)), return_exceptions=True
    )
    assert [each for each in ended if isinstance(each, str)] == ["done", "done"]
    stopped = [each for each in ended if isinstance(each, DeadlineExceeded)]
    assert len(stopped) == 2
    assert "0.02 seconds" in stopped[0].message


async def test_one_that_begins_later_is_stopped_later() -> None:
    deadlines = Deadlines(0.2)
    first = asyncio.create_task(work(deadlines, NEVER))
    await asyncio.sleep(0.1)
    second = asyncio.create_task(work(deadlines, NEVER))
    await asyncio.wait([first])
    assert not second.done()
    with pytest.raises(DeadlineExceeded):
        await second


async def test_nothing_is_kept_of_operations_that_are_over() -> None:
    deadlines = Deadlines(NEVER)
    for _ in range(1_000):
        await work(deadlines, 0)
    assert not deadlines._running
    assert deadlines._timer is not None
    deadlines._timer.cancel()


async def test_a_caller_who_leaves_is_no_deadline() -> None:
    task = asyncio.create_task(work(Deadlines(NEVER), NEVER))
    await asyncio.sleep(0)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task


async def test_a_caller_who_leaves_as_the_time_is_up_has_left() -> None:
    deadlines = Deadlines(NEVER)
    task = asyncio.create_task(work(deadlines, NEVER))
    await asyncio.sleep(0)
    (deadline,) = deadlines._running
    task.cancel()
    deadline.expire()
    with pytest.raises(asyncio.CancelledError):
        await task


async def test_what_ends_although_its_time_was_up_has_ended() -> None:
    with Deadline(Deadlines(SOON)) as deadline:
        with pytest.raises(asyncio.CancelledError):
            await asyncio.sleep(NEVER)
        assert deadline.expired()
    await asyncio.sleep(0)  # The task goes on: nothing is left of the cancellation.
    task = asyncio.current_task()
    assert task is not None
    assert not task.cancelling()


async def test_its_own_errors_go_through() -> None:
    with pytest.raises(ValueError, match="ours"), Deadline(Deadlines(NEVER)):
        raise ValueError("ours")
