"""Organizations and tokens for tests."""

from datetime import UTC, datetime
from typing import NamedTuple

from db.ids import new_id
from db.models import OrganizationRow
from db.queries import system
from schema.domain.token_text import digest, display_prefix, mint
from schema.operation.call import Services


class Tenant(NamedTuple):
    """An organization with a token of each scope."""

    id: str
    name: str
    read: str
    write: str
    admin: str


async def add_tenant(services: Services, name: str) -> Tenant:
    """Adds an organization with a token of each scope."""
    now = datetime.now(UTC)
    organization = OrganizationRow(new_id(), name, True, now)
    texts = {}
    async with services.database.write() as transaction:
        await system.add_organization(transaction, organization)
        for scope in ("read", "write", "admin"):
            texts[scope] = mint()
            await system.add_tokens(
                transaction,
                {
                    "id": new_id(),
                    "organization_id": organization.id,
                    "name": f"{scope} token",
                    "prefix": display_prefix(texts[scope]),
                    "digest": digest(texts[scope]),
                    "scopes": scope,
                    "created_at": now,
                    "expires_at": None,
                    "revoked_at": None,
                    "last_used_at": None,
                },
            )
    return Tenant(organization.id, name, **texts)
