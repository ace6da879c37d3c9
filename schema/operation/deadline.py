"""How long an operation may take: one look at all that run, in place of a timer for each."""

import asyncio
from types import TracebackType
from typing import Self

from ..domain.errors import DeadlineExceeded


class Deadlines:
    """The operations that run, in the order in which their time is up: all may take as long."""

    def __init__(self, seconds: float) -> None:
        self.seconds = seconds
        self._running: dict[Deadline, float] = {}
        self._timer: asyncio.TimerHandle | None = None

    def begin(self, deadline: "Deadline") -> None:
        """Counts the time of an operation from now on."""
        loop = asyncio.get_running_loop()
        self._running[deadline] = due = loop.time() + self.seconds
        if self._timer is None:
            self._timer = loop.call_at(due, self._look, loop)

    def end(self, deadline: "Deadline") -> None:
        """Forgets an operation that is over."""
        self._running.pop(deadline, None)

    def _look(self, loop: asyncio.AbstractEventLoop) -> None:
        now = loop.time()
        for deadline, due in list(self._running.items()):
            if due > now:
                self._timer = loop.call_at(due, self._look, loop)
                return
            deadline.expire()
        self._timer = None


class Deadline:
    """The time of one operation; as a block it cancels its task when that is up.

    Raises DeadlineExceeded in place of the cancellation, as `asyncio.timeout` does TimeoutError.
    """

    __slots__ = ("_cancelling", "_deadlines", "_is_expired", "_task")

    def __init__(self, deadlines: Deadlines) -> None:
        self._deadlines = deadlines
        self._is_expired = False
        self._cancelling = 0
        self._task: asyncio.Task[object] | None = None

    def __enter__(self) -> Self:
        self._task = task = asyncio.current_task()
        if task is None:
            raise RuntimeError("a deadline is for a task")
        self._cancelling = task.cancelling()
        self._deadlines.begin(self)
        return self

    def expired(self) -> bool:
        """Whether the time was up before the operation was over."""
        return self._is_expired

    def expire(self) -> None:
        """Cancels the operation."""
        self._deadlines.end(self)
        self._is_expired = True
        if self._task is not None:
            self._task.cancel()

    def __exit__(
        self,
        kind: type[BaseException] | None,
        _: BaseException | None,
        __: TracebackType | None,
    ) -> None:
        self._deadlines.end(self)
        task, self._task = self._task, None
        if not self._is_expired or task is None:
            return
        # Whoever else has cancelled the task meanwhile is not to be disappointed.
        if task.uncancel() <= self._cancelling and kind is asyncio.CancelledError:
            raise DeadlineExceeded(self._deadlines.seconds) from None
