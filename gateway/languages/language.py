"""A language that pages are shown in: its texts, and how it writes days and times in UTC."""

import re
from collections.abc import Mapping
from datetime import UTC, datetime
from functools import cache, cached_property
from typing import Any

from .catalog import read_catalog, script_texts, translations_of
from .tags import SOURCE

PLACEHOLDER = re.compile(r"\{(\w+)\}")


class Language:
    """English, in which all texts are written; needs neither a catalog nor Babel."""

    tag = SOURCE
    direction = "ltr"

    def text(self, text: str, **values: object) -> str:
        """Returns a text with `{name}` filled in from `values`."""
        return filled(text, values)

    def texts(self, one: str, many: str, n: int, **values: object) -> str:
        """Returns the form of a text that fits a number, which also fills in `{n}`."""
        return filled(one if n == 1 else many, {"n": n, **values})

    def day(self, instant: datetime) -> str:
        """Returns the day in UTC, such as `Monday, 2 March 2026`."""
        utc = instant.astimezone(UTC)
        return f"{utc:%A}, {utc.day} {utc:%B} {utc.year}"

    def time(self, instant: datetime, near: datetime) -> str:
        """Returns the time in UTC, with the day if it differs from that of `near`."""
        utc = instant.astimezone(UTC)
        clock = f"{utc:%H:%M}"
        if utc.date() == near.astimezone(UTC).date():
            return clock
        return f"{utc:%a} {utc.day} {utc:%b}, {clock}"

    @cached_property
    def for_scripts(self) -> Mapping[str, Any]:
        """What scripts need of the catalog; nothing where they show what they were written with."""
        return {}


class Translation(Language):
    """A language with a catalog; a text that is missing there stays English."""

    def __init__(self, tag: str) -> None:
        from babel import Locale

        catalog = read_catalog(tag)
        self.tag = tag
        self._locale = Locale.parse(tag, sep="-")
        self._translations = translations_of(catalog)
        self.direction = self._locale.text_direction
        self.for_scripts = script_texts(catalog, self._locale)

    def text(self, text: str, **values: object) -> str:
        """Returns a text with `{name}` filled in from `values`."""
        return filled(self._translations.gettext(text), values)

    def texts(self, one: str, many: str, n: int, **values: object) -> str:
        """Returns the form of a text that fits a number, which also fills in `{n}`."""
        from babel.numbers import format_decimal

        number = format_decimal(n, locale=self._locale)
        return filled(self._translations.ngettext(one, many, n), {"n": number, **values})

    def day(self, instant: datetime) -> str:
        """Returns the day in UTC, as the language writes it in full."""
        from babel.dates import format_date

        return format_date(instant.astimezone(UTC), "full", locale=self._locale)

    def time(self, instant: datetime, near: datetime) -> str:
        """Returns the time in UTC, with the day if it differs from that of `near`."""
        from babel.dates import format_skeleton, format_time, get_datetime_format

        utc = instant.astimezone(UTC)
        clock = format_time(utc, "short", locale=self._locale)
        if utc.date() == near.astimezone(UTC).date():
            return clock
        day = format_skeleton("MMMEd", utc, locale=self._locale)
        both = str(get_datetime_format("medium", locale=self._locale))
        return both.replace("'", "").replace("{0}", clock).replace("{1}", day)


@cache
def language(tag: str) -> Language:
    """Returns a language by a tag of `tags()`; the first time takes some milliseconds."""
    return Language() if tag == SOURCE else Translation(tag)


def filled(text: str, values: Mapping[str, object]) -> str:
    """Fills in `{name}`; one that has no value stays as it is."""
    return PLACEHOLDER.sub(lambda found: str(values.get(found[1], found[0])), text)
