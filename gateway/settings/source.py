"""Where the text of a setting stands: in its variable, in a file, or under a platform's name."""

from collections.abc import Mapping
from pathlib import Path

from .setting import WrongSetting

# The name that hosting platforms use for the URL of a database; ours takes precedence.
FALLBACKS = {"CONNECT_DATABASE_URL": "DATABASE_URL"}
FILE = "_FILE"
MOST_BYTES = 65_536


def text_of(name: str, given: Mapping[str, str]) -> tuple[str, str]:
    """Returns the name that is set and its text, empty when the setting is not given at all.

    Raises WrongSetting when both the variable and its file are set, or the file cannot be used.
    """
    text, path = given.get(name, "").strip(), given.get(name + FILE, "").strip()
    if text and path:
        raise WrongSetting(
            f"{name} and {name}{FILE} are both set: remove one of them, or give an empty value to "
            "the one that an image sets"
        )
    if path:
        return name, _content(name + FILE, Path(path))
    fallback = FALLBACKS.get(name)
    if not text and fallback:
        return fallback, given.get(fallback, "").strip()
    return name, text


def _content(name: str, path: Path) -> str:
    """Returns what the file holds: one line, as secrets are mounted and mostly end in a newline."""
    try:
        with path.open("rb") as file:
            held = file.read(MOST_BYTES + 1)
        text = held.decode().strip()
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or "it is not text in UTF-8"
        raise WrongSetting(f"{name} names {str(path)!r}, which cannot be read: {reason}") from None
    if len(held) > MOST_BYTES:
        raise WrongSetting(f"{name} names {str(path)!r}, which is longer than {MOST_BYTES} bytes")
    if not text:
        raise WrongSetting(f"{name} names {str(path)!r}, which is empty: put the value there")
    return text
