"""The limits of texts and numbers, each declared once."""

from typing import NamedTuple


class Length(NamedTuple):
    """The least and the greatest length of a text, in characters."""

    most: int
    least: int = 0

    def __str__(self) -> str:
        many = f"{self.most} characters"
        return f"{self.least} to {many}" if self.least else f"At most {many}"

    def check(self, column: str) -> str:
        """Returns the SQL condition that a column keeps to it."""
        if self.least:
            return f"length({column}) BETWEEN {self.least} AND {self.most}"
        return f"length({column}) <= {self.most}"


class Range(NamedTuple):
    """The least and the greatest value of a number."""

    least: int
    most: int

    def __str__(self) -> str:
        return f"{self.least} to {self.most}"

    def check(self, column: str) -> str:
        """Returns the SQL condition that a column keeps to it."""
        return f"{column} BETWEEN {self.least} AND {self.most}"


TITLE = Length(255, least=1)
UNIQUE_ID = Length(255, least=1)
DISPLAY_NAME = Length(60)
CANCEL_REASON = Length(1000)
DURATION_MINUTES = Range(15, 720)
NAME = Length(255, least=1)  # The name of an organization or of a token.
MAX_PARTICIPANTS = 1000
