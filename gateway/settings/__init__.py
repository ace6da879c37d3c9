"""Settings: every CONNECT_ variable, read from the environment once and checked.

The only reader of the environment. Made by `gateway.cli`, handed down through `create_app`.
"""

import difflib
import os
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, fields, replace
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import urlsplit

from schema.execution.options import GraphQLOptions
from schema.operation.throttle import Rate
from schema.rooms.choice import RoomsChoice, RoomsRefused

from . import graphql as settings_graphql
from . import values
from .secret_key import own_key, weakness

LOOPBACK_HOSTS = ("localhost", "127.0.0.1", "[::1]")
WILDCARD_HOSTS = ("0.0.0.0", "::", "")  # noqa: S104  (compared with, not listened on)
DATABASE_FILE = "connect.db"
DEFAULT_RATE = Rate(60_000, 60)
KEY_FILE = "secret.key"


class WrongSetting(Exception):
    """A setting that cannot be used; its text is one line that names the variable."""


class Setting(NamedTuple):
    """One variable: what it is called in `Settings`, its default as text, and its reader."""

    attribute: str
    default: str
    read: Callable[[str], Any]


SETTINGS: dict[str, Setting] = {
    "CONNECT_HOST": Setting("host", "127.0.0.1", values.text),
    "CONNECT_PORT": Setting("port", "8000", values.port),
    "CONNECT_PUBLIC_URL": Setting("given_public_url", "", values.public_url),
    "CONNECT_ALLOWED_HOSTS": Setting(
        "given_allowed_hosts", "", values.comma_separated(values.host)
    ),
    "CONNECT_CORS_ORIGINS": Setting("cors_origins", "", values.comma_separated(values.origin)),
    "CONNECT_FORWARDED_ALLOW_IPS": Setting(
        "forwarded_allow_ips", "", values.comma_separated(values.network)
    ),
    "CONNECT_DATA_DIR": Setting("data_dir", "data", values.path),
    "CONNECT_DATABASE_URL": Setting("given_database", "", values.sqlite_path),
    "CONNECT_SECRET_KEYS": Setting("secret_keys", "", values.comma_separated(values.secret_key)),
    "CONNECT_REST_PREFIX": Setting("rest_prefix", "/api/v1", values.rest_prefix),
    "CONNECT_PAGE_SIZE": Setting("page_size", "20", values.whole_number(1, 100)),
    "CONNECT_OPERATION_SECONDS": Setting("operation_seconds", "10", values.seconds(0.1, 600)),
    "CONNECT_RATE_LIMIT": Setting("rate_limit", "60000/minute", values.rate),
    "CONNECT_JOIN_OPENS_BEFORE_MINUTES": Setting(
        "join_opens_before_minutes", "15", values.whole_number(0, 1440)
    ),
    "CONNECT_JOIN_MODERATORS_OPEN_BEFORE_MINUTES": Setting(
        "join_moderators_open_before_minutes", "15", values.whole_number(0, 1440)
    ),
    "CONNECT_JOIN_CLOSES_AFTER_MINUTES": Setting(
        "join_closes_after_minutes", "30", values.whole_number(0, 1440)
    ),
    "CONNECT_ROOMS": Setting(
        "rooms", "none", values.one_of("none", "template", "jitsi", "livekit")
    ),
    "CONNECT_ROOMS_TEMPLATE": Setting("rooms_template", "", values.text),
    "CONNECT_JITSI_URL": Setting("jitsi_url", "", values.text),
    "CONNECT_JITSI_APP_ID": Setting("jitsi_app_id", "", values.text),
    "CONNECT_JITSI_APP_SECRET": Setting("jitsi_app_secret", "", values.text),
    "CONNECT_JITSI_AUDIENCE": Setting("jitsi_audience", "jitsi", values.text),
    "CONNECT_JITSI_SUBJECT": Setting("jitsi_subject", "", values.text),
    "CONNECT_JITSI_TENANT": Setting("jitsi_tenant", "", values.text),
    "CONNECT_LIVEKIT_URL": Setting("livekit_url", "", values.text),
    "CONNECT_LIVEKIT_API_KEY": Setting("livekit_api_key", "", values.text),
    "CONNECT_LIVEKIT_API_SECRET": Setting("livekit_api_secret", "", values.text),
    "CONNECT_LIVEKIT_MEET_URL": Setting("livekit_meet_url", "", values.text),
    "CONNECT_EXPLORER": Setting("explorer", "on", values.one_of("on", "off")),
    "CONNECT_METRICS": Setting("metrics", "open", values.metrics),
    "CONNECT_LOG_LEVEL": Setting(
        "log_level", "info", values.one_of("debug", "info", "warning", "error")
    ),
    "CONNECT_LOG_FORMAT": Setting("log_format", "", values.one_of("json", "text")),
}
SETTINGS |= {name: Setting(name, *option) for name, option in settings_graphql.OPTIONS.items()}
# What hosting platforms call the address of a database; the name of our own wins.
FALLBACKS = {"CONNECT_DATABASE_URL": "DATABASE_URL"}


@dataclass(frozen=True)
class Settings:
    """What the operator decided. Made by `read_settings`, in tests also by hand.

    `metrics` is `open`, `off` or `token:<value>`; hosts are lower-case and without ports.
    """

    host: str = "127.0.0.1"
    port: int = 8000
    given_public_url: str | None = None
    given_allowed_hosts: tuple[str, ...] = ()
    cors_origins: tuple[str, ...] = ()
    forwarded_allow_ips: tuple[str, ...] = ()
    data_dir: Path = Path("data")
    given_database: Path | None = None
    secret_keys: tuple[str, ...] = field(default=(), repr=False)
    rest_prefix: str = "/api/v1"
    page_size: int = 20
    operation_seconds: float = 10.0
    rate_limit: Rate | None = DEFAULT_RATE
    join_opens_before_minutes: int = 15
    join_moderators_open_before_minutes: int = 15
    join_closes_after_minutes: int = 30
    rooms: str = "none"
    rooms_template: str | None = field(default=None, repr=False)
    jitsi_url: str | None = None
    jitsi_app_id: str | None = None
    jitsi_app_secret: str | None = field(default=None, repr=False)
    jitsi_audience: str = "jitsi"
    jitsi_subject: str | None = None
    jitsi_tenant: str | None = None
    livekit_url: str | None = None
    livekit_api_key: str | None = None
    livekit_api_secret: str | None = field(default=None, repr=False)
    livekit_meet_url: str | None = None
    explorer: str = "on"
    metrics: str = field(default="open", repr=False)
    log_level: str = "info"
    log_format: str = "json"
    graphql: GraphQLOptions = field(default_factory=GraphQLOptions)

    @property
    def is_embedded(self) -> bool:
        """Whether the database is our own in the data folder; one given by URL is production."""
        return self.given_database is None

    @property
    def database(self) -> Path:
        """The SQLite file."""
        return self.given_database or self.data_dir / DATABASE_FILE

    @property
    def public_url(self) -> str:
        """The address that clients use, without a slash at its end; follows host and port."""
        if self.given_public_url:
            return self.given_public_url
        name = "localhost" if self.host in WILDCARD_HOSTS else self.host
        return f"http://{f'[{name}]' if ':' in name else name}:{self.port}"

    @property
    def allowed_hosts(self) -> tuple[str, ...]:
        """Host names that requests may carry: those given, our public one and the loopback.

        Holds `*` when every name is welcome; `*.example.org` takes in every name below.
        """
        own = urlsplit(self.public_url).hostname or "localhost"
        own = f"[{own}]" if ":" in own else own
        return tuple(dict.fromkeys((*self.given_allowed_hosts, own, *LOOPBACK_HOSTS)))

    @property
    def rooms_choice(self) -> RoomsChoice:
        """What joining leads to; raises WrongSetting when the chosen rooms lack what they need."""
        # Named alike in both places, so that a refusal leads back to its variable.
        given = {place.name: getattr(self, place.name) or "" for place in fields(RoomsChoice)}
        try:
            return RoomsChoice(**given)
        except RoomsRefused as refused:
            raise WrongSetting(f"{_variable(refused.field)} {refused.sentence}") from None

    def signing_keys(self) -> tuple[str, ...]:
        """Returns the keys of access links, newest first; makes the embedded one when it is due.

        Raises WrongSetting when production has none, or one that others could know, and when the
        embedded one is gone although links were sent.
        """
        if not self.is_embedded:
            return self._checked_keys()
        if self.secret_keys:
            return self.secret_keys
        try:
            return (own_key(self.database.with_name(KEY_FILE), self.database),)
        except OSError as error:
            message = f"CONNECT_SECRET_KEYS is not set, and our own key cannot be used: {error}"
            raise WrongSetting(message) from error

    def _checked_keys(self) -> tuple[str, ...]:
        advice = "make one with: openssl rand -base64 48"
        if not self.secret_keys:
            raise WrongSetting(
                "CONNECT_SECRET_KEYS is not set, but a database given by URL needs a key "
                f"that signs access links; {advice}"
            )
        found = weakness(self.secret_keys)
        if found:
            raise WrongSetting(f"CONNECT_SECRET_KEYS: {found}; {advice}")
        return self.secret_keys

    def at(self, host: str, port: int) -> "Settings":
        """Returns these settings for another host and port."""
        return replace(self, host=host, port=port)


def read_settings(environment: Mapping[str, str] | None = None) -> Settings:
    """Reads all settings; an empty variable counts as unset.

    Raises WrongSetting with the variable's name, what is wrong and what is accepted.
    """
    given = os.environ if environment is None else environment
    found: dict[str, Any] = {}
    for name, setting in SETTINGS.items():
        used, text = _text_of(name, given)
        if text:
            found[setting.attribute] = _read(used, setting, text)
    if "log_format" not in found:
        found["log_format"] = "text" if sys.stderr.isatty() else "json"
    graphql = {name: found.pop(name) for name in settings_graphql.OPTIONS if name in found}
    settings = Settings(**found, graphql=settings_graphql.gathered(graphql))
    # Asked for now, so that a wrong choice is one line here and not a server that fails to start.
    _ = settings.rooms_choice
    return settings


def _variable(attribute: str) -> str:
    return next(name for name, setting in SETTINGS.items() if setting.attribute == attribute)


def _text_of(name: str, given: Mapping[str, str]) -> tuple[str, str]:
    text = given.get(name, "").strip()
    fallback = FALLBACKS.get(name)
    if not text and fallback:
        return fallback, given.get(fallback, "").strip()
    return name, text


def _read(name: str, setting: Setting, text: str) -> Any:
    try:
        return setting.read(text)
    except values.Refused as refused:
        raise WrongSetting(f"{name} {refused}") from None


def misspelt(environment: Mapping[str, str] | None = None) -> list[str]:
    """Returns a line for each variable that is nearly, but not quite, one of ours."""
    given = os.environ if environment is None else environment
    lines = []
    for name in sorted(given):
        if name.startswith("CONNECT_") and name not in SETTINGS:
            near = difflib.get_close_matches(name, SETTINGS, n=1, cutoff=0.85)
            lines += [f"{name} is not a setting: did you mean {near[0]}?"] if near else []
    return lines
