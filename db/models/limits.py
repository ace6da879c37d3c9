"""The kinds of limits, of texts and of numbers; each limit is declared beside its row."""

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
