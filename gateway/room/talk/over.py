"""How a socket of the room ends: the last word before the close, and the code of the close."""

from ...wire.ending import RESTARTING, STOPPING

COMPLETED, ABNORMAL, FAILED, TRY_LATER = 1000, 1006, 1011, 1013
MALFORMED, UNAUTHORIZED, REMOVED, GONE, TIMEOUT = 4400, 4401, 4403, 4404, 4408
TAKEN_OVER, ENDED, CANCELLED, FULL, NOT_OPEN, SLOW_DOWN = 4409, 4410, 4411, 4423, 4425, 4429

# What a socket is closed with after the last word of that code.
CLOSES = {
    "ENDED": ENDED,
    "CANCELLED": CANCELLED,
    "REMOVED": REMOVED,
    "FULL": FULL,
    "TOO_MANY_DEVICES": FULL,
    "TICKET_EXPIRED": UNAUTHORIZED,
    "TICKET_USED": UNAUTHORIZED,
    "GONE": GONE,
    "NOT_OPEN": NOT_OPEN,
    "TAKEN_OVER": TAKEN_OVER,
    "RESTARTING": RESTARTING,
    "SLOW_DOWN": SLOW_DOWN,
    "MALFORMED": MALFORMED,
}
MESSAGES = {
    "ENDED": "The appointment is over.",
    "CANCELLED": "The appointment was cancelled.",
    "REMOVED": "You were removed from the appointment.",
    "GONE": "Your seat was given up: join again through your link.",
    "TAKEN_OVER": "You are connected from another place now.",
    "RESTARTING": STOPPING,
    "SLOW_DOWN": "Too many messages: join again in a minute.",
}


class Over(Exception):
    """The socket ends: `code` is the last word, empty where only the close says why."""

    def __init__(self, code: str, message: str = "", close: int = 0) -> None:
        super().__init__(code)
        self.code = code
        self.message = message or MESSAGES.get(code, "")
        self.close = close or CLOSES.get(code, FAILED)


class Left(Exception):
    """The other side has closed the socket with this code, or is gone."""

    def __init__(self, code: int) -> None:
        super().__init__(code)
        self.code = code


def malformed(message: str) -> Over:
    """Returns the end of a socket whose client does not keep to the protocol."""
    return Over("MALFORMED", message)
