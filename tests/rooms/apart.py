"""Networks of their own for people on one machine: namespaces of the kernel, joined by a bridge.

What cuts one off cuts the media as well as the socket, as a lost wireless network does; on the
loopback only the socket can be cut.
"""

import itertools
import os
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager, suppress

import pytest

# Of the block that is set aside for tests of networks (RFC 2544).
NETWORK = f"198.18.{os.getpid() % 250 + 1}"
USES = itertools.count()


class Network:
    """A machine at the end of a cable."""

    def __init__(self, bridge: str, number: int) -> None:
        self.name = f"{bridge}n{number}"
        self._bridge = bridge
        self._cable = f"{bridge}c{number}"
        self._address = f"{NETWORK}.{number + 1}"

    def build(self) -> None:
        """Makes the namespace and plugs it in."""
        ip("netns", "add", self.name)
        ip("link", "add", self._cable, "type", "veth", "peer", "name", "eth0", "netns", self.name)
        ip("link", "set", self._cable, "master", self._bridge, "up")
        ip("-n", self.name, "addr", "add", f"{self._address}/24", "dev", "eth0")
        ip("-n", self.name, "link", "set", "eth0", "up")
        ip("-n", self.name, "link", "set", "lo", "up")
        ip("-n", self.name, "route", "add", "default", "via", f"{NETWORK}.1")

    def swallow(self) -> None:
        """Loses every packet without a word: the cable stays, nothing comes through it."""
        ip("link", "set", self._cable, "nomaster")

    def unplug(self) -> None:
        """Pulls the cable: the machine notices that it has no network."""
        ip("link", "set", self._cable, "down")

    def mend(self) -> None:
        """Lets everything through again."""
        ip("link", "set", self._cable, "master", self._bridge, "up")

    def remove(self) -> None:
        """Ends it, with its end of the cable."""
        with suppress(subprocess.CalledProcessError):
            ip("netns", "del", self.name)


def ip(*words: str) -> None:
    """Runs iproute2's `ip`."""
    subprocess.run(["ip", *words], check=True, capture_output=True, timeout=20)


@contextmanager
def networks(count: int) -> Iterator[tuple[str, list[Network]]]:
    """Makes so many networks; yields the address of this machine in them, and each of them.

    Skips the test where they cannot be made.
    """
    # The kernel takes its time to remove a network: the next one has another name.
    bridge = f"cr{os.getpid() % 10_000}x{next(USES) % 100}"
    if os.geteuid() != 0 or not shutil.which("ip"):
        pytest.skip("Networks of their own need root and iproute2 (Debian: iproute2).")
    made = [Network(bridge, number) for number in range(1, count + 1)]
    try:
        try:
            ip("link", "add", bridge, "type", "bridge")
            ip("addr", "add", f"{NETWORK}.1/24", "dev", bridge)
            ip("link", "set", bridge, "up")
            for each in made:
                each.build()
        except subprocess.CalledProcessError as error:
            pytest.skip(f"This machine makes no networks: {error.stderr.decode().strip()}")
        yield f"{NETWORK}.1", made
    finally:
        for each in made:
            each.remove()
        with suppress(subprocess.CalledProcessError):
            ip("link", "del", bridge)
