"""How GraphQL types recognise the rows that they are read from."""

from typing import Any


class RowsOf:
    """Recognises the rows of some classes: the `is_type_of` of a type.

    Says which classes they are, so that compiled code need not ask row by row.
    """

    def __init__(self, *classes: type) -> None:
        self.classes = classes

    def __call__(self, row: object, _: Any) -> bool:
        """Whether the row is of one of the classes."""
        return isinstance(row, self.classes)
