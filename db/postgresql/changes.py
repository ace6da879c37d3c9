"""Whether anybody has committed: without being told, one has to look."""


class Changes:
    """Knows nothing, and says so: there may always be something new."""

    def seen(self) -> bool:
        """Whether there may be something new."""
        return True

    def forget(self) -> None:
        """Lets the next question be the first, which it is anyway."""

    def close(self) -> None:
        """Lets go of nothing."""
