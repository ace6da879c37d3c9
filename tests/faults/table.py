"""The rows of the table of faults, by name."""

from collections.abc import Awaitable, Callable
from typing import NamedTuple

from .conditional import conditional
from .full_disk import full_disk
from .kills import kills
from .leases import leases
from .migrations import migrations
from .network import network
from .outages import restarts, terminated
from .releases import releases
from .rolling import rolling
from .row import Finding, Scale
from .terminations import terminations

ON_BOTH, SERVERS = ("sqlite", "postgresql"), ("postgresql",)


class Row(NamedTuple):
    """A fault: what is done, how often by the command, and where it makes sense."""

    run: Callable[[Scale], Awaitable[Finding]]
    times: int
    databases: tuple[str, ...] = ON_BOTH
    workers: tuple[int, ...] = (1, 4)


ROWS = {
    "kills": Row(kills, times=200),
    "conditional": Row(conditional, times=10_000),
    "migrations": Row(migrations, times=2, workers=(1,)),
    "releases": Row(releases, 5, ("sqlite",), (1,)),
    "terminations": Row(terminations, times=50),
    "restarts": Row(restarts, 20, SERVERS),
    "terminated": Row(terminated, 20, SERVERS),
    "full_disk": Row(full_disk, 10, SERVERS, (1,)),
    "leases": Row(leases, 10, ON_BOTH, (4,)),
    "rolling": Row(rolling, 10, ON_BOTH, (4,)),
    "network": Row(network, 20, SERVERS),
}
