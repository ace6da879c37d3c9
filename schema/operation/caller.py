"""Who a token belongs to, and what it allows."""

from functools import lru_cache
from typing import NamedTuple

SCOPES = ("read", "write", "admin")


class OrganizationView(NamedTuple):
    """The caller's organization, as the token names it: no read is needed."""

    id: str
    name: str


class Caller(NamedTuple):
    """What a token says about who holds it."""

    organization_id: str
    organization_name: str
    token_id: str
    token_name: str
    scopes: tuple[str, ...]

    @property
    def organization(self) -> OrganizationView:
        """The organization that the token belongs to."""
        return OrganizationView(self.organization_id, self.organization_name)

    def may(self, scope: str) -> bool:
        """Whether the scopes include `scope`: `admin` includes `write`, `write` includes `read`."""
        return _includes(self.scopes, scope)


@lru_cache(maxsize=64)
def _includes(scopes: tuple[str, ...], scope: str) -> bool:
    wanted = SCOPES.index(scope)
    return any(SCOPES.index(held) >= wanted for held in scopes)
