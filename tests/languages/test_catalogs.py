"""Every catalog holds every text of the pages, with the same placeholders, and no markup."""

import gettext
import re
from collections import Counter
from pathlib import Path

import pytest
from babel import Locale
from babel.messages.catalog import Catalog, Message

from gateway.languages.catalog import plural_places
from gateway.languages.language import language
from tools import catalogs

PLACEHOLDER = re.compile(r"\{(\w+)\}")
MARKUP = re.compile(r"[<>]|&\w+;|%\(|%[sd]")
# Calls of `t` and `tn` whose first argument is not written out: nobody could extract it.
HIDDEN = re.compile(r"(?<![\w.$#])(?<!function )tn?\((?!\s*\"(?:[^\"\\\n]|\\.)*\"\s*[,)])")
COMMENT = re.compile(r"^\s*//.*$", re.M)
PATHS = [pytest.param(path, id=path.stem) for path in catalogs.paths()]
TEMPLATE = catalogs.found()


def forms(message: Message) -> tuple[str, ...]:
    string = message.string
    return (string,) if isinstance(string, str) else tuple(string or ())


def ids(message: Message) -> tuple[str, ...]:
    return tuple(message.id) if message.pluralizable else (str(message.id),)


def texts(catalog: Catalog) -> list[Message]:
    return [each for each in catalog if each.id]


@pytest.mark.parametrize("path", PATHS)
def test_a_catalog_holds_the_texts_of_the_pages(path: Path) -> None:
    wanted = {ids(each) for each in texts(TEMPLATE)}
    held = {ids(each) for each in texts(catalogs.read(path))}
    renew = "renew with: python -m tools.catalogs"
    assert sorted(held - wanted) == [], f"{path.name} holds stale texts; {renew}"
    assert sorted(wanted - held) == [], f"{path.name} lacks texts; {renew}"
    assert path.read_bytes() == catalogs.renewed(path, TEMPLATE), renew


@pytest.mark.parametrize("path", PATHS)
def test_no_translation_is_missing(path: Path) -> None:
    assert catalogs.missing(path) == []


@pytest.mark.parametrize("path", PATHS)
def test_translations_keep_the_placeholders(path: Path) -> None:
    wrong = [
        (ids(each)[0], form)
        for each in texts(catalogs.read(path))
        for form in filter(None, forms(each))
        if not has_same_placeholders(each, form)
    ]
    assert wrong == []


def has_same_placeholders(message: Message, form: str) -> bool:
    """Whether they are the same; a form may say the number in words."""
    wanted, found = (
        Counter(PLACEHOLDER.findall(ids(message)[-1])),
        Counter(PLACEHOLDER.findall(form)),
    )
    if message.pluralizable and not found["n"]:
        del wanted["n"]
    return wanted == found and form.count("{") == form.count("}") == len(PLACEHOLDER.findall(form))


@pytest.mark.parametrize("path", PATHS)
def test_a_form_without_its_number_is_that_of_one_number(path: Path) -> None:
    catalog = catalogs.read(path)
    numbers = Counter(map(gettext.c2py(catalog.plural_expr), range(1_000)))
    vague = [
        form
        for each in texts(catalog)
        if each.pluralizable and "n" in PLACEHOLDER.findall(ids(each)[-1])
        for place, form in enumerate(forms(each))
        if "{n}" not in form and numbers[place] > 1
    ]
    assert vague == []


@pytest.mark.parametrize("path", PATHS)
def test_translations_are_plain_text(path: Path) -> None:
    every = [form for each in texts(catalogs.read(path)) for form in forms(each)]
    assert [form for form in every if MARKUP.search(form)] == []
    assert [form for form in every if form != form.strip() or "\n" in form] == []
    assert not [each for each in catalogs.read(path) if each.id and each.fuzzy]


@pytest.mark.parametrize("path", PATHS)
def test_a_translation_ends_as_the_text_does(path: Path) -> None:
    def end(text: str) -> str:
        return next((kind for kind in ("…", "?", ":") if text.endswith(kind)), "")

    alike = str.maketrans("？：؟", "?:?")
    wrong = [
        (ids(each)[0], form)
        for each in texts(catalogs.read(path))
        for form in filter(None, forms(each))
        if end(form.translate(alike)) != end(ids(each)[0])
    ]
    assert wrong == []


@pytest.mark.parametrize("path", PATHS)
def test_only_german_has_a_space_before_an_ellipsis(path: Path) -> None:
    """In German it stands apart where whole words are left out; everywhere else it never does."""
    spaced = [
        form
        for each in texts(catalogs.read(path))
        for form in filter(None, forms(each))
        if re.search(r"\s…", form) and path.stem != "de"
    ]
    assert spaced == []


@pytest.mark.parametrize("path", PATHS)
def test_plural_forms_agree_with_those_of_browsers(path: Path) -> None:
    catalog, locale = catalogs.read(path), Locale.parse(path.stem, sep="-")
    place = gettext.c2py(catalog.plural_expr)
    places = plural_places(catalog, locale)
    assert {number: places[locale.plural_form(number)] for number in range(1_001)} == {
        number: place(number) for number in range(1_001)
    }
    assert set(places.values()) <= set(range(catalog.num_plurals))
    counts = {len(forms(each)) for each in texts(catalog) if each.pluralizable}
    assert counts == {catalog.num_plurals}


def test_texts_are_written_out_where_they_are_asked_for() -> None:
    folder = catalogs.ROOT / "gateway" / "join" / "assets"
    scripts = {path.name: COMMENT.sub("", path.read_text()) for path in folder.rglob("*.js")}
    hidden = [
        f"{name}: {script[found.start() :][:60]}"
        for name, script in sorted(scripts.items())
        for found in HIDDEN.finditer(script)
    ]
    assert hidden == []


def test_texts_are_found_in_python_templates_and_scripts() -> None:
    places = {name.rpartition(".")[2] for each in texts(TEMPLATE) for name, _ in each.locations}
    assert places == {"py", "html", "js"}


def test_a_text_that_is_missing_is_english(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    head = (catalogs.FOLDER / "de.po").read_text().partition("\n\n")[0]
    monkeypatch.setattr("gateway.languages.catalog.FOLDER", tmp_path)
    half = (
        f'{head}\n\n#: a.js\nmsgid "You are in"\nmsgstr "Sie sind dabei"\n\n#: a.js\nmsgid "one"\n'
    )
    half += (
        'msgid_plural "{n} many"\nmsgstr[0] ""\nmsgstr[1] ""\n\n#: a.js\nmsgid "No"\nmsgstr ""\n'
    )
    (tmp_path / "de.po").write_text(half)
    language.cache_clear()
    try:
        german = language("de")
    finally:
        language.cache_clear()
    assert german.text("You are in") == "Sie sind dabei"
    assert (
        german.text("No") == "No" and german.text("Never heard of {it}", it=1) == "Never heard of 1"
    )
    assert [german.texts("one", "{n} many", n) for n in (1, 1_000)] == ["one", "1.000 many"]
    assert german.for_scripts["texts"] == {"You are in": "Sie sind dabei"}
