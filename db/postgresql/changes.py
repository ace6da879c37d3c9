"""Whether anybody has committed: who is told can be woken, and has to look all the same."""

from .wakeups import Wakeups


class Changes:
    """There may always be something new; other processes say so as soon as there is."""

    def __init__(self, wakeups: Wakeups) -> None:
        self._wakeups = wakeups
        self._ear = wakeups.ear()

    def seen(self) -> bool:
        """Whether there may be something new."""
        return True

    async def wait(self, seconds: float) -> None:
        """Returns after `seconds`, or as soon as another process has committed something."""
        await self._wakeups.wait(self._ear, seconds)

    def forget(self) -> None:
        """Lets the next question be the first, which it is anyway."""

    def close(self) -> None:
        """Lets go of nothing: the connection is there for all who wait."""
