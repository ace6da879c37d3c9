"""Settings: every CONNECT_ variable, read from the environment once and checked.

The only reader of the environment.
"""

import difflib
import os
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import fields
from typing import Any

from . import installed, rooms
from .declared import KEY_FILE, WILDCARD_HOSTS, Settings
from .rooms import unused
from .setting import Group, Setting, WrongSetting, settings_of, variable
from .source import FILE, text_of
from .values import InvalidValue

__all__ = [
    "KEY_FILE",
    "SETTINGS",
    "WILDCARD_HOSTS",
    "Settings",
    "WrongSetting",
    "misspelt",
    "read_settings",
    "shell",
    "unused_rooms",
]

SETTINGS = settings_of(Settings)


def read_settings(
    environment: Mapping[str, str] | None = None, wrong: list[str] | None = None
) -> Settings:
    """Reads all settings; an empty variable counts as unset.

    Raises WrongSetting with the variable's name, what is wrong and what is accepted. Where a list
    is given for what is `wrong`, that sentence is put there, and the default is used.
    """
    given = os.environ if environment is None else environment
    found = _read_all(given, wrong)
    if "CONNECT_LOG_FORMAT" not in found:
        found["CONNECT_LOG_FORMAT"] = "text" if sys.stderr.isatty() else "json"
    if "CONNECT_DATA_DIR" not in found and installed.IS_PACKAGE:
        found["CONNECT_DATA_DIR"] = installed.data_folder(given)
    found |= rooms.default(found)
    return Settings(**_by_field(found, wrong))


@contextmanager
def _noting(wrong: list[str] | None) -> Iterator[None]:
    try:
        yield
    except WrongSetting as error:
        if wrong is None:
            raise
        wrong.append(str(error))


def _read_all(given: Mapping[str, str], wrong: list[str] | None) -> dict[str, Any]:
    found = {}
    for name, declared in SETTINGS.items():
        with _noting(wrong):
            used, text = text_of(name, given)
            if text:
                found[name] = _read(used, declared, text)
    return found


def _by_field(found: Mapping[str, Any], wrong: list[str] | None) -> dict[str, Any]:
    values: dict[str, Any] = {}
    for each in fields(Settings):
        declared = each.metadata["declared"]
        if isinstance(declared, Group):
            own = {name: found[name] for name in declared.settings if name in found}
            with _noting(wrong):
                values[each.name] = declared.gather(own)
        elif variable(each) in found:
            values[each.name] = found[variable(each)]
    return values


def _read(name: str, setting: Setting, text: str) -> Any:
    try:
        return setting.read(text)
    except InvalidValue as invalid:
        raise WrongSetting(f"{name} {invalid}") from None


def misspelt(environment: Mapping[str, str] | None = None) -> list[str]:
    """Returns one line for each unknown variable whose name resembles that of a setting."""
    given = os.environ if environment is None else environment
    lines = []
    for name in sorted(given):
        stem = name.removesuffix(FILE)
        if name.startswith("CONNECT_") and stem not in SETTINGS:
            near = difflib.get_close_matches(stem, SETTINGS, n=1, cutoff=0.85)
            meant = [f"{each}{name[len(stem) :]}" for each in near]
            lines += [f"{name} is not a setting: did you mean {each}?" for each in meant]
    return lines


def shell(name: str) -> str:
    """Returns a variable that is not ours, such as NO_COLOR; an empty text when it is not set."""
    return os.environ.get(name, "")


def unused_rooms(environment: Mapping[str, str] | None = None) -> list[str]:
    """Returns the variables that are set for another room service than the chosen one."""
    given = os.environ if environment is None else environment
    return unused({name: text for name, text in given.items() if text.strip()})
