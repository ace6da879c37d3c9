"""Texts in templates: escaped, with markup in the values that are markup already."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from .language import PLACEHOLDER, Language

if TYPE_CHECKING:
    from markupsafe import Markup


def names(language: Language) -> dict[str, Any]:
    """Returns what templates call: `_` for a text, `_n` for one with a number, `language`."""
    return {
        "language": language,
        "_": lambda text, **values: _marked(language.text(text), values),
        "_n": lambda one, many, n, **values: _marked(language.texts(one, many, n), values),
    }


def _marked(text: str, values: Mapping[str, object]) -> "Markup":
    from markupsafe import Markup, escape

    fill = {name: escape(value) for name, value in values.items()}
    return Markup(PLACEHOLDER.sub(lambda found: fill.get(found[1], found[0]), escape(text)))  # noqa: S704  (escaped)
