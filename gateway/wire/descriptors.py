"""How many files and sockets this process may open."""

import sys

# Used where the system has no such limit, or none that can be read.
ASSUMED = 1024
# `gateway.wire.watch` never needs more than this.
ENOUGH = 65_536


def limit() -> int:
    """Returns how many files and sockets may be open at once."""
    if sys.platform == "win32":
        return ASSUMED
    import resource

    soft, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
    return ENOUGH if soft == resource.RLIM_INFINITY else min(soft, ENOUGH)


def raised_limit() -> int:
    """Returns what the limit is, or may be raised to by this process."""
    if sys.platform == "win32":
        return ASSUMED
    import resource

    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    return ENOUGH if hard == resource.RLIM_INFINITY else min(hard, ENOUGH)


def raise_limit() -> None:
    """Raises the limit as far as the system allows; the usual 1,024 are few for a server."""
    if sys.platform == "win32":
        return
    import resource

    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = raised_limit()
    if soft != resource.RLIM_INFINITY and soft < wanted:
        resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))
