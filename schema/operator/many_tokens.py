"""Tokens that are imported together: what is refused of them, by number of line."""

from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence
from itertools import islice

from db.engine import Transaction
from db.queries import system

from ..domain.codes import FieldProblemCode
from ..domain.errors import FieldError
from ..domain.token_text import digest

MOST_AT_ONCE = 10_000
MOST_NAMED = 20

Lines = Mapping[int, str]
Check = Callable[[str], list[FieldError]]
Look = Callable[[Transaction, str], Awaitable[FieldError | None]]


def by_line(given: Sequence[str]) -> Lines:
    """Returns the lines that are not empty by their number, which counts from 1."""
    return {number: line.strip() for number, line in enumerate(given, 1) if line.strip()}


def errors(lines: Lines, check: Check) -> list[FieldError]:
    """Returns what is wrong with the lines themselves: the first of it, and that there is more."""
    if len(lines) > MOST_AT_ONCE:
        message = f"Give at most {MOST_AT_ONCE:,} tokens at once; these are {len(lines):,}."
        return [FieldError(("token",), FieldProblemCode.TOO_MANY, message)]
    return named(_errors(lines, check))


async def known(tx: Transaction, lines: Lines, look: Look) -> list[FieldError]:
    """Returns which are stored already, as `look` words it; asks for all of them at once."""
    digests = {number: digest(text) for number, text in lines.items()}
    stored = await system.known_digests(tx, list(digests.values()))
    numbers = (number for number, each in digests.items() if each in stored)
    found = [(n, await look(tx, lines[n])) for n in islice(numbers, MOST_NAMED + 1)]
    return named(at(number, error) for number, error in found if error)


def named(found: Iterator[FieldError]) -> list[FieldError]:
    """Returns the first errors, and that there is more where there is."""
    first = list(islice(found, MOST_NAMED + 1))
    if len(first) > MOST_NAMED:
        message = f"More is refused than these {MOST_NAMED} lines."
        first[MOST_NAMED:] = [FieldError(("token",), FieldProblemCode.INVALID, message)]
    return first


def at(number: int, error: FieldError) -> FieldError:
    """Returns the error with the number of its line."""
    return error._replace(path=(f"line {number}", *error.path))


def _errors(lines: Lines, check: Check) -> Iterator[FieldError]:
    first: dict[str, int] = {}
    for number, text in lines.items():
        yield from (at(number, error) for error in check(text))
        if text in first:
            message = f"This is the token of line {first[text]} once more."
            yield at(number, FieldError(("token",), FieldProblemCode.DUPLICATE, message))
        first.setdefault(text, number)
