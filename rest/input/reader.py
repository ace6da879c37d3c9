"""How objects and lists are read from a body: every error is collected, nothing stops at the first.

The machinery under the tables of `rest.input.bodies`.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import MISSING, dataclass, field, fields
from typing import Any, NamedTuple

from annotated_types import MaxLen
from strawberry import Some

from schema.checks import check_list, check_value
from schema.constraints import Rule, rules_of
from schema.domain.errors import FieldError, Path, ValidationFailed
from schema.inputs import AppointmentConfigInput

from .coercion import Refused, boolean

# Where an error stands that concerns an object or a list as a whole.
WHOLE = "non_field_errors"
ABSENT: Any = object()


class Refusal(ValidationFailed):
    """A body that was read and is not accepted; `sent` tells how long its lists are."""

    def __init__(self, errors: list[FieldError], sent: Any) -> None:
        super().__init__(errors)
        self.sent = sent


@dataclass(slots=True)
class Reading:
    """One body while it is read: what is wrong with it, and what of it is passed over."""

    errors: list[FieldError] = field(default_factory=list)
    ignored: dict[str, None] = field(default_factory=dict)

    def refuse(self, path: Path, code: str, message: str) -> None:
        """Notes that the value at `path` is not accepted."""
        self.errors.append(FieldError(path, code, message))

    def ignore(self, path: Path, name: str) -> None:
        """Notes that nothing takes the value `name`; places in lists are left out."""
        steps = [step for step in path if isinstance(step, str)]
        self.ignored[".".join([*steps, name])] = None


Reader = Callable[[Any, Path, Reading], Any]


class _Field(NamedTuple):
    name: str
    read: Reader
    required: bool
    nullable: bool


class Shape:
    """An object as it is sent: the fields of an input class, each with how it is read."""

    def __init__(
        self,
        kind: type[Any],
        readers: Mapping[str, Callable[[Rule], Reader]],
        *,
        refuses_null: Iterable[str] = (),
        partial: bool = False,
    ) -> None:
        rules = rules_of(kind)
        self.kind = kind
        self.partial = partial
        self.fields = [
            _Field(
                each.name,
                readers[each.name](rules[each.name]),
                each.default is MISSING and each.default_factory is MISSING,
                rules[each.name].nullable and each.name not in refuses_null,
            )
            for each in fields(kind)
        ]
        self.names = frozenset(each.name for each in self.fields)

    def read(self, sent: Any, path: Path, reading: Reading) -> Any:
        """Returns the input, or None when something is wrong with it."""
        if not isinstance(sent, dict):
            got = type(sent).__name__
            message = f"Invalid data. Expected a dictionary, but got {got}."
            reading.refuse((*path, WHOLE), "invalid", message)
            return None
        before = len(reading.errors)
        values = self._values(sent, path, reading)
        if not sent.keys() <= self.names:
            for name in sent:
                if name not in self.names:
                    reading.ignore(path, name)
        return self.kind(**values) if len(reading.errors) == before else None

    def _values(self, sent: dict[str, Any], path: Path, reading: Reading) -> dict[str, Any]:
        values: dict[str, Any] = {}
        for name, read, required, nullable in self.fields:
            given = sent.get(name, ABSENT)
            if given is ABSENT:
                if required:
                    reading.refuse((*path, name), "required", "This field is required.")
                continue
            if given is None:
                if not nullable:
                    reading.refuse((*path, name), "null", "This field may not be null.")
                value = None
            else:
                value = read(given, (*path, name), reading)
            values[name] = Some(value) if self.partial else value
        return values


def plain(coerce: Callable[[Any], Any]) -> Callable[[Rule], Reader]:
    """A value that is coerced, then checked against what is declared of it."""

    def with_rule(rule: Rule) -> Reader:
        def read(sent: Any, path: Path, reading: Reading) -> Any:
            try:
                value = coerce(sent)
            except Refused as refused:
                reading.refuse(path, refused.code, refused.message)
                return None
            return check_value(value, rule.constraints, path, reading.errors)

        return read

    return with_rule


def listed(shape: Shape) -> Callable[[Rule], Reader]:
    """A list of objects."""

    def with_rule(rule: Rule) -> Reader:
        limits = [each for each in rule.constraints if isinstance(each, MaxLen)]
        others = [each for each in rule.constraints if not isinstance(each, MaxLen)]

        def read(sent: Any, path: Path, reading: Reading) -> Any:
            if not isinstance(sent, list):
                got = type(sent).__name__
                message = f'Expected a list of items but got type "{got}".'
                reading.refuse((*path, WHOLE), "invalid", message)
                return None
            too_many = check_list(sent, limits, (*path, WHOLE))
            if too_many:
                reading.errors += too_many
                return None
            items = [_item(shape, each, (*path, at), reading) for at, each in enumerate(sent)]
            reading.errors += check_list(items, others, path)
            return items

        return read

    return with_rule


def _item(shape: Shape, sent: Any, path: Path, reading: Reading) -> Any:
    if sent is None:
        reading.refuse(path, "null", "This field may not be null.")
        return None
    return shape.read(sent, path, reading)


def switches(_: Rule) -> Reader:
    """The room features: an object of booleans, of which the documented ones are taken."""
    known = frozenset(each.name for each in fields(AppointmentConfigInput))

    def read(sent: Any, path: Path, reading: Reading) -> Any:
        if not isinstance(sent, dict):
            got = type(sent).__name__
            message = f'Expected a dictionary of items but got type "{got}".'
            reading.refuse(path, "invalid", message)
            return None
        taken = AppointmentConfigInput()
        for name, value in sent.items():
            switch = _switch(value, (*path, name), reading)
            if name not in known:
                reading.ignore(path, name)
                continue
            # Set anew, so that the answer echoes the switches in the order in which they came.
            delattr(taken, name)
            setattr(taken, name, switch)
        return taken

    return read


def _switch(sent: Any, path: Path, reading: Reading) -> bool | None:
    if sent is None:
        reading.refuse(path, "null", "This field may not be null.")
        return None
    try:
        return boolean(sent)
    except Refused as refused:
        reading.refuse(path, refused.code, refused.message)
        return None
