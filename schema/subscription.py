"""The table of what can be followed: field = resolver."""

import strawberry

from .fields import subscription
from .resolvers.events import follow_events
from .types.events import Event


@strawberry.type(description="Root of live updates; limited to the caller's organization.")
class Subscription:
    """What can be followed."""

    events: Event = subscription(follow_events)
