"""How a declared constraint is checked: the same for both faces, all broken ones at once."""

import inspect
import types
from collections.abc import Callable, Iterable
from functools import cache
from typing import Annotated, Any, Union, get_args, get_origin, get_type_hints

from annotated_types import Ge, Le, MaxLen, MinLen
from strawberry import UNSET, Maybe, Some

from .constraints import DistinctBy, Rule, Storable, Trimmed, rule_of
from .domain.codes import FieldProblemCode
from .domain.errors import FieldError, Path, ValidationFailed


def check(value: Any, rule: Rule, path: Path, errors: list[FieldError]) -> Any:
    """Returns the value as it is to be used; appends every broken constraint to `errors`."""
    if isinstance(value, Some):
        return Some(check(value.value, rule, path, errors))
    if value is None:
        if not rule.nullable:
            errors.append(
                FieldError(path, FieldProblemCode.NULL, "Leave this out or give a value, not null.")
            )
        return None
    if rule.inside is not None:
        return _check_inside(value, rule.inside, path, errors)
    if rule.item is not None:
        return _check_list(value, rule, rule.item, path, errors)
    return check_value(value, rule.constraints, path, errors)


def check_value(
    value: Any, constraints: Iterable[Any], path: Path, errors: list[FieldError]
) -> Any:
    """Checks one plain value against its constraints."""
    for constraint in constraints:
        if isinstance(constraint, Trimmed):
            value = value.strip()
            continue
        for complaint in _COMPLAINTS.get(type(constraint), ()):
            found = complaint(value, constraint)
            if found is not None:
                code, message, values = found
                errors.append(FieldError(path, code, message, values))
                if code is FieldProblemCode.BLANK:
                    return value
    return value


def check_list(value: list[Any], constraints: Iterable[Any], path: Path) -> list[FieldError]:
    """The constraints of a list as a whole that are broken."""
    errors: list[FieldError] = []
    for constraint in constraints:
        if isinstance(constraint, MaxLen) and len(value) > constraint.max_length:
            limit = constraint.max_length
            message = f"Send at most {limit} items in one request."
            errors.append(FieldError(path, FieldProblemCode.TOO_MANY, message, {"limit": limit}))
        if isinstance(constraint, DistinctBy):
            errors += _repeated(value, constraint.field, path)
    return errors


def _check_inside(value: Any, rules: dict[str, Rule], path: Path, errors: list[FieldError]) -> Any:
    for name, rule in rules.items():
        given = getattr(value, name)
        if given is not UNSET and not (given is None and rule.nullable):
            kind: Any = type(value)
            if given is None and _is_maybe(kind, name):
                continue
            setattr(value, name, check(given, rule, (*path, name), errors))
    return value


@cache
def _is_maybe(kind: type, name: str) -> bool:
    hint = get_type_hints(kind, include_extras=True)[name]
    if get_origin(hint) is Annotated:
        hint = get_args(hint)[0]
    return get_origin(hint) is Maybe


def _check_list(
    value: list[Any], rule: Rule, item: Rule, path: Path, errors: list[FieldError]
) -> list[Any]:
    too_many = check_list(value, [c for c in rule.constraints if isinstance(c, MaxLen)], path)
    if too_many:
        errors += too_many
        return value
    checked = [check(each, item, (*path, place), errors) for place, each in enumerate(value)]
    rest = [c for c in rule.constraints if not isinstance(c, MaxLen)]
    errors += check_list(checked, rest, path)
    return checked


def _repeated(items: list[Any], name: str, path: Path) -> list[FieldError]:
    seen: set[Any] = set()
    errors = []
    for place, item in enumerate(items):
        value = getattr(item, name, None)
        if value is not None and value in seen:
            message = "This is listed more than once: send it once."
            errors.append(FieldError((*path, place, name), FieldProblemCode.DUPLICATE, message))
        seen.add(value)
    return errors


Found = tuple[FieldProblemCode, str, dict[str, Any]] | None


def _shorter(value: str, constraint: MinLen) -> Found:
    if len(value) >= constraint.min_length:
        return None
    return FieldProblemCode.BLANK, "Give at least one character that is not white space.", {}


def _longer(value: str, constraint: MaxLen) -> Found:
    limit = constraint.max_length
    if len(value) <= limit:
        return None
    return FieldProblemCode.TOO_LONG, f"Give at most {limit} characters.", {"limit": limit}


def _smaller(value: int, constraint: Ge) -> Found:
    if value >= constraint.ge:  # type: ignore[operator]
        return None
    return FieldProblemCode.TOO_SMALL, f"Give {constraint.ge} or more.", {"limit": constraint.ge}


def _greater(value: int, constraint: Le) -> Found:
    if value <= constraint.le:  # type: ignore[operator]
        return None
    return FieldProblemCode.TOO_LARGE, f"Give {constraint.le} or less.", {"limit": constraint.le}


def _null_character(value: str, _: Storable) -> Found:
    if "\x00" not in value:
        return None
    return FieldProblemCode.INVALID, "Leave out the null character (U+0000).", {"character": "\x00"}


def _lone_surrogate(value: str, _: Storable) -> Found:
    if value.isascii():
        return None
    surrogate = next((c for c in value if "\ud800" <= c <= "\udfff"), None)
    if surrogate is None:
        return None
    message = f"Leave out the lone surrogate U+{ord(surrogate):04X}."
    return FieldProblemCode.INVALID, message, {"character": surrogate}


_COMPLAINTS: dict[type, tuple[Callable[[Any, Any], Found], ...]] = {
    MinLen: (_shorter,),
    MaxLen: (_longer,),
    Ge: (_smaller,),
    Le: (_greater,),
    Storable: (_null_character, _lone_surrogate),
}


def checker(function: Callable[..., Any]) -> Callable[[dict[str, Any]], None]:
    """Returns the check of `function`'s arguments; raises ValidationFailed with every error."""
    rules = {
        name: rule
        for name, hint in get_type_hints(function, include_extras=True).items()
        if name in inspect.signature(function).parameters
        and _declares(rule := rule_of(hint) if _is_readable(hint) else Rule())
    }

    def check_arguments(arguments: dict[str, Any]) -> None:
        errors: list[FieldError] = []
        for name, rule in rules.items():
            value = arguments.get(name)
            if value is not None and value is not UNSET:
                arguments[name] = check(value, rule, (name,), errors)
        if errors:
            raise ValidationFailed(errors)

    return check_arguments


def _is_readable(hint: Any) -> bool:
    origin = get_origin(hint)
    if origin in (Union, types.UnionType):
        return sum(member is not type(None) for member in get_args(hint)) == 1
    return True


def _declares(rule: Rule) -> bool:
    return bool(rule.constraints or rule.item or rule.inside)
