"""The tenant and its API tokens."""

from datetime import datetime
from typing import NamedTuple

from .limits import Length

NAME = Length(255, least=1)  # of an organization, of a token


class OrganizationRow(NamedTuple):
    """One organization as it was read."""

    id: str
    name: str
    is_active: bool
    created_at: datetime


class TokenRow(NamedTuple):
    """One token as it was read, with the name and the state of its organization."""

    id: str
    organization_id: str
    name: str
    prefix: str
    scopes: str
    created_at: datetime
    expires_at: datetime | None
    revoked_at: datetime | None
    last_used_at: datetime | None
    organization_name: str
    organization_is_active: bool
