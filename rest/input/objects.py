"""How objects and lists of a body are parsed: all errors are collected, not only the first."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import MISSING, dataclass, field, fields
from typing import Any, NamedTuple

from annotated_types import MaxLen
from strawberry import Some

from schema.checks import check_list, check_value
from schema.constraints import Rule, rules_of
from schema.domain.codes import FieldProblemCode
from schema.domain.errors import FieldError, Path, ValidationFailed
from schema.inputs import AppointmentConfigInput

from .values import InvalidValue, boolean

# The name under which errors of an object or a list as a whole are reported.
WHOLE = "non_field_errors"
ABSENT: Any = object()


class NoParser(Exception):
    """A field of an input can be sent, and nothing says how it is parsed."""

    def __init__(self, kind: type[Any], name: str) -> None:
        super().__init__(
            f"{kind.__name__}.{name} has no parser: add {name!r} to its table in rest/fields.py,"
            " with a kind that has `parse`, or to the parsers in rest/bodies.py"
        )


class InvalidInput(ValidationFailed):
    """What was sent was parsed and is not valid; `sent` tells how long its lists are."""

    def __init__(self, errors: list[FieldError], sent: Any) -> None:
        super().__init__(errors)
        self.sent = sent


@dataclass(slots=True)
class Findings:
    """What was found while a body was parsed: its errors, and the names that are ignored."""

    errors: list[FieldError] = field(default_factory=list)
    ignored: dict[str, None] = field(default_factory=dict)

    def add_error(self, path: Path, code: FieldProblemCode, message: str) -> None:
        """Notes what is wrong with the value at `path`."""
        self.errors.append(FieldError(path, code, message))

    def ignore(self, path: Path, name: str) -> None:
        """Notes that the value `name` is ignored; positions in lists are left out."""
        steps = [step for step in path if isinstance(step, str)]
        self.ignored[".".join([*steps, name])] = None


Parser = Callable[[Any, Path, Findings], Any]


class _Field(NamedTuple):
    name: str
    parse: Parser
    required: bool
    nullable: bool


class Shape:
    """An object as it is sent: the fields of an input class, each with its parser.

    Raises NoParser when a field has none.
    """

    def __init__(
        self,
        kind: type[Any],
        parsers: Mapping[str, Callable[[Rule], Parser]],
        *,
        not_null: Iterable[str] = (),
        partial: bool = False,
    ) -> None:
        rules = rules_of(kind)
        for name in rules.keys() - parsers.keys():
            raise NoParser(kind, name)
        self.kind = kind
        self.partial = partial
        self.fields = [
            _Field(
                each.name,
                parsers[each.name](rules[each.name]),
                each.default is MISSING and each.default_factory is MISSING,
                rules[each.name].nullable and each.name not in not_null,
            )
            for each in fields(kind)
        ]
        self.names = frozenset(each.name for each in self.fields)

    def parse(self, sent: Any, path: Path, findings: Findings) -> Any:
        """Returns the input, or None when it is not valid."""
        if not isinstance(sent, dict):
            got = type(sent).__name__
            message = f"Invalid data. Expected a dictionary, but got {got}."
            findings.add_error((*path, WHOLE), FieldProblemCode.INVALID, message)
            return None
        before = len(findings.errors)
        values = self._values(sent, path, findings)
        if not sent.keys() <= self.names:
            for name in sent:
                if name not in self.names:
                    findings.ignore(path, name)
        return self.kind(**values) if len(findings.errors) == before else None

    def _values(self, sent: dict[str, Any], path: Path, findings: Findings) -> dict[str, Any]:
        values: dict[str, Any] = {}
        for name, parse, required, nullable in self.fields:
            given = sent.get(name, ABSENT)
            if given is ABSENT:
                if required:
                    findings.add_error(
                        (*path, name), FieldProblemCode.REQUIRED, "This field is required."
                    )
                continue
            if given is None:
                if not nullable:
                    findings.add_error(
                        (*path, name), FieldProblemCode.NULL, "This field may not be null."
                    )
                value = None
            else:
                value = parse(given, (*path, name), findings)
            values[name] = Some(value) if self.partial else value
        return values


def plain(parse_value: Callable[[Any], Any]) -> Callable[[Rule], Parser]:
    """A plain value: parsed, then checked against what is declared of it."""

    def parser_of(rule: Rule) -> Parser:
        def parse(sent: Any, path: Path, findings: Findings) -> Any:
            try:
                value = parse_value(sent)
            except InvalidValue as invalid:
                findings.add_error(path, invalid.code, invalid.message)
                return None
            return check_value(value, rule.constraints, path, findings.errors)

        return parse

    return parser_of


def listed(shape: Shape) -> Callable[[Rule], Parser]:
    """A list of objects."""

    def parser_of(rule: Rule) -> Parser:
        limits = [each for each in rule.constraints if isinstance(each, MaxLen)]
        others = [each for each in rule.constraints if not isinstance(each, MaxLen)]

        def parse(sent: Any, path: Path, findings: Findings) -> Any:
            if not isinstance(sent, list):
                got = type(sent).__name__
                message = f'Expected a list of items but got type "{got}".'
                findings.add_error((*path, WHOLE), FieldProblemCode.INVALID, message)
                return None
            too_many = check_list(sent, limits, (*path, WHOLE))
            if too_many:
                findings.errors += too_many
                return None
            items = [_item(shape, each, (*path, at), findings) for at, each in enumerate(sent)]
            findings.errors += check_list(items, others, path)
            return items

        return parse

    return parser_of


def _item(shape: Shape, sent: Any, path: Path, findings: Findings) -> Any:
    if sent is None:
        findings.add_error(path, FieldProblemCode.NULL, "This field may not be null.")
        return None
    return shape.parse(sent, path, findings)


def switches(_: Rule) -> Parser:
    """The room features: an object of booleans, of which the documented ones are kept."""
    known = frozenset(each.name for each in fields(AppointmentConfigInput))

    def parse(sent: Any, path: Path, findings: Findings) -> Any:
        if not isinstance(sent, dict):
            got = type(sent).__name__
            message = f'Expected a dictionary of items but got type "{got}".'
            findings.add_error(path, FieldProblemCode.INVALID, message)
            return None
        config = AppointmentConfigInput()
        for name, value in sent.items():
            switch = _switch(value, (*path, name), findings)
            if name not in known:
                findings.ignore(path, name)
                continue
            # Set anew, so that the answer echoes the switches in the order in which they came.
            delattr(config, name)
            setattr(config, name, switch)
        return config

    return parse


def _switch(sent: Any, path: Path, findings: Findings) -> bool | None:
    if sent is None:
        findings.add_error(path, FieldProblemCode.NULL, "This field may not be null.")
        return None
    try:
        return boolean(sent)
    except InvalidValue as invalid:
        findings.add_error(path, invalid.code, invalid.message)
        return None
