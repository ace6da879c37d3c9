"""The targets: the floor, the gateway and its peers, and how each of them is started.
`processes.py` runs them; `node_tools.py` gets what the peers on Node.js need."""

import os
import sys
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from secrets import token_urlsafe
from typing import NamedTuple

from . import node_tools

# How the gateway is started; the port and the database are added below.
GATEWAY = (sys.executable, "-m", "gateway.cli", "run")
BOTH, REST, GRAPHQL = ("REST", "GraphQL"), ("REST",), ("GraphQL",)
Command = Callable[[str, Path | str, int], list[str]]


def gateway(name: str, database: Path | str, port: int) -> list[str]:
    """Return the command line of the gateway; its environment names the database."""
    return [*GATEWAY, "--port", str(port)]


def python(name: str, database: Path | str, port: int) -> list[str]:
    """Return the command line of a target that `serve.py` runs on uvicorn."""
    serve = (sys.executable, "-m", "bench.serve", name)
    return [*serve, "--database", str(database), "--port", str(port)]


def node(name: str, database: Path | str, port: int) -> list[str]:
    """Return the command line of a target on Node.js; raises NotInstalled."""
    program = node_tools.FOLDER / f"{name}.mjs"
    return [*node_tools.command(), str(program), str(database), str(port)]


class Target(NamedTuple):
    """One server of the comparison; `database` names the tables that it reads."""

    name: str
    database: str
    faces: Sequence[str]
    command: Command
    settings: Mapping[str, str] = {}

    @property
    def warm_up_seconds(self) -> float:
        """How long warming up may take at most; it ends when all its requests are answered."""
        # V8 compiles hot code only after some thousand calls, which take a while on a busy
        # machine. Python reaches its full speed sooner.
        return 20.0 if self.command is node else 3.0

    def environment(self, database: Path | str) -> dict[str, str]:
        """Return the environment; only the gateway's own settings are added."""
        inherited = {name: value for name, value in os.environ.items() if "CONNECT_" not in name}
        if self.command is not gateway:
            return inherited | {"NODE_ENV": "production"}
        return inherited | {
            "CONNECT_DATABASE_URL": (
                database if isinstance(database, str) else f"sqlite+aiosqlite:///{database}"
            ),
            # A database given by URL requires a key; links are masked in comparisons.
            "CONNECT_SECRET_KEYS": token_urlsafe(48),
            # Active, but never reached: all clients of a run share a few tokens.
            "CONNECT_RATE_LIMIT": "999999999/second",
            **self.settings,
        }


FLOOR = Target("floor", "gateway", BOTH, python)
CONNECT = Target("connect", "gateway", BOTH, gateway)
PEERS = (
    Target("drf", "drf", REST, python),
    Target("fastapi", "fastapi", REST, python),
    Target("mercurius", "gateway", GRAPHQL, node),
    Target("yoga", "gateway", GRAPHQL, node),
    Target("strawberry", "gateway", GRAPHQL, python),
)


class Field(NamedTuple):
    """The targets of a run, and why others are missing."""

    present: list[Target]
    absent: dict[str, str]


def field(peers: Sequence[str]) -> Field:
    """Return the floor, the gateway and the peers of these names that can be had here."""
    chosen = [each for each in PEERS if each.name in peers]
    reason = node_tools.install() if any(each.command is node for each in chosen) else ""
    absent = {each.name: reason for each in chosen if reason and each.command is node}
    return Field([FLOOR, CONNECT, *(each for each in chosen if each.name not in absent)], absent)
