"""A crew: the workers of one machine that serve one database, and what they share."""

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Crew:
    """What a worker knows of the others: its place, how many there are, a folder of their own."""

    folder: Path
    number: int
    count: int
