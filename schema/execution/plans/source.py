"""The text of a plan: functions that are written one by one, and compiled all at once.

Nothing of what a caller sent stands in it. Names are positions, values are bound from outside.
"""

from collections.abc import Mapping
from typing import Any


class Source:
    """Functions to be compiled, with the values that they use."""

    def __init__(self, names: Mapping[str, Any]) -> None:
        self.names: dict[str, Any] = dict(names)
        self._lines: list[str] = []
        self._kept: dict[int | str, str] = {}
        self._count = 0

    def name(self, prefix: str) -> str:
        """Returns a name that nothing else has."""
        self._count += 1
        return f"{prefix}{self._count}"

    def keep(self, value: Any) -> str:
        """Binds a value from outside and returns its name, one for each value."""
        # By what it is, but for text: which texts are one object is up to the interpreter.
        known = value if isinstance(value, str) else id(value)
        if known not in self._kept:
            name = self._kept[known] = self.name("k")
            self.names[name] = value
        return self._kept[known]

    def write(self, *lines: str) -> None:
        """Adds lines of code."""
        self._lines += lines

    @property
    def text(self) -> str:
        """All that was written."""
        return "\n".join(self._lines)

    def compile(self) -> Mapping[str, Any]:
        """Compiles what was written and returns everything by its name."""
        exec(compile(self.text, "<plan>", "exec"), self.names)  # noqa: S102
        return self.names
