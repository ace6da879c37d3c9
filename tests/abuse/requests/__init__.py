"""Raw HTTP requests that no client library would send."""

from collections.abc import Iterator

from ..people import People
from . import bodies, framing, headers, hosts, negotiation, protocols, rest, targets
from .raw import Raw

ROOMS = {
    "targets": targets.requests,
    "hosts": hosts.requests,
    "headers": headers.requests,
    "negotiation": negotiation.requests,
    "framing": framing.requests,
    "protocols": protocols.requests,
    "bodies": bodies.requests,
    "rest": rest.requests,
}


def corpus(people: People) -> Iterator[tuple[str, Raw]]:
    """Returns every request with its full name, such as `framing/two-lengths`."""
    for room, requests in ROOMS.items():
        for raw in requests(people):
            yield f"{room}/{raw.name}", raw
