"""The forms of a key: which are read, and as what."""

import re
import time

import pytest

from rest.openapi.parameters import KEY_PATTERN
from schema.domain.idempotency import LONGEST, InvalidKey, ensure_key, read_header

UUID = "8e03978e-40d5-43e8-bc93-6894a57f9324"


@pytest.mark.parametrize(
    ("header", "key"),
    [
        (f'"{UUID}"', UUID),
        (UUID, UUID),
        ("a", "a"),
        (' "a b" ', "a b"),
        (r'"a\"b\\c"', r"a\"b\c".replace(r"\"", '"')),
        ('"a,b;c"', "a,b;c"),
        ('"a";version=1;other="x;y";flag', "a"),
        ('"a"; version=?1', "a"),
        ("a:b/c=@+~", "a:b/c=@+~"),
        ("x" * LONGEST, "x" * LONGEST),
        (f'"{"x" * LONGEST}"', "x" * LONGEST),
        ('"' + r"\\" * LONGEST + '"', "\\" * LONGEST),
        (":YWJj:", ":YWJj:"),
        ("?1", "?1"),
    ],
)
def test_what_is_read(header: str, key: str) -> None:
    assert read_header(header) == key


@pytest.mark.parametrize(
    "header",
    [
        *("", " ", '""', '"', '"a', 'a"', '"a"b', '"a" "b"', '"a", "b"', "a, b", "a,b", "a b"),
        *("a;b", 'a"b', "a\\b", r'"a\b"', '"a";', '"a";=1', '"a";A=1', "(a b)"),
        *("a\x00", '"a\tb"', "a\x7f", "é", '"é"', "\x85", "a\n", "\x1c"),
        *("x" * (LONGEST + 1), f'"{"x" * (LONGEST + 1)}"'),
        *('"' + "x" * 10_000, '"a"' + ";a" * 10_000, "\\" * 30_000, '"' + "\\" * 30_000),
    ],
)
def test_what_is_refused_at_once(header: str) -> None:
    began = time.perf_counter()
    with pytest.raises(InvalidKey, match=f"1 to {LONGEST} printable ASCII"):
        read_header(header)
    assert time.perf_counter() - began < 0.1


@pytest.mark.parametrize(
    "header", ['"' + r"\x" * 500, '"a"' + ";a=" * 300, '"a"' + ';a="' * 239, '"a"' + "; " * 500]
)
def test_no_header_takes_long(header: str) -> None:
    assert len(header) <= 1_024 + 3
    began = time.perf_counter()
    with pytest.raises(InvalidKey):
        read_header(header)
    assert time.perf_counter() - began < 0.05


@pytest.mark.parametrize("value", ["", "x" * 256, "é", "a\n", "\x00", "\ud800", 1, True, [], {}])
def test_values_that_are_no_keys(value: object) -> None:
    with pytest.raises(InvalidKey):
        ensure_key(value)


@pytest.mark.parametrize("value", ["a", " ", '"', "a,b", "x" * 255])
def test_values_that_are_keys(value: str) -> None:
    assert ensure_key(value) == value


@pytest.mark.parametrize("header", ['"a"', "a", '"a b,c;d"', "a-b.c", "x" * 255, '"a', "a,b", ""])
def test_what_openapi_says_holds(header: str) -> None:
    try:
        read_header(header)
    except InvalidKey:
        assert not re.search(KEY_PATTERN, header)
    else:
        assert re.search(KEY_PATTERN, header)
