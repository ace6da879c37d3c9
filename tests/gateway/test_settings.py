"""Every setting: accepted and refused values, messages, and values derived from others."""

import re
import sqlite3
import stat
from contextlib import closing
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from db.location import Server, SqliteFile
from gateway.app import create_app
from gateway.settings import SETTINGS, Settings, WrongSetting, misspelt, read_settings
from gateway.settings.secret_key import own_key
from gateway.settings.setting import setting, settings_of, table
from gateway.settings.values import text, whole_number
from schema.execution.options import GraphQLOptions
from schema.rooms.builtin import BuiltinSettings
from schema.rooms.nowhere import NoSettings

GOOD_KEY = "Kq3vZ8d0Yt5LwXr2Bn7PcF4hJs9Ua6Ge"
PRODUCTION = {"CONNECT_DATABASE_URL": "sqlite:////srv/connect.db"}


def test_defaults_are_those_of_the_table_of_settings():
    settings = read_settings({"CONNECT_LOG_FORMAT": "json"})

    # The built-in room has its default from the database: see tests/schema/test_rooms_choice.py.
    assert settings == replace(Settings(), rooms=BuiltinSettings())
    assert settings.database == SqliteFile(Path("data/connect.db"))
    assert settings.public_url == "http://127.0.0.1:8000"
    assert settings.is_embedded


def test_an_empty_variable_counts_as_unset():
    assert read_settings({"CONNECT_PORT": "  ", "CONNECT_DATABASE_URL": ""}).port == 8000


@pytest.mark.parametrize(
    ("name", "text", "attribute", "value"),
    [
        ("CONNECT_PORT", "0", "port", 0),
        ("CONNECT_PAGE_SIZE", "100", "page_size", 100),
        ("CONNECT_ROOMS", "NONE", "rooms", NoSettings()),
        ("CONNECT_METRICS", "token:s3cret-of-16-chr", "metrics", "token:s3cret-of-16-chr"),
        ("CONNECT_LOG_LEVEL", "Warning", "log_level", "warning"),
        ("CONNECT_REST_PREFIX", "/v2/", "rest_prefix", "/v2"),
        ("CONNECT_PUBLIC_URL", "https://c.example.org/", "public_url", "https://c.example.org"),
        ("CONNECT_PUBLIC_URL", "https://a.example/b/c/", "public_url", "https://a.example/b/c"),
        ("CONNECT_PUBLIC_URL", "https://a.example/b/", "base_path", "/b"),
        ("CONNECT_PUBLIC_URL", "https://a.example/", "base_path", ""),
        (
            "CONNECT_CORS_ORIGINS",
            "https://App.example.org, http://localhost:3000/",
            "cors_origins",
            ("https://app.example.org", "http://localhost:3000"),
        ),
        ("CONNECT_CORS_ORIGINS", "*", "cors_origins", ("*",)),
        (
            "CONNECT_FORWARDED_ALLOW_IPS",
            "10.0.0.0/8,::1",
            "forwarded_allow_ips",
            ("10.0.0.0/8", "::1/128"),
        ),
        ("CONNECT_DATABASE_CONNECTIONS", "2", "database_connections", 2),
        ("CONNECT_DATABASE_CONNECT_SECONDS", "0.5", "database_connect_seconds", 0.5),
        ("CONNECT_DATABASE_WAIT_SECONDS", "0", "database_wait_seconds", 0.0),
        ("CONNECT_RATE_LIMIT", "100/Hour", "rate_limit", (100, 3600)),
        ("CONNECT_RATE_LIMIT", "Off", "rate_limit", None),
        ("CONNECT_OPERATION_SECONDS", "0.1", "operation_seconds", 0.1),
        ("CONNECT_OPERATION_SECONDS", "600", "operation_seconds", 600.0),
        ("CONNECT_SECRET_KEYS", "new-key, old-key,", "secret_keys", ("new-key", "old-key")),
        ("CONNECT_DATABASE_URL", "sqlite:///here.db", "database", SqliteFile(Path("here.db"))),
        (
            "CONNECT_DATABASE_URL",
            "sqlite+aiosqlite:////a/b.db",
            "database",
            SqliteFile(Path("/a/b.db")),
        ),
        ("CONNECT_DATABASE_URL", "postgres://h/d", "database", Server("postgresql://h/d")),
        ("DATABASE_URL", "postgresql+asyncpg://h/d", "database", Server("postgresql://h/d")),
        ("DATABASE_URL", "sqlite:////a/c.db", "database", SqliteFile(Path("/a/c.db"))),
    ],
)
def test_value_is_accepted(name: str, text: str, attribute: str, value: object):
    assert getattr(read_settings({name: text}), attribute) == value


@pytest.mark.parametrize(
    ("name", "text", "words"),
    [
        ("CONNECT_PORT", "http", "whole number from 0 to 65535"),
        ("CONNECT_PORT", "65536", "whole number from 0 to 65535"),
        ("CONNECT_PORT", "８０", "whole number"),
        ("CONNECT_PORT", "tcp://10.0.0.9:80", "Kubernetes"),
        ("CONNECT_PAGE_SIZE", "0", "from 1 to 100"),
        ("CONNECT_PAGE_SIZE", "101", "from 1 to 100"),
        ("CONNECT_JOIN_OPENS_BEFORE_MINUTES", "-1", "from 0 to 1440"),
        ("CONNECT_JOIN_CLOSES_AFTER_MINUTES", "soon", "from 0 to 1440"),
        ("CONNECT_ROOMS", "zoom", "must be none"),
        ("CONNECT_METRICS", "token:", "open, off or token:"),
        ("CONNECT_METRICS", "token:fifteen-letters", "at least 16 characters"),
        ("CONNECT_LOG_LEVEL", "loud", "debug or info or warning or error"),
        ("CONNECT_LOG_FORMAT", "xml", "json or text"),
        ("CONNECT_REST_PREFIX", "/", "a path such as /api/v1"),
        ("CONNECT_PUBLIC_URL", "connect.example.org", "https://connect.example.org"),
        ("CONNECT_PUBLIC_URL", "https://a.example/?b", "end after its host and port"),
        ("CONNECT_PUBLIC_URL", "https://a.example/b//c", "https://example.org/connect"),
        ("CONNECT_PUBLIC_URL", "https://a.example/b/../c", "https://example.org/connect"),
        ("CONNECT_PUBLIC_URL", "https://a.example/%62", "https://example.org/connect"),
        ("CONNECT_PUBLIC_URL", "https://a.example:99999", "https://connect.example.org"),
        ("CONNECT_PUBLIC_URL", "https://bücher.example", "as DNS has it: xn--bcher-kva.example"),
        # As IDNA 2008 has it: IDNA 2003 would lead to strasse.example, another host.
        ("CONNECT_PUBLIC_URL", "https://straße.example:444", "xn--strae-oqa.example"),
        ("CONNECT_PUBLIC_URL", "https://a\u2028.example", "the name of no host"),
        ("CONNECT_PUBLIC_URL", "https://a.example/ü", "https://connect.example.org"),
        ("CONNECT_ALLOWED_HOSTS", "*.Bücher.example", "as DNS has it: *.xn--bcher-kva.example"),
        ("CONNECT_CORS_ORIGINS", "https://bücher.example", "xn--bcher-kva.example"),
        ("CONNECT_DATABASE_URL", "postgresql://u@bücher.example:5432/d", "xn--bcher-kva.example"),
        ("CONNECT_ALLOWED_HOSTS", "https://a.example", "without scheme"),
        ("CONNECT_ALLOWED_HOSTS", "a.example:80", "without scheme, port"),
        ("CONNECT_ALLOWED_HOSTS", "a b", "host names such as"),
        ("CONNECT_CORS_ORIGINS", "https://a.example/app", "ends after its host and port"),
        ("CONNECT_FORWARDED_ALLOW_IPS", "proxy", "IP addresses or networks"),
        ("CONNECT_RATE_LIMIT", "0/minute", "off, or a number"),
        ("CONNECT_RATE_LIMIT", "60000", "off, or a number"),
        ("CONNECT_RATE_LIMIT", "60/day", "off, or a number"),
        ("CONNECT_OPERATION_SECONDS", "0.05", "from 0.1 to 600"),
        ("CONNECT_OPERATION_SECONDS", "600.5", "from 0.1 to 600"),
        ("CONNECT_OPERATION_SECONDS", "1e1", "from 0.1 to 600"),
        ("CONNECT_OPERATION_SECONDS", "nan", "from 0.1 to 600"),
        ("CONNECT_DATABASE_CONNECTIONS", "1", "from 2 to 1000"),
        ("CONNECT_DATABASE_CONNECT_SECONDS", "0", "from 0.1 to 60"),
        ("CONNECT_DATABASE_WAIT_SECONDS", "601", "from 0 to 600"),
        ("CONNECT_SECRET_KEYS", "pässwörd", "printable ASCII"),
        ("CONNECT_DATABASE_URL", "postgresql://u:hunter/2@h/d", "%2F for /"),
        ("CONNECT_DATABASE_URL", "postgresql://u:12/hunter2@h/d", "%2F for /"),
        ("CONNECT_DATABASE_URL", "postgresql://u:hunter#2@h/d", "%23 for #"),
        ("CONNECT_DATABASE_URL", "postgresql://u:12#2@h/d", "%23 for #"),
        ("CONNECT_DATABASE_URL", "postgresql://u:12?2@h/d", "the address of a database"),
        ("CONNECT_DATABASE_URL", "postgresql://u@h/d?sslmode", "the address of a database"),
        ("CONNECT_DATABASE_URL", "postgresql://u@h:http/d", "host or port"),
        ("CONNECT_DATABASE_URL", "postgresql://u@[::1/d", "the address of a database"),
        ("CONNECT_DATABASE_URL", "postgresql://u@h/d e", "the address of a database"),
        ("CONNECT_DATABASE_URL", "postgresql:h/d", "not an address that this release knows"),
        ("CONNECT_DATABASE_URL", "mysql://h/d", "not an address that this release knows"),
        ("CONNECT_DATABASE_URL", "connect.db", "not an address that this release knows"),
        ("CONNECT_DATABASE_URL", "sqlite://", "names no file"),
        ("CONNECT_DATABASE_URL", "sqlite:///:memory:", "names no file"),
        ("CONNECT_DATABASE_URL", "sqlite:///a.db?mode=ro", "without options"),
    ],
)
def test_value_is_refused_in_one_line_that_names_the_variable(name: str, text: str, words: str):
    with pytest.raises(WrongSetting) as wrong:
        read_settings({name: text})

    said = str(wrong.value)
    assert said.startswith(f"{name} ")
    assert words in said
    assert "\n" not in said


def test_connect_database_url_takes_precedence():
    given = {"CONNECT_DATABASE_URL": "sqlite:////a.db", "DATABASE_URL": "postgres://h/d"}

    assert read_settings(given).database == SqliteFile(Path("/a.db"))


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        ("postgresql://me:hunter2@db.example:5433/connect", "postgresql://db.example:5433/connect"),
        ("postgresql://me:a%40b@[::1]/connect", "postgresql://[::1]/connect"),
        ("postgresql://me@a:1,b:2/connect", "postgresql://a:1,b:2/connect"),
        ("postgresql:///connect", "postgresql:///connect"),
        (
            "postgresql:///connect?host=/run/postgresql&password=hunter2&user=me&port=5433",
            "postgresql:///connect?host=/run/postgresql&port=5433",
        ),
        ("postgresql:///?service=connect", "postgresql:///?service=connect"),
    ],
)
def test_of_a_server_only_host_port_and_database_are_shown(url: str, shown: str):
    settings = read_settings({"CONNECT_DATABASE_URL": url})

    assert str(settings.database) == shown
    assert "me" not in repr(settings.database) and "hunter2" not in repr(settings)


@pytest.mark.parametrize("name", ["CONNECT_DATABASE_URL", "CONNECT_METRICS"])
def test_refusal_does_not_repeat_what_may_be_secret(name: str):
    with pytest.raises(WrongSetting) as wrong:
        read_settings({name: "token:hun ter2@mysql://user:hunter2@host"})

    assert "hunter2" not in str(wrong.value)


def test_secrets_do_not_show_when_settings_are_printed():
    settings = read_settings(
        {"CONNECT_SECRET_KEYS": GOOD_KEY, "CONNECT_METRICS": "token:hunter2-hunter2-hunter2"}
    )

    assert GOOD_KEY not in repr(settings)
    assert "hunter2" not in repr(settings)


@pytest.mark.parametrize(
    ("host", "url"),
    [
        ("0.0.0.0", "http://localhost:8080"),
        ("::", "http://localhost:8080"),
        ("::1", "http://[::1]:8080"),
        ("10.1.2.3", "http://10.1.2.3:8080"),
    ],
)
def test_public_url_follows_host_and_port(host: str, url: str):
    assert Settings().at(host, 8080).public_url == url


def test_a_configured_public_url_is_used():
    given = read_settings({"CONNECT_PUBLIC_URL": "https://connect.example.org"})

    assert given.at("0.0.0.0", 1234).public_url == "https://connect.example.org"


def test_public_host_and_loopback_are_always_allowed():
    settings = read_settings(
        {
            "CONNECT_PUBLIC_URL": "https://Connect.example.org",
            "CONNECT_ALLOWED_HOSTS": "*.a.example",
        }
    )

    assert settings.allowed_hosts == (
        "*.a.example", "connect.example.org", "localhost", "127.0.0.1", "[::1]",
    )  # fmt: skip


def test_embedded_key_is_made_once_and_only_its_owner_reads_it(tmp_path: Path):
    settings = read_settings({"CONNECT_DATA_DIR": str(tmp_path / "data")})

    first = settings.signing_keys()
    path = tmp_path / "data" / "secret.key"

    assert settings.signing_keys() == first
    assert len(first) == 1
    assert len(first[0]) >= 64
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert [each.name for each in path.parent.iterdir()] == ["secret.key"]


def test_an_embedded_key_that_others_could_read_is_made_private(tmp_path: Path):
    path = tmp_path / "secret.key"
    path.write_text(GOOD_KEY)
    path.chmod(0o644)

    assert own_key(path, tmp_path / "none.db") == GOOD_KEY
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_embedded_key_file_without_a_key_is_not_replaced(tmp_path: Path):
    (tmp_path / "secret.key").write_text("\n")

    with pytest.raises(WrongSetting, match="holds no key"):
        read_settings({"CONNECT_DATA_DIR": str(tmp_path)}).signing_keys()


def test_embedded_key_gives_way_to_one_that_is_set(tmp_path: Path):
    given = {"CONNECT_DATA_DIR": str(tmp_path), "CONNECT_SECRET_KEYS": GOOD_KEY}

    assert read_settings(given).signing_keys() == (GOOD_KEY,)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("key", ["changeme-changeme-1", "short", "hunter2-hunter2-hunter2", "ключ"])
def test_the_embedded_key_is_held_to_the_same_strength(tmp_path: Path, key: str):
    (tmp_path / "secret.key").write_text(f"{key}\n")

    with pytest.raises(WrongSetting, match="holds no key") as wrong:
        read_settings({"CONNECT_DATA_DIR": str(tmp_path)}).signing_keys()
    assert key not in str(wrong.value)


def test_whoever_lacks_the_key_of_a_moved_database_is_told_where_it_is(tmp_path: Path):
    (tmp_path / "secret.key").write_text(GOOD_KEY)
    given = {
        "CONNECT_DATA_DIR": str(tmp_path),
        "CONNECT_DATABASE_URL": f"sqlite:///{tmp_path}/a.db",
    }

    with pytest.raises(WrongSetting, match="is not set") as wrong:
        read_settings(given).signing_keys()

    assert f'CONNECT_SECRET_KEYS="$(cat {tmp_path}/secret.key)"' in str(wrong.value)
    assert "openssl" not in str(wrong.value)


def test_whoever_lacks_the_key_of_sent_links_is_told_what_a_new_one_does(tmp_path: Path):
    with closing(sqlite3.connect(tmp_path / "a.db")) as connection:
        connection.execute("CREATE TABLE appointment (id)")
        connection.execute("INSERT INTO appointment VALUES (1)")
        connection.commit()
    given = {
        "CONNECT_DATA_DIR": str(tmp_path),
        "CONNECT_DATABASE_URL": f"sqlite:///{tmp_path}/a.db",
    }

    with pytest.raises(WrongSetting, match="an earlier key signed: set it to that key"):
        read_settings(given).signing_keys()


def test_production_refuses_to_start_without_a_key(tmp_path):
    given = PRODUCTION | {"CONNECT_DATA_DIR": str(tmp_path)}
    with pytest.raises(WrongSetting, match=r"CONNECT_SECRET_KEYS is not set.*openssl rand"):
        read_settings(given).signing_keys()


@pytest.mark.parametrize(
    ("keys", "words"),
    [
        ("changeme-changeme-changeme", "key 1 is a placeholder"),
        (f"{GOOD_KEY},demo-key-0123456789", "key 2 is a placeholder"),
        ("Your_Example_Key_1234567", "placeholder"),
        ("tooShort12345", "fewer than 16 characters"),
        ("abababababababababab", "repeats"),
        ("hunter2-hunter2-hunter2", "repeats itself"),
    ],
)
@pytest.mark.parametrize("where", [PRODUCTION, {}], ids=["production", "embedded"])
def test_a_weak_key_is_refused(where: dict[str, str], keys: str, words: str):
    settings = read_settings({**where, "CONNECT_SECRET_KEYS": keys})

    with pytest.raises(WrongSetting, match=words) as wrong:
        settings.signing_keys()
    assert keys not in str(wrong.value)


def test_production_takes_its_keys_newest_first():
    settings = read_settings({**PRODUCTION, "CONNECT_SECRET_KEYS": f"{GOOD_KEY}, {GOOD_KEY[::-1]}"})

    assert settings.signing_keys() == (GOOD_KEY, GOOD_KEY[::-1])


def test_a_misspelt_variable_is_reported():
    given = {
        "CONNECT_PAGESIZE": "5",
        "CONNECT_PORT": "1",
        "CONNECT_TEST_CHROMIUM": "x",
        "HOME": "/",
    }

    (line,) = misspelt(given)

    assert re.search(r"CONNECT_PAGESIZE.*CONNECT_PAGE_SIZE", line)


def test_defaults_parse_to_the_values_of_the_fields():
    assert read_settings({"CONNECT_LOG_FORMAT": "json"}).graphql == GraphQLOptions()
    given = {name: each.default for name, each in SETTINGS.items() if each.default}

    assert read_settings(given) == Settings()


def test_a_setting_is_one_declaration():
    @dataclass(frozen=True)
    class Own:
        page_size: int = setting("20", whole_number(1, 100), "items on a page")
        key: str | None = setting(
            None, text, "opens it", shown="none", name="OWN_KEY", is_secret=True
        )

    assert Own() == Own(page_size=20, key=None)
    assert "key" not in repr(Own())
    assert table(settings_of(Own)).splitlines()[2:] == [
        "| `CONNECT_PAGE_SIZE` | `20` | items on a page |",
        "| `CONNECT_OWN_KEY` | none | opens it |",
    ]


def test_the_rest_prefix_must_not_collide_with_a_route():
    settings = Settings(metrics="open")
    paths = {route.path for route in create_app(settings).routes if hasattr(route, "path")}
    steps = {path.split("/")[1] for path in paths if not path.startswith(settings.rest_prefix)}
    assert {"graphql", "join", "rooms", "metrics", "docs", "explorer", "healthz"} <= steps

    for step in steps - {""}:
        with pytest.raises(WrongSetting, match=r"^CONNECT_REST_PREFIX .* answers there itself"):
            create_app(replace(settings, rest_prefix=f"/{step}/v1"))
    assert create_app(replace(settings, rest_prefix="/roomservice"))
