"""Finds the texts of the pages, and brings the catalogs of all languages up to date with them."""

import sys
from collections.abc import Callable, Iterator
from io import BytesIO
from pathlib import Path
from typing import Any, NamedTuple

from babel.messages.catalog import Catalog
from babel.messages.extract import extract, extract_javascript, extract_python
from babel.messages.pofile import read_po, write_po
from jinja2.ext import babel_extract

ROOT = Path(__file__).parents[1]
FOLDER = ROOT / "gateway" / "languages"
WIDTH = 100


class Source(NamedTuple):
    """Files in which texts are, and the names of the functions that are called with them."""

    pattern: str
    extractor: Callable[..., Any]
    one: str
    many: str

    def ids(self, path: Path) -> Iterator[str | tuple[str, str]]:
        """Returns the texts of a file; two together are those for one and for many."""
        keywords = {self.one: None, self.many: (1, 2)}
        options = {"encoding": "utf-8", "silent": "false"}
        with path.open("rb") as file:
            for _, id, *_ in extract(self.extractor, file, keywords, (), options):
                yield id  # type: ignore[misc]


SOURCES = (
    Source("gateway/**/*.py", extract_python, "N_", "NN_"),
    Source("gateway/templates/**/*.html", babel_extract, "_", "_n"),
    Source("gateway/join/assets/**/*.js", extract_javascript, "t", "tn"),
)


def found() -> Catalog:
    """Returns every text that the sources hold, with the files that it is in."""
    template = Catalog(fuzzy=False)
    for source in SOURCES:
        for path in sorted(ROOT.glob(source.pattern)):
            place = path.relative_to(ROOT).as_posix()
            for id in source.ids(path):
                template.add(id, locations=[(place, None)])  # type: ignore[list-item]
    return template


def paths() -> list[Path]:
    """Returns the catalogs of all languages."""
    return sorted(FOLDER.glob("*.po"))


def read(path: Path) -> Catalog:
    """Returns a catalog as it is."""
    with path.open("rb") as file:
        return read_po(file, locale=path.stem.replace("-", "_"), abort_invalid=True)


def renewed(path: Path, template: Catalog) -> bytes:
    """Returns a catalog with the texts of the template alone; new ones have no translation."""
    catalog = read(path)
    catalog.update(template, no_fuzzy_matching=True)
    file = BytesIO(_head(catalog, path.stem).encode())
    file.seek(0, 2)
    write_po(
        file,
        catalog,
        width=WIDTH,
        include_lineno=False,
        omit_header=True,
        sort_output=True,
        ignore_obsolete=True,
    )
    return file.getvalue().rstrip() + b"\n"


def _head(catalog: Catalog, tag: str) -> str:
    """Returns the header. Dates and names are left out: they would clash at every merge."""
    lines = (
        f"Language: {tag}",
        f"Plural-Forms: {catalog.plural_forms}",
        "MIME-Version: 1.0",
        "Content-Type: text/plain; charset=utf-8",
        "Content-Transfer-Encoding: 8bit",
    )
    return "\n".join(('msgid ""', 'msgstr ""', *(f'"{line}\\n"' for line in lines), "", ""))


def missing(path: Path) -> list[str]:
    """Returns the texts of a catalog that have no translation, or only some of its forms."""
    return [str(each.id) for each in read(path) if each.id and not _is_whole(each.string)]


def _is_whole(string: Any) -> bool:
    return bool(string) and all([string] if isinstance(string, str) else string)


def main() -> None:
    """Renews all catalogs, and says what each of them lacks."""
    template = found()
    for path in paths():
        path.write_bytes(renewed(path, template))
        lacking = missing(path)
        sys.stdout.write(f"{path.relative_to(ROOT)}: {len(lacking)} of {len(template)} missing\n")
        sys.stdout.writelines(f"  {each}\n" for each in lacking)


if __name__ == "__main__":
    main()
