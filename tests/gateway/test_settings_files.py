"""Settings whose value is in a file, as systemd, Docker and Kubernetes hand secrets on."""

from pathlib import Path

import pytest

from gateway.settings import WrongSetting, misspelt, read_settings
from gateway.settings.source import MOST_BYTES

KEY = "a-key-of-the-tests-0123456789abcdef"


def test_the_file_holds_what_the_variable_would(tmp_path: Path) -> None:
    (tmp_path / "keys").write_text(f"{KEY},older-{KEY}\n")
    (tmp_path / "url").write_text("postgresql://connect:hunter2@db/connect\n")
    settings = read_settings(
        {
            "CONNECT_SECRET_KEYS_FILE": str(tmp_path / "keys"),
            "CONNECT_DATABASE_URL_FILE": str(tmp_path / "url"),
            "DATABASE_URL": "postgresql://elsewhere/connect",
        }
    )
    assert settings.secret_keys == (KEY, f"older-{KEY}")
    assert str(settings.database) == "postgresql://db/connect"


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (None, "cannot be read: No such file"),
        (b"", "is empty: put the value there"),
        (b"\n", "is empty"),
        (b"\xff\xfe", "not text in UTF-8"),
        (b"k" * (MOST_BYTES + 1), f"longer than {MOST_BYTES} bytes"),
    ],
)
def test_a_file_that_cannot_be_used_is_named(
    tmp_path: Path, content: bytes | None, words: str
) -> None:
    path = tmp_path / "keys"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(WrongSetting) as wrong:
        read_settings({"CONNECT_SECRET_KEYS_FILE": str(path)})
    said = str(wrong.value)
    assert said.startswith(f"CONNECT_SECRET_KEYS_FILE names {str(path)!r}")
    assert words in said and "\n" not in said and "kkk" not in said


def test_a_folder_is_no_file(tmp_path: Path) -> None:
    with pytest.raises(WrongSetting, match="cannot be read: Is a directory"):
        read_settings({"CONNECT_METRICS_FILE": str(tmp_path)})


def test_a_wrong_value_is_refused_as_in_the_variable(tmp_path: Path) -> None:
    (tmp_path / "port").write_text("http")
    with pytest.raises(WrongSetting, match="CONNECT_PORT is 'http'"):
        read_settings({"CONNECT_PORT_FILE": str(tmp_path / "port")})


def test_both_are_one_too_many(tmp_path: Path) -> None:
    (tmp_path / "keys").write_text(KEY)
    given = {"CONNECT_SECRET_KEYS_FILE": str(tmp_path / "keys"), "CONNECT_SECRET_KEYS": KEY}
    with pytest.raises(WrongSetting, match="both set: remove one of them"):
        read_settings(given)
    wrong: list[str] = []
    read_settings(given, wrong)
    assert len(wrong) == 1 and "give an empty value to the one that an image sets" in wrong[0]
    assert read_settings(given | {"CONNECT_SECRET_KEYS": ""}).secret_keys == (KEY,)


def test_a_misspelt_file_is_reported() -> None:
    assert misspelt({"CONNECT_SECRET_KEYS_FILE": "/k", "CONNECT_PORT_FILE": "/p"}) == []
    (line,) = misspelt({"CONNECT_SECRET_KEY_FILE": "/k"})
    assert "did you mean CONNECT_SECRET_KEYS_FILE?" in line
