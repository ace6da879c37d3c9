"""Answers that are no decision about the link: too many attempts, no database, an error."""

from typing import NamedTuple

from ..languages.language import Language
from . import words
from .words import Words

RETRY_SECONDS = 5


class Refusal(NamedTuple):
    """One such answer; a sentence in two forms depends on `retry_after`, which is in seconds."""

    status: int
    code: str
    words: Words
    sentence: str | tuple[str, str]
    retry_after: int = RETRY_SECONDS
    number: str = ""

    def said_in(self, language: Language) -> str:
        """Returns the main sentence in a language."""
        if isinstance(self.sentence, str):
            return language.text(self.sentence)
        return language.texts(*self.sentence, self.retry_after)


def throttled(seconds: int) -> Refusal:
    """Too many unknown links; `seconds` is how long to wait."""
    return Refusal(429, "UNKNOWN_LINK", words.THROTTLED, words.TRY_LATER, seconds)


def unavailable() -> Refusal:
    """The database cannot be reached."""
    return Refusal(503, "UNAVAILABLE", words.UNAVAILABLE, words.CANNOT_LOOK)


def failed(request_id: str) -> Refusal:
    """An unexpected error; the page quotes `request_id`."""
    code = "INTERNAL_SERVER_ERROR"
    return Refusal(500, code, words.FAILED, words.OUR_FAULT, number=request_id)
