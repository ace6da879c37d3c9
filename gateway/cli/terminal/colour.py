"""Colours: on a terminal only, unless NO_COLOR or FORCE_COLOR says otherwise."""

from typing import TextIO

import click

from ...settings import shell


def is_wanted(stream: TextIO | None) -> bool:
    """Whether a stream gets colours."""
    if shell("NO_COLOR") or stream is None:
        return False
    return bool(shell("FORCE_COLOR")) or (stream.isatty() and shell("TERM") != "dumb")


def alarming(text: str, stream: TextIO | None) -> str:
    """Returns the text as it is shown when something went wrong."""
    return click.style(text, fg="red", bold=True) if is_wanted(stream) else text


def of_state(text: str, state: str, stream: TextIO | None) -> str:
    """Returns a text in the colour of `ok`, `warn` or `fail`."""
    colours = {"ok": "green", "warn": "yellow", "fail": "red"}
    return click.style(text, fg=colours[state.lower()]) if is_wanted(stream) else text
