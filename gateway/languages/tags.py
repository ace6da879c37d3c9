"""The languages that there are: English, and one for each file of texts in this folder."""

from functools import cache
from pathlib import Path

FOLDER = Path(__file__).parent
SOURCE = "en"
# What RFC 5646 asks readers to have room for; no language here needs as many as four parts.
MOST_PARTS = 8


@cache
def tags() -> tuple[str, ...]:
    """Returns the tags of all languages, as BCP 47 has them; English, the source, is first."""
    return (SOURCE, *sorted(file.stem for file in FOLDER.glob("*.po")))


def match(asked: str) -> str | None:
    """Returns the language that serves a range such as `de-AT` or `zh-CN`; None if none does.

    That is the lookup of RFC 4647; a language that exists in one script only serves all of it.
    What stands behind the first parts is not looked at: an address may be one long range.
    """
    found = _by_range()
    parts = asked.strip().replace("_", "-").lower().split("-", MOST_PARTS)[:MOST_PARTS]
    ranges = ("-".join(parts[:length]) for length in range(len(parts), 0, -1))
    return next((found[each] for each in ranges if each in found), None)


@cache
def _by_range() -> dict[str, str]:
    by_primary = {tag.split("-")[0].lower(): tag for tag in sorted(tags(), reverse=True)}
    return by_primary | {tag.lower(): tag for tag in tags()}
