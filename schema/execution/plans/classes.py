"""What the class of a value says about it: may it have to be awaited, raised or iterated?"""

from asyncio import Future
from types import CoroutineType, GeneratorType
from typing import Any, TypeGuard

from graphql import Undefined

from ...operation.pace import Paced

# Ours are coroutines and futures; looking for a method costs more than looking for a class.
AWAITABLE = (CoroutineType, Future)
SPECIAL = (BaseException, *AWAITABLE, GeneratorType, type(Undefined), Paced)
TELLING = ("__await__", "__aiter__", "__getattr__")


def is_awaitable(value: Any) -> TypeGuard[Any]:
    """Whether a resolver's result has to be awaited: a coroutine, a future, or the like of it."""
    return isinstance(value, AWAITABLE) or hasattr(value, "__await__")


class Calm(dict[type, bool]):
    """Whether values of a class are just values: nothing to await, to raise or to iterate slowly.

    Remembers its answers; one belongs to one plan and goes with it.
    """

    def __missing__(self, kind: type) -> bool:
        special = issubclass(kind, SPECIAL) or any(hasattr(kind, name) for name in TELLING)
        self[kind] = not special
        return not special
