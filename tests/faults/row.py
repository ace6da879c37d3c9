"""What a row of the table found."""

from pathlib import Path
from typing import NamedTuple

from .checker import compare
from .ledger import Ledger, Outcome
from .site import Site


class Finding(NamedTuple):
    """Whether the promise of a row held, its figures in words, and what is wrong."""

    holds: bool
    words: str
    wrong: tuple[str, ...] = ()


class Scale(NamedTuple):
    """How often a fault is made, on which database, with how many workers and writers."""

    folder: Path
    times: int
    url: str = ""
    workers: int = 1
    writers: int = 8

    def site(self, **settings: str) -> Site:
        """Returns an installation that is prepared and not running yet."""
        site = Site(self.folder, self.url, self.workers, settings)
        site.prepare()
        return site


def judged(site: Site, ledger: Ledger, words: str, wrong: list[str]) -> Finding:
    """Compares ledger and database, and adds what they show to the figures of a row."""
    found = [*wrong, *compare(ledger, site.state()), *site.tracebacks()]
    cut, refused = ledger.count(Outcome.CUT), ledger.count(Outcome.UNAVAILABLE)
    figures = (
        f"{ledger.done:,} writes acknowledged, {max(0, len(found))} wrong; "
        f"{cut} cut off, {refused} answered 503"
    )
    return Finding(not found, f"{words}: {figures}", tuple(found))
