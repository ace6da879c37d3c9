"""One setting: its variable, how the text is read, and what the README says about it."""

from collections.abc import Callable, Mapping
from dataclasses import Field, dataclass, field, fields
from typing import Any

PREFIX = "CONNECT_"


class WrongSetting(Exception):
    """A setting has an invalid value; the message is one line that names the variable."""


@dataclass(frozen=True)
class Setting:
    """One variable; `default` is the text used when it is not set, None for no value.

    `shown` replaces the default in the README's table.
    """

    default: str | None
    read: Callable[[str], Any]
    description: str
    shown: str | None = None
    name: str | None = None

    def value(self) -> Any:
        """Returns the value of the default."""
        return None if self.default is None else self.read(self.default)

    def row(self, variable: str) -> str:
        """Returns the row of the README's table."""
        shown = self.shown or f"`{self.default}`"
        return f"| `{variable}` | {shown} | {self.description} |"


@dataclass(frozen=True)
class Group:
    """Variables that form one value; `gather` is called with the values of those that are set."""

    settings: Mapping[str, Setting]
    gather: Callable[[Mapping[str, Any]], Any]


def setting(
    default: str | None,
    read: Callable[[str], Any],
    description: str,
    *,
    shown: str | None = None,
    name: str | None = None,
    is_secret: bool = False,
) -> Any:
    """Declares a field of a settings class: `port` is read from CONNECT_PORT unless `name` differs.

    The repr of the settings leaves out secrets.
    """
    declared = Setting(default, read, description, shown, name)
    return field(default=declared.value(), repr=not is_secret, metadata={"declared": declared})


def group(declared: Group) -> Any:
    """Declares a field that is made of several variables."""
    return field(default_factory=lambda: declared.gather({}), metadata={"declared": declared})


def variable(each: "Field[Any]") -> str:
    """Returns the variable of a field that `setting` declared."""
    return PREFIX + (each.metadata["declared"].name or each.name.upper())


def settings_of(declaring: type[Any]) -> dict[str, Setting]:
    """Returns all settings that a class declares, by variable and in order."""
    found: dict[str, Setting] = {}
    for each in fields(declaring):
        declared = each.metadata["declared"]
        found |= declared.settings if isinstance(declared, Group) else {variable(each): declared}
    return found


def table(settings: Mapping[str, Setting]) -> str:
    """Returns the README's table of settings."""
    rows = [each.row(name) for name, each in settings.items()]
    return "\n".join(["| variable | default | what it sets |", "|---|---|---|", *rows, ""])
