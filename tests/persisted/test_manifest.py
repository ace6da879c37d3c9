"""Manifests that cannot be used stop the start with one line, before anything is touched."""

import json
import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import structlog

from gateway import manifest
from gateway.app import create_app
from gateway.settings import Settings, WrongSetting, read_settings
from schema.execution.options import GraphQLOptions, Limits

from .conftest import SCHEMA, VIEWER, sha

ROOT = Path(__file__).parents[2]
APOLLO = {"format": "apollo-persisted-query-manifest", "version": 1}
OPERATION = {"id": "a", "name": "A", "type": "query", "body": VIEWER}


def with_file(settings: Settings, tmp_path: Path, content: Any) -> Settings:
    file = tmp_path / "manifest.json"
    if isinstance(content, bytes):
        file.write_bytes(content)
    else:
        file.write_text(json.dumps(content))
    return replace(settings, trusted_documents=(file,))


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "is not JSON"),
        (b"{", "is not JSON"),
        (b"\xff\xfe", "is not JSON"),
        (b"[" * 100_000, "is not JSON"),
        (b'{"a": "{ viewer { tokenName } }", "a": "x"}', "'a' stands twice"),
        (b"[]", "not an object of documents"),
        (b"null", "not an object of documents"),
        ({}, "holds no documents"),
        (APOLLO | {"operations": []}, "holds no documents"),
        (APOLLO, "`operations` must be a list"),
        (APOLLO | {"operations": {}}, "`operations` must be a list"),
        (APOLLO | {"operations": ["a"]}, "a list of objects"),
        (APOLLO | {"operations": [{"body": VIEWER}]}, "the identifier None is not a string"),
        (APOLLO | {"operations": [{"id": "a"}]}, "the document 'a' is not a string"),
        (APOLLO | {"format": "x", "operations": [OPERATION]}, "its `format` must be"),
        (APOLLO | {"version": 2, "operations": [OPERATION]}, "its `version` 1"),
        (
            APOLLO | {"operations": [OPERATION, OPERATION | {"body": SCHEMA}]},
            "the document 'a' is another one",
        ),
        ({"": VIEWER}, "the identifier '' is not a string of 1 to 256"),
        ({"x" * 257: VIEWER}, "is not a string of 1 to 256"),
        ({"a": {"query": VIEWER}}, "the document 'a' is not a string"),
        ({"a": 1}, "the document 'a' is not a string"),
        ({f"sha256:{sha(SCHEMA)}": VIEWER}, "does not have the SHA-256"),
        ({"a": ""}, "the document 'a' cannot be run: Syntax Error"),
        ({"a": VIEWER, "b": "{ viewer {\n tokenNam } }"}, "'b' cannot be run: Cannot query field"),
        ({"b": "{ viewer {\n tokenNam } }"}, "(line 2, column 2)"),
        ({"a": "fragment F on Viewer { tokenName }"}, "the document 'a' cannot be run"),
        ({"a": "{ " + "viewer { tokenName } " * 400 + "}"}, "the limit is 1000"),
        ({"a": "{ appointments(first: 100) { nodes { participants(first: 100) { nodes { id } } } } }"},
         "cannot be run: Ask for smaller pages"),
    ],
)  # fmt: skip
def test_a_manifest_that_cannot_be_used_is_refused_in_one_line(
    settings: Settings, tmp_path: Path, content: Any, words: str
) -> None:
    given = with_file(settings, tmp_path, content)
    with pytest.raises(WrongSetting) as wrong:
        create_app(given)
    said = str(wrong.value)
    assert said.startswith(f"CONNECT_TRUSTED_DOCUMENTS: {given.trusted_documents[0]}: ")
    assert words in said
    assert "\n" not in said
    assert len(said) < 600


@pytest.mark.parametrize("name", ["missing.json", "."])
def test_a_file_that_cannot_be_read_is_named(settings: Settings, tmp_path: Path, name: str) -> None:
    given = replace(settings, trusted_documents=(tmp_path / name,))
    with pytest.raises(WrongSetting, match="cannot be read: "):
        create_app(given)


def test_a_manifest_has_a_largest_size(
    settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(manifest, "MAX_BYTES", 10)
    with pytest.raises(WrongSetting, match="larger than 10 bytes"):
        create_app(with_file(settings, tmp_path, {"a": VIEWER}))


def test_two_files_may_share_a_document_and_not_an_identifier(
    settings: Settings, tmp_path: Path
) -> None:
    files = [tmp_path / name for name in ("one.json", "two.json", "three.json")]
    for file, content in zip(
        files, ({"a": VIEWER}, {"a": VIEWER, "b": VIEWER}, {"a": SCHEMA}), strict=True
    ):
        file.write_text("\ufeff" + json.dumps(content), encoding="utf-8")
    found = manifest.read(replace(settings, trusted_documents=tuple(files[:2])))
    assert found.documents.texts == {"a": VIEWER, "b": VIEWER}
    with pytest.raises(WrongSetting, match=r"three.json: the document 'a' is another one in .*one"):
        manifest.read(replace(settings, trusted_documents=tuple(files)))


def test_a_price_that_depends_on_variables_is_left_to_the_request(
    settings: Settings, tmp_path: Path
) -> None:
    query = "query($n: Int) { appointments(first: $n) { nodes { id } } }"
    strict = replace(settings, graphql=GraphQLOptions(Limits(points=3)))
    create_app(with_file(strict, tmp_path, {"a": query}))
    with pytest.raises(WrongSetting, match="the limit is 3"):
        create_app(
            with_file(strict, tmp_path, {"a": query.replace("$n)", "9)").replace("($n: Int) ", "")})
        )


def test_what_introspection_off_refuses_is_found_at_start(
    settings: Settings, tmp_path: Path
) -> None:
    closed = replace(settings, graphql=GraphQLOptions(introspection="off"))
    with pytest.raises(WrongSetting, match="'a' cannot be run: Introspection is switched off"):
        create_app(with_file(closed, tmp_path, {"a": SCHEMA}))


def test_only_trusted_documents_without_any_is_refused() -> None:
    with pytest.raises(WrongSetting, match="CONNECT_ONLY_TRUSTED_DOCUMENTS is on, but"):
        create_app(read_settings({"CONNECT_ONLY_TRUSTED_DOCUMENTS": "on"}))


def test_the_start_says_what_is_trusted(settings: Settings, tmp_path: Path) -> None:
    given = replace(with_file(settings, tmp_path, {"a": VIEWER}), only_trusted_documents="on")
    with structlog.testing.capture_logs() as lines:
        manifest.read(given).announce(given)
        manifest.read(settings).announce(settings)
    assert [line["event"] for line in lines] == ["trusted_documents", "explorer_refused"]
    assert lines[0]["documents"] == 1
    assert lines[0]["only"] is True


def test_the_command_ends_before_it_makes_a_database(tmp_path: Path) -> None:
    bad = tmp_path / "bad.json"
    bad.write_text('{"a": "{"}')
    environment = {name: text for name, text in os.environ.items() if "CONNECT" not in name}
    environment |= {"CONNECT_TRUSTED_DOCUMENTS": str(bad), "CONNECT_DATA_DIR": str(tmp_path / "d")}
    done = subprocess.run(
        [sys.executable, "-m", "gateway.cli", "run", "--port", "0"],
        cwd=ROOT, env=environment, capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip
    assert done.returncode == 2
    assert done.stderr.startswith(f"connect: CONNECT_TRUSTED_DOCUMENTS: {bad}: the document 'a'")
    assert done.stderr.count("\n") == 1
    assert not (tmp_path / "d" / "connect.db").exists()
