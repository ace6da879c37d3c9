"""The kinds of values that arguments have; a refusal says what is accepted."""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import click
from click.shell_completion import CompletionItem

from db.location import InvalidUrl, Server, parse_url

from ...settings.values import InvalidValue, whole_number


class Read(click.ParamType[Any]):
    """What one of the parsers of settings makes of a text."""

    def __init__(self, name: str, read: Callable[[str], Any]) -> None:
        self.name = name
        self._read = read

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        """Returns the value; a text that is refused fails with the parser's sentence."""
        try:
            return self._read(value) if isinstance(value, str) else value
        except InvalidValue as invalid:
            self.fail(str(invalid), param, ctx)


class OneOf(click.ParamType[str]):
    """One of a few words."""

    name = "word"

    def __init__(self, words: Sequence[str]) -> None:
        self._words = words

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        """Returns the word; fails for any other."""
        if value not in self._words:
            self.fail(
                f"has an invalid choice: {value!r} (choose from {', '.join(self._words)})",
                param,
                ctx,
            )
        return value

    def shell_complete(
        self, ctx: click.Context, param: click.Parameter, incomplete: str
    ) -> list[CompletionItem]:
        """Returns the words that begin so."""
        return [CompletionItem(word) for word in self._words if word.startswith(incomplete)]


class File(click.ParamType[Path]):
    """The path of a file, which shells complete."""

    name = "file"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        """Returns the path."""
        return Path(value)

    def shell_complete(
        self, ctx: click.Context, param: click.Parameter, incomplete: str
    ) -> list[CompletionItem]:
        """Leaves it to the shell."""
        return [CompletionItem(incomplete, type="file")]


class Target(File):
    """A new file, or with a slash at the end a folder that exists."""

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        """Returns the path; fails for a folder that does not exist."""
        if str(value).endswith("/") and not Path(value).is_dir():
            self.fail(
                f"names the folder {value}, which does not exist: create it first", param, ctx
            )
        return Path(value)


def server(text: str) -> Server:
    """Reads the address of a database on a server; raises InvalidValue."""
    try:
        place = parse_url(text)
    except InvalidUrl as wrong:
        raise InvalidValue(str(wrong)) from None
    if not isinstance(place, Server):
        raise InvalidValue(
            "is not the address of a server: it must be an address like postgresql://user@host/name"
        )
    return place


def number(least: int, most: int) -> Read:
    """Returns the kind of whole numbers from `least` to `most`."""
    return Read("number", whole_number(least, most))
