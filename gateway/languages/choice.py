"""Which language a visitor gets: the one of the address, the browser's, the organization's."""

import asyncio

from starlette.requests import Request

from rest.wire.media import ranges

from .language import Language, language
from .tags import SOURCE, match

PARAMETER = "lang"
ANY = "*"


def language_of(request: Request, setting: str | None = None) -> Language:
    """Returns the language for a request; `setting` is that of the organization.

    What the visitor asks for wins over what the organization prefers: `?lang=`, then the ranges of
    `Accept-Language`. Only what is neither asked for nor set is English.
    """
    return language(_tag_of(request, setting))


async def prepare(request: Request, setting: str | None = None) -> None:
    """Loads the language for a request beside the event loop, which its catalog would hold up."""
    tag = _tag_of(request, setting)
    if tag != SOURCE:
        await asyncio.to_thread(language, tag)


def _tag_of(request: Request, setting: str | None) -> str:
    accepted = request.headers.get("accept-language", "")
    return chosen(request) or accepted_tag(accepted) or match(setting or "") or SOURCE


def chosen(request: Request) -> str | None:
    """Returns the language that `?lang=` asks for, if there is such a language."""
    return match(request.query_params.get(PARAMETER, ""))


def accepted_tag(header: str) -> str | None:
    """Returns the best language for an `Accept-Language`; None when it leaves the choice to us."""
    accepted = [each for each in ranges(header) if each.weight > 0]
    for each in sorted(accepted, key=lambda each: -each.weight):
        if each.name == ANY:
            return None
        found = match(each.name)
        if found is not None:
            return found
    return None


def query_of(request: Request, before: str) -> str:
    """Returns the language that `?lang=` asked for as a part of a query, behind `before`."""
    tag = chosen(request)
    return f"{before}{PARAMETER}={tag}" if tag else ""
