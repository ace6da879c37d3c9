"""Who a request comes from, before it is known whether it needs anybody."""

from typing import NamedTuple, cast

from db.models import EventSource

from ..domain.errors import Unauthenticated
from .call import Call, Caller, Services


class Stranger(NamedTuple):
    """Somebody without a good token: which case it is, and what to answer.

    A value and not an exception: one that is kept and raised again keeps the frames, and so the
    bodies, of every request that it ever refused.
    """

    reason: str
    message: str


class Arrival(NamedTuple):
    """A request whose token has been looked at; the faces decide when a bad one matters."""

    caller: Caller | Stranger
    services: Services
    request_id: str

    def call(self, source: EventSource) -> Call:
        """Returns the call of a known caller; raises Unauthenticated for any other."""
        if isinstance(self.caller, Stranger):
            raise self.refusal()
        return Call(self.caller, self.services, source, self.request_id)

    def refusal(self) -> Unauthenticated:
        """Returns why the caller is not known, as an exception of this request's own."""
        return Unauthenticated(*cast(Stranger, self.caller))
