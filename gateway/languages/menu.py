"""The menu of languages that a page offers: each under its own name, at the same address."""

from typing import NamedTuple
from urllib.parse import urlencode

from starlette.requests import Request

from .choice import PARAMETER
from .tags import tags

# As each language calls itself; one that is missing here is shown by its tag.
NAMES = {
    "en": "English",
    "ar": "العربية",
    "de": "Deutsch",
    "es": "Español",
    "fa": "فارسی",
    "fr": "Français",
    "hi": "हिन्दी",
    "it": "Italiano",
    "pt": "Português",
    "ru": "Русский",
    "tr": "Türkçe",
    "uk": "Українська",
    "zh-Hans": "简体中文",
}
# An address may be long; what a page of ours puts behind a link is not.
MOST_CHARACTERS = 200


class Choice(NamedTuple):
    """A language of the menu; `query` leads from the page to itself in that language."""

    tag: str
    name: str
    query: str


def menu(request: Request) -> list[Choice]:
    """Returns the languages in the order of their tags, English first."""
    others = [pair for pair in request.query_params.multi_items() if pair[0] != PARAMETER]
    kept = others if len(request.url.query) <= MOST_CHARACTERS else []
    return [
        Choice(tag, NAMES.get(tag, tag), f"?{urlencode([*kept, (PARAMETER, tag)])}")
        for tag in tags()
    ]
