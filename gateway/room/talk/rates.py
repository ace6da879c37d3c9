"""How much one socket may say: a bucket of messages, and one of characters."""

SUSTAINED, BURST = 50.0, 400.0
# What a socket writes goes to up to five others, and through the database where those are at
# another process: descriptions of six people are some 100,000 characters.
SUSTAINED_CHARACTERS, BURST_CHARACTERS = 131_072.0, 2_097_152.0
# Messages over the rate that are dropped before the socket is closed.
PATIENCE = 200


class Rate:
    """Says which messages are within the rate; `now` is in seconds that only go forward."""

    __slots__ = ("_at", "_characters", "_messages", "dropped")

    def __init__(self, now: float) -> None:
        self._at = now
        self._messages = BURST
        self._characters = BURST_CHARACTERS
        # How many in a row were over the rate.
        self.dropped = 0

    def allows(self, characters: int, now: float) -> bool:
        """Takes a message out of the buckets; False where one of them is empty."""
        passed = max(now - self._at, 0.0)
        self._at = now
        self._messages = min(self._messages + passed * SUSTAINED, BURST)
        self._characters = min(self._characters + passed * SUSTAINED_CHARACTERS, BURST_CHARACTERS)
        if self._messages < 1 or self._characters < characters:
            self.dropped += 1
            return False
        self._messages -= 1
        self._characters -= characters
        self.dropped = 0
        return True

    @property
    def is_exhausted(self) -> bool:
        """Whether the client goes on all the same."""
        return self.dropped > PATIENCE
