"""What a row of the table found."""

import itertools
from pathlib import Path
from typing import NamedTuple

from tests.postgresql import PostgreSQL

from .checker import compare
from .copies import run
from .ledger import Ledger, Outcome
from .site import Site

NUMBERS = itertools.count(1)


class Finding(NamedTuple):
    """Whether the promise of a row held, its figures in words, and what is wrong."""

    holds: bool
    words: str
    wrong: tuple[str, ...] = ()


class Scale(NamedTuple):
    """How often a fault is made, with how many workers and writers; on SQLite without a server."""

    folder: Path
    times: int
    server: PostgreSQL | None = None
    workers: int = 1
    writers: int = 8

    def url(self) -> str:
        """Returns the URL of a new, empty database."""
        name = f"faults_{next(NUMBERS)}"
        if self.server is None:
            return f"sqlite:///{self.folder / name}.db"
        run(self.server.dsn(), f"CREATE DATABASE {name}")
        # Encryption is another's matter; OpenSSL does not bear the forks of the migrations.
        return self.server.dsn(name) + "?sslmode=disable"

    def site(self, **settings: str) -> Site:
        """Returns an installation that is prepared and not running yet."""
        site = Site(self.folder, self.url(), self.workers, settings)
        site.prepare()
        return site

    def breakable(self) -> PostgreSQL:
        """Returns the server, for a row that breaks it; raises ValueError on SQLite."""
        if self.server is None:
            raise ValueError("this fault needs PostgreSQL")
        return self.server


def judged(site: Site, ledger: Ledger, words: str, wrong: list[str]) -> Finding:
    """Compares ledger and database, and adds what they show to the figures of a row."""
    found = [*wrong, *compare(ledger, site.state()), *site.tracebacks()]
    cut = ledger.count(Outcome.CUT)
    refused = ledger.count(Outcome.UNAVAILABLE) + ledger.count(Outcome.PARTLY)
    figures = (
        f"{ledger.done:,} writes acknowledged, {max(0, len(found))} wrong; "
        f"{cut} cut off, {refused} answered 503"
    )
    return Finding(not found, f"{words}: {figures}", tuple(found))
