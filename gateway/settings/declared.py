"""Every setting, declared once, and the values derived from them."""

from dataclasses import dataclass, replace
from pathlib import Path
from urllib.parse import urlsplit

from db.engine import Options
from db.location import Location, SqliteFile
from schema.execution.options import GraphQLOptions
from schema.operation.throttle import Rate
from schema.rooms.vendor import VendorSettings

from . import values
from .graphql import GRAPHQL
from .rooms import ROOMS
from .secret_key import given_keys, own_keys
from .setting import group, setting

LOOPBACK_HOSTS = ("localhost", "127.0.0.1", "[::1]")
WILDCARD_HOSTS = ("0.0.0.0", "::", "")  # noqa: S104  (only compared with)
DATABASE_FILE = "connect.db"
# A write that has begun is carried to its end, also where operations must be quick.
LEAST_TRANSACTION_SECONDS = 1.0
KEY_FILE = "secret.key"


@dataclass(frozen=True)
class Settings:
    """The settings; each field declares its variable, reader, default and README row.

    `metrics` is `open`, `off` or `token:<value>`; hosts are lower-case and without ports.
    """

    host: str = setting("127.0.0.1", values.text, "where to listen")
    port: int = setting("8000", values.port, "the port")
    workers: int = setting(
        "1",
        values.whole_number(1, 64),
        "processes that serve on this machine; see "
        "[docs/operations.md](docs/operations.md#many-processes)",
    )
    given_public_url: str | None = setting(
        None,
        values.public_url,
        "the address that clients use, with a path if there is one, such as "
        "`https://example.org/connect`; access links and page links start with it",
        shown="from host and port",
        name="PUBLIC_URL",
    )
    given_allowed_hosts: tuple[str, ...] = setting(
        "",
        values.comma_separated(values.host),
        "host names that requests may use besides the public one and the loopback; "
        "`*.example.org` and `*` work",
        shown="none",
        name="ALLOWED_HOSTS",
    )
    cors_origins: tuple[str, ...] = setting(
        "",
        values.comma_separated(values.origin),
        "origins of frontends that may call from a browser",
        shown="none",
    )
    forwarded_allow_ips: tuple[str, ...] = setting(
        "",
        values.comma_separated(values.network),
        "proxies whose `X-Forwarded-For` and `-Proto` are trusted; list `127.0.0.1` for "
        "one on the same machine",
        shown="none",
    )
    data_dir: Path = setting(
        "data",
        values.path,
        "folder of the embedded database and its key",
        shown="`data`; of the package `~/.local/share/consularia-connect`",
    )
    given_database: Location | None = setting(
        None,
        values.database,
        "a database of your own, `postgresql://user:password@host/name` or `sqlite:///path`; "
        "`DATABASE_URL` works too. Never seeded, needs `CONNECT_SECRET_KEYS`",
        shown="none",
        name="DATABASE_URL",
    )
    database_connections: int = setting(
        "10",
        values.whole_number(2, 1000),
        "connections to PostgreSQL that one process opens at most, as they are needed; all "
        "processes together must stay below `max_connections` of the server",
    )
    database_connect_seconds: float = setting(
        "5", values.seconds(0.1, 60), "how long connecting to one PostgreSQL host may take"
    )
    database_wait_seconds: float = setting(
        "30",
        values.seconds(0, 600),
        "how long `run` waits for a PostgreSQL server that is away when it starts; 0 fails at once",
    )
    secret_keys: tuple[str, ...] = setting(
        "",
        values.comma_separated(values.secret_key),
        "keys of access links, newest first, separated by commas; links of every listed key work",
        shown="created once if embedded",
        is_secret=True,
    )
    rest_prefix: str = setting("/api/v1", values.rest_prefix, "where the REST operations are")
    page_size: int = setting("20", values.whole_number(1, 100), "items on a REST page, up to 100")
    operation_seconds: float = setting(
        "10",
        values.seconds(0.1, 600),
        "how long one operation may take, 0.1 to 600; after that the answer is 503",
    )
    rate_limit: Rate | None = setting(
        "60000/minute",
        values.rate,
        "points that a token may spend a `second`, `minute` or `hour`, or `off`; see "
        "[docs/operations.md](docs/operations.md)",
    )
    live_connections: int = setting(
        "20",
        values.whole_number(1, 10_000),
        "sockets and event streams that a token may hold open at once; see "
        "[docs/live.md](docs/live.md)",
    )
    join_opens_before_minutes: int = setting(
        "15", values.whole_number(0, 1440), "how long before the start links open"
    )
    join_moderators_open_before_minutes: int = setting(
        "15", values.whole_number(0, 1440), "the same for moderators"
    )
    join_closes_after_minutes: int = setting(
        "30",
        values.whole_number(0, 1440),
        "how long after the end links close, and the clock completes open appointments or marks "
        "them as missed",
    )
    events_kept_days: int = setting(
        "30",
        values.whole_number(1, 3650),
        "how many days events stay in the log that clients follow; attendance is kept",
    )
    rooms: VendorSettings = group(ROOMS)
    graphql: GraphQLOptions = group(GRAPHQL)
    trusted_documents: tuple[Path, ...] = setting(
        "",
        values.comma_separated(values.path),
        "manifests of trusted documents; see "
        "[docs/persisted-operations.md](docs/persisted-operations.md)",
        shown="none",
    )
    only_trusted_documents: str = setting(
        "off",
        values.one_of("on", "off"),
        "whether every other document is refused, introspection and the explorer's included",
    )
    explorer: str = setting("on", values.one_of("on", "off"), "whether `/explorer/` is there")
    metrics: str = setting(
        "open",
        values.metrics,
        "`/metrics`: `open`, `token:<16 characters or more>` or `off`",
        is_secret=True,
    )
    otlp_endpoint: str | None = setting(
        None,
        values.collector,
        "where traces are sent, such as `http://localhost:4318`; see "
        "[docs/operations.md](docs/operations.md#traces)",
        shown="none",
    )
    log_level: str = setting(
        "info",
        values.one_of("debug", "info", "warning", "error"),
        "`debug`, `info`, `warning` or `error`",
    )
    log_format: str = setting(
        "json", values.one_of("json", "text"), "`json` or `text`", shown="by terminal"
    )

    @property
    def is_embedded(self) -> bool:
        """Whether the database is the one in the data folder, rather than one given by URL."""
        return self.given_database is None

    @property
    def database(self) -> Location:
        """Where the database is."""
        return self.given_database or SqliteFile(self.embedded_file)

    @property
    def server_options(self) -> Options:
        """Connections to a server; a transaction may take as long as an operation."""
        return Options(
            self.database_connections,
            self.database_connect_seconds,
            max(LEAST_TRANSACTION_SECONDS, self.operation_seconds),
        )

    @property
    def embedded_file(self) -> Path:
        """The file of the database that is used when none is given by URL."""
        return self.data_dir / DATABASE_FILE

    @property
    def public_url(self) -> str:
        """The address that clients use, without a trailing slash; defaults to host and port."""
        if self.given_public_url:
            return self.given_public_url
        name = "localhost" if self.host in WILDCARD_HOSTS else self.host
        return f"http://{f'[{name}]' if ':' in name else name}:{self.port}"

    @property
    def base_path(self) -> str:
        """The path of the public URL, without a trailing slash; empty when there is none."""
        return urlsplit(self.public_url).path

    @property
    def allowed_hosts(self) -> tuple[str, ...]:
        """Host names that requests may carry: those configured, the public one and the loopback.

        `*` allows every name, `*.example.org` every subdomain.
        """
        own = urlsplit(self.public_url).hostname or "localhost"
        own = f"[{own}]" if ":" in own else own
        return tuple(dict.fromkeys((*self.given_allowed_hosts, own, *LOOPBACK_HOSTS)))

    def signing_keys(self) -> tuple[str, ...]:
        """Returns the keys that sign links, newest first; creates the embedded one if needed.

        Raises WrongSetting when a key is easy to guess, when there is none for a database given by
        URL, and when the embedded one is missing although links were sent.
        """
        path = self.data_dir / KEY_FILE
        if self.secret_keys or not self.is_embedded:
            return given_keys(self.secret_keys, path, self.database)
        return own_keys(path, self.database)

    def at(self, host: str, port: int) -> "Settings":
        """Returns these settings for another host and port."""
        return replace(self, host=host, port=port)

    def with_workers(self, workers: int | None) -> "Settings":
        """Returns these settings for another number of processes, unless it is None."""
        return self if workers is None else replace(self, workers=workers)
