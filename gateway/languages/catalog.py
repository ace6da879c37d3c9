"""Reads the catalog of one language: its texts, its rule for plurals, what scripts need of it."""

import gettext
from collections.abc import Mapping
from io import BytesIO
from typing import TYPE_CHECKING, Any

from .tags import FOLDER

if TYPE_CHECKING:
    from babel import Locale
    from babel.messages.catalog import Catalog

# Every category of CLDR comes up among them, in every language that has it.
SAMPLES = (*range(200), 1_000_000)


def read_catalog(tag: str) -> "Catalog":
    """Returns the catalog of a language as Babel reads it."""
    from babel.messages.pofile import read_po

    with (FOLDER / f"{tag}.po").open("rb") as file:
        return read_po(file, locale=tag.replace("-", "_"), abort_invalid=True)


def translations_of(catalog: "Catalog") -> gettext.GNUTranslations:
    """Returns the texts for the server; those that are missing stay English."""
    from babel.messages.mofile import write_mo

    file = BytesIO()
    write_mo(file, catalog)
    file.seek(0)
    return gettext.GNUTranslations(file)


def script_texts(catalog: "Catalog", locale: "Locale") -> dict[str, Any]:
    """Returns what `gateway/join/assets/words.js` reads: texts by their id, and plural forms."""
    texts = {_id(each): _forms(each) for each in catalog if _is_for_scripts(each)}
    found = {id: forms for id, forms in texts.items() if forms and all(forms)}
    return {"texts": found, "plurals": plural_places(catalog, locale)}


def plural_places(catalog: "Catalog", locale: "Locale") -> Mapping[str, int]:
    """Returns which form of a text goes with each category of numbers that browsers know."""
    place = gettext.c2py(catalog.plural_expr)
    places: dict[str, int] = {}
    for number in SAMPLES:
        places.setdefault(locale.plural_form(number), place(number))
    return places


def _is_for_scripts(message: Any) -> bool:
    return any(file.endswith(".js") for file, _ in message.locations)


def _id(message: Any) -> str:
    return str(message.id[0] if message.pluralizable else message.id)


def _forms(message: Any) -> str | list[str]:
    return list(message.string) if message.pluralizable else str(message.string)
