"""Settings of the rooms, collected from the registry of vendors."""

from collections.abc import Mapping
from dataclasses import fields
from typing import Any

from schema.rooms.choice import VENDORS
from schema.rooms.vendor import RoomsRefused, VendorSettings

from . import values
from .setting import PREFIX, Group, Setting, WrongSetting
from .source import FALLBACKS, FILE

CHOICE = f"{PREFIX}ROOMS"
NAMES = [f"`{vendor}`" for vendor in VENDORS]
CHOICES = Setting(
    "none",
    values.one_of(*VENDORS),
    f"the room service: {', '.join(NAMES[:-1])} or {NAMES[-1]}; see [docs/rooms.md](docs/rooms.md)",
    shown="`builtin` if embedded, else `none`",
)
# Where nobody has set anything up, a link leads into a room all the same.
EMBEDDED = "builtin"
DATABASE = "CONNECT_DATABASE_URL"


def gather(given: Mapping[str, Any]) -> VendorSettings:
    """Returns the settings of the chosen vendor; those of other vendors are ignored.

    Raises WrongSetting when the vendor refuses them.
    """
    vendor = VENDORS[given.get(CHOICE, CHOICES.default)]
    own = {name: given[_variable(name)] for name in _names(vendor) if _variable(name) in given}
    try:
        return vendor(**own)
    except RoomsRefused as refused:
        raise WrongSetting(f"{_variable(refused.field)} {refused.sentence}") from None


def default(found: Mapping[str, Any]) -> dict[str, Any]:
    """Returns the choice where none was made: the built-in room beside the embedded database."""
    is_open = CHOICE not in found and DATABASE not in found
    return {CHOICE: EMBEDDED} if is_open else {}


def unused(given: Mapping[str, str]) -> list[str]:
    """Returns, of the variables that are given, those of vendors that are not chosen."""
    is_embedded = not given.keys() & {DATABASE, DATABASE + FILE, FALLBACKS[DATABASE]}
    default = EMBEDDED if is_embedded else str(CHOICES.default)
    chosen = given.get(CHOICE, default).strip().lower()
    others = [vendor for name, vendor in VENDORS.items() if name != chosen]
    return [
        each
        for vendor in others
        for each in map(_variable, _names(vendor))
        if given.keys() & {each, each + FILE}
    ]


def _declared(vendor: type[VendorSettings]) -> dict[str, Setting]:
    return {
        _variable(each.name): Setting(
            str(each.default), values.text, each.metadata["description"], each.metadata["shown"]
        )
        for each in fields(vendor)
    }


def _names(vendor: type[VendorSettings]) -> list[str]:
    return [each.name for each in fields(vendor)]


def _variable(name: str) -> str:
    return PREFIX + name.upper()


ROOMS = Group(
    {CHOICE: CHOICES}
    | {name: each for vendor in VENDORS.values() for name, each in _declared(vendor).items()},
    gather,
)
