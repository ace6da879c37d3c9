"""A schema whose resolvers do all that resolvers may do, and more, chosen at random by a seed.

What a resolver does depends on its row and field only, never on how often it was called, so that
two executions of one operation meet the same.
"""

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta, timezone
from enum import Enum, StrEnum
from random import Random
from typing import Annotated, Any

import strawberry
from graphql import GraphQLError
from strawberry import UNSET, ExceptionHandler, Info, Maybe, Parent
from strawberry.extensions import FieldExtension
from strawberry.permission import BasePermission
from strawberry.schema.config import StrawberryConfig

from schema.operation.pace import Pace
from schema.scalars import SCALARS, Url
from schema.types.recognition import RowsOf

PACE = Pace()


class World:
    """The root: what was called, and what each resolver is to do."""

    def __init__(self, seed: int) -> None:
        self.seed = seed
        self.called: list[str] = []

    def dice(self, *place: object) -> Random:
        """Random numbers of a place."""
        return Random(f"{self.seed} {place}")


class Row:
    """A row of a type; its attributes may be anything."""

    def __init__(self, world: World, number: int, word: object = "word") -> None:
        self.world = world
        self.number = number
        self.word = word

    def __getattribute__(self, name: str) -> Any:
        if name in ("world", "number") or name.startswith("__"):
            return object.__getattribute__(self, name)
        world, number = self.world, self.number
        return odd(world.dice(number, name), world, object.__getattribute__(self, "word"))


class Sheet(Row):
    """Another row, of another type."""


class Leaf(Row):
    """One more, which has a subclass."""


class LeafOfLeaf(Leaf):
    """Recognised as what it is derived from."""


class Bare:
    """A row that no type recognises."""

    number = 7
    word = "bare"


ROWS = (Row, Row, Sheet, Leaf, LeafOfLeaf, Bare)


def odd(dice: Random, world: World, usual: Any) -> Any:
    """Mostly the usual value; sometimes one that is not of its type, an error, an awaitable."""
    if dice.random() < 0.93:
        return usual

    async def later(value: Any) -> Any:
        await asyncio.sleep(0)
        return value

    async def failing() -> Any:
        await asyncio.sleep(0)
        raise ValueError("later")

    def raising() -> Any:
        raise KeyError("now")

    return dice.choice(
        [
            lambda: None, lambda: 17, lambda: "text", lambda: True, lambda: 2**40, lambda: 1.5,
            lambda: [], lambda: {}, lambda: [None], lambda: ("a", 1), lambda: float("nan"),
            lambda: ValueError("returned"), lambda: later(usual), failing, raising, object,
            lambda: Colour.RED, lambda: Size.SMALL, lambda: datetime(2030, 1, 1, tzinfo=UTC),
            lambda: datetime(2030, 1, 1, tzinfo=timezone(timedelta(hours=2))),
            lambda: later(None), lambda: GraphQLError("as such"), lambda: UNSET,
        ]
    )()  # fmt: skip


def some_row(world: World, dice: Random, depth: int = 0) -> Any:
    """A row of some type, mostly."""
    return odd(dice, world, dice.choice(ROWS)(world, dice.randrange(50)))  # type: ignore[operator]


def row_of(kind: type, world: World, dice: Random) -> Any:
    """A row of a type, mostly."""
    return odd(dice, world, kind(world, dice.randrange(50)))


def many(dice: Random, make: Any) -> Any:
    """A list in one of its shapes."""
    rows = [make() for _ in range(dice.choice((0, 1, 2, 3, 8)))]

    async def one_by_one() -> AsyncIterator[Any]:
        for row in rows:
            yield row

    shapes = [lambda: rows, lambda: rows, lambda: tuple(rows), lambda: PACE.paced(rows)]
    rare = [lambda: iter(rows), one_by_one, lambda: {n: n for n in range(3)}, lambda: "text"]
    return dice.choice(shapes if dice.random() < 0.9 else rare)()


@strawberry.enum
class Colour(Enum):
    """Its values are not its names."""

    RED = "red"
    BLUE = 2
    GREEN = strawberry.enum_value("g", name="VERY_GREEN")


@strawberry.enum
class Size(StrEnum):
    """Its values are text."""

    SMALL = "small"
    LARGE = "large"


class Never(BasePermission):
    """Refuses most rows."""

    message = "not you"

    def has_permission(self, source: Any, info: Info, **_: Any) -> bool:
        return getattr(source, "number", 1) % 5 == 0


class Later(BasePermission):
    """Takes its time."""

    message = "not now"

    async def has_permission(self, source: Any, info: Info, **_: Any) -> bool:
        await asyncio.sleep(0)
        return getattr(source, "number", 1) % 2 == 0


class Shout(FieldExtension):
    """Changes what a resolver returns."""

    def resolve(self, next_: Any, source: Any, info: Info, **arguments: Any) -> Any:
        return f"{next_(source, info, **arguments)}!"


@strawberry.input
class Inner:
    """An input in an input."""

    word: str = "by default"
    colour: Colour | None = UNSET
    sizes: list[Size] = strawberry.field(default_factory=lambda: [Size.SMALL])
    again: Annotated["Inner", strawberry.lazy("tests.graphql.hostile")] | None = None


@strawberry.input
class Outer:
    """An input of every shape."""

    number: int
    inner: Inner
    others: list[Inner | None] | None = None
    at: datetime | None = None
    maybe: Maybe[str | None] = None
    nested: list[list[int]] | None = UNSET
    id: strawberry.ID | None = None
    share: float = 0.5


@strawberry.input(one_of=True)
class OneOf:
    """Exactly one of them."""

    word: str | None = UNSET
    number: int | None = UNSET
    inner: Inner | None = UNSET


def told(*values: Any) -> str:
    """What a resolver was given, as text."""
    return " ".join(map(repr, values))


@strawberry.interface
class Thing:
    """An interface of three types."""

    number: int
    word: str | None

    @strawberry.field
    def shown(
        row: Parent[Any], info: Info, prefix: str = "p", size: Size | None = None
    ) -> str | None:
        return odd(row.world.dice(row.number, "shown", prefix), row.world, f"{prefix}{size!r}")


@strawberry.type(name="RowOfIt")
class RowType(Thing):
    """The first type; it recognises its rows by a function of its own."""

    @classmethod
    def is_type_of(cls, row: object, info: Any) -> bool:
        return type(row) in (Row, Bare) and info.field_name != "nobody"

    colour: Colour
    size: Size | None
    at: datetime | None
    renamed: str | None = strawberry.field(name="otherName")
    secret: str | None = strawberry.field(permission_classes=[Never])
    slow_secret: str | None = strawberry.field(permission_classes=[Later])

    @strawberry.field(extensions=[Shout()])
    def loud(self, word: str = "word") -> str:
        return word

    @strawberry.field
    def place(row: Parent[Any], info: Info) -> str:
        return str(info.path.as_list())

    @strawberry.field
    def careful_place(row: Parent[Any], info: Info) -> str:
        try:
            return str(info.path.as_list())
        except Exception:
            return "no path"

    @strawberry.field
    async def asked(
        row: Parent[Any], info: Info, input: Outer, one: OneOf | None = None,
        words: list[str] | None = None, colours: list[Colour | None] | None = None,
    ) -> str | None:  # fmt: skip
        return odd(row.world.dice(row.number, "asked"), row.world, told(input, one, words, colours))

    @strawberry.field
    def address(row: Parent[Any]) -> Url | None:
        return odd(row.world.dice(row.number, "address"), row.world, "http://x/ä")  # type: ignore[return-value]

    @strawberry.field
    def matrix(row: Parent[Any], info: Info) -> list[list[int | None] | None]:
        dice = row.world.dice(row.number, "matrix")
        return many(dice, lambda: many(dice, lambda: odd(dice, row.world, 1)))

    @strawberry.field
    def share(row: Parent[Any]) -> float | None:
        return odd(row.world.dice(row.number, "share"), row.world, 0.25)


@strawberry.type
class SheetType(Thing):
    """The second type."""

    is_type_of = RowsOf(Sheet)

    @strawberry.field
    def things(row: Parent[Any], info: Info, first: int = 2) -> list[Thing | None]:
        dice = row.world.dice(row.number, "things", first)
        return many(dice, lambda: some_row(row.world, dice))

    @strawberry.field
    async def leaves(row: Parent[Any]) -> list["LeafType"] | None:
        await asyncio.sleep(0)
        dice = row.world.dice(row.number, "leaves")
        return many(dice, lambda: row_of(Leaf, row.world, dice))


@strawberry.type
class LeafType(Thing):
    """The third type."""

    is_type_of = RowsOf(Leaf)

    @strawberry.field
    def any(row: Parent[Any]) -> Annotated[RowType | SheetType, strawberry.union("Any")] | None:
        return some_row(row.world, row.world.dice(row.number, "any"))

    @strawberry.field
    async def next(row: Parent[Any], by: int = 1) -> "LeafType":
        await asyncio.sleep(0)
        return row_of(Leaf, row.world, row.world.dice(row.number, "next", by))


class Trouble(Exception):
    """What a handler draws as data."""


@strawberry.type
class TroubleAsData:
    """Trouble, drawn."""

    message: str


class DrawTrouble(ExceptionHandler[Trouble, TroubleAsData]):
    """Draws Trouble, unless it declines."""

    def handle(self, exception: Trouble, *, field: Any, info: Any) -> Any:
        if str(exception) == "declined":
            return None
        return TroubleAsData(message=f"{exception} {info.path.as_list()}")


Result = Annotated[RowType | LeafType | TroubleAsData, strawberry.union("Result")]


def called(world: World, info: Info, kind: Any) -> Any:
    """Notes that a resolver of the operation's own fields was called, and returns a row."""
    key = str(info.path.key)
    world.called.append(key)
    dice = world.dice(key)
    if dice.random() < 0.1:
        raise dice.choice([Trouble("loud"), Trouble("declined"), ValueError("no")])
    return some_row(world, dice) if kind is None else row_of(kind, world, dice)


@strawberry.type
class Query:
    """Reads."""

    @strawberry.field
    def thing(world: Parent[World], info: Info) -> Thing | None:
        return called(world, info, None)

    @strawberry.field
    async def late_thing(world: Parent[World], info: Info, turns: int = 1) -> Thing | None:
        for _ in range(max(0, min(turns, 5))):
            await asyncio.sleep(0)
        return called(world, info, None)

    @strawberry.field
    async def row(world: Parent[World], info: Info) -> RowType:
        return called(world, info, Row)

    @strawberry.field
    def sheet(world: Parent[World], info: Info) -> SheetType | None:
        return called(world, info, Sheet)

    @strawberry.field
    async def leaf(world: Parent[World], info: Info) -> LeafType | None:
        return called(world, info, LeafOfLeaf)

    @strawberry.field
    async def things(world: Parent[World], info: Info) -> list[Thing | None] | None:
        called(world, info, Row)
        dice = world.dice("things")
        return many(dice, lambda: some_row(world, dice))

    @strawberry.field(permission_classes=[Later])
    def guarded(world: Parent[World], info: Info) -> SheetType | None:
        return called(world, info, Sheet)

    @strawberry.field
    async def result(world: Parent[World], info: Info, input: Outer | None = None) -> Result:
        return called(world, info, None)


@strawberry.type
class Mutation:
    """Writes, in order."""

    @strawberry.mutation
    async def act(world: Parent[World], info: Info, input: Outer | None = None) -> Result | None:
        await asyncio.sleep(0)
        return called(world, info, None)

    @strawberry.mutation
    def act_now(world: Parent[World], info: Info, ids: list[strawberry.ID]) -> SheetType | None:
        world.called.append(told(ids))
        return called(world, info, Sheet)

    @strawberry.mutation
    async def act_surely(world: Parent[World], info: Info, one: OneOf) -> LeafType:
        world.called.append(told(one))
        return called(world, info, Leaf)


def hostile() -> strawberry.Schema:
    """Returns the schema, made anew."""
    return strawberry.Schema(
        Query,
        Mutation,
        exception_handlers=[DrawTrouble()],
        config=StrawberryConfig(scalar_map={**SCALARS}),
    )
