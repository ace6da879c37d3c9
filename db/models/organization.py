"""The tenant and its API tokens."""

from datetime import datetime
from typing import NamedTuple

from .limits import Length

NAME = Length(255, least=1)  # of an organization, of a token
LANGUAGE = Length(35, least=2)  # a tag of BCP 47, such as `de` or `zh-Hans`
CONTACT = Length(255, least=1)


class OrganizationRow(NamedTuple):
    """One organization as it was read.

    Visitors see its pages in `language` if they did not ask for another, and how to reach it in
    `contact`; whether they see why an appointment was cancelled is `shows_cancel_reason`.
    """

    id: str
    name: str
    is_active: bool
    created_at: datetime
    language: str | None = None
    contact: str | None = None
    shows_cancel_reason: bool = False


class HomeRow(NamedTuple):
    """What pages need of the organization that a link belongs to."""

    id: str
    name: str
    is_active: bool
    language: str | None = None
    contact: str | None = None
    shows_cancel_reason: bool = False


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
