"""Sums of points that may depend on the variables of a request: constants folded, the rest kept."""

from collections.abc import Callable, Iterable, Mapping
from typing import Any, NamedTuple

Variables = Mapping[str, Any]


class Term(NamedTuple):
    """A number of points: `fixed`, and what the variables add to it."""

    fixed: int = 0
    variable: tuple[Callable[[Variables], int], ...] = ()

    def at(self, variables: Variables) -> int:
        """The points for these variables."""
        if not self.variable:
            return self.fixed
        return self.fixed + sum(part(variables) for part in self.variable)

    def plus(self, points: int) -> "Term":
        """This term with a constant added."""
        return Term(self.fixed + points, self.variable)

    def over(self, divisor: int) -> "Term":
        """This term divided, rounded up."""
        if not self.variable:
            return Term(-(-self.fixed // divisor))
        return Term(0, (lambda variables: -(-self.at(variables) // divisor),))

    def times(self, factor: "Term") -> "Term":
        """The product of both terms."""
        if not self.variable and not factor.variable:
            return Term(self.fixed * factor.fixed)
        return Term(0, (lambda variables: self.at(variables) * factor.at(variables),))


def total(terms: Iterable[Term]) -> Term:
    """The sum of the terms."""
    fixed = 0
    variable: list[Callable[[Variables], int]] = []
    for term in terms:
        fixed += term.fixed
        variable += term.variable
    return Term(fixed, tuple(variable))
