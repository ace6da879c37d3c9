"""The headers that tell a client what its token may still ask for.

Fields of draft-ietf-httpapi-ratelimit-headers, which are structured.
"""

from functools import cache

from schema.operation.throttle import Allowance, Rate, Throttled

from .answer import Header


def limits(allowance: Allowance | None) -> tuple[Header, ...]:
    """`RateLimit-Policy` and `RateLimit`; none where nothing is limited."""
    if allowance is None:
        return ()
    return _policy(allowance.rate), (b"ratelimit", b'"default";r=%d;t=%d' % allowance[1:])


@cache
def _policy(rate: Rate) -> Header:
    return b"ratelimit-policy", b'"default";q=%d;w=%d' % rate


def throttled(problem: Throttled) -> tuple[Header, ...]:
    """The headers of a 429: also `Retry-After`."""
    return ((b"retry-after", b"%d" % problem.wait_seconds), *limits(problem.allowance))
