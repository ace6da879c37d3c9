"""What commands are given besides their own arguments: the settings, and options they share."""

from collections.abc import Callable
from typing import Any, TypeVar

import click

from ...settings import Settings, misspelt, read_settings
from ..terminal.output import remark

F = TypeVar("F", bound=Callable[..., Any])


def settings() -> Settings:
    """Reads all settings, and names those that were perhaps misspelt; raises WrongSetting."""
    for line in misspelt():
        remark(line)
    return read_settings()


def quiet(command: F) -> F:
    """Adds the option that leaves progress out."""
    return click.option("-q", "--quiet", is_flag=True, help="show no progress")(command)


def as_json(command: F) -> F:
    """Adds the option of listings for programs."""
    return click.option(
        "--json", "as_json", is_flag=True, help="print JSON, with the fields of the manual"
    )(command)
