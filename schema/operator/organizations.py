"""Operations on organizations: make, list, switch off and on.

They work for the operator and bypass the gate, as operations on tokens do.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from db.engine import Database, Transaction
from db.ids import new_id
from db.models import OrganizationRow
from db.models.organization import CONTACT, NAME
from db.queries import system

from ..domain.codes import FieldProblemCode
from ..domain.errors import FieldError, Problem, ValidationFailed


class UnknownOrganization(Problem):
    """There is no organization of this name."""

    code = "not_found"


class KnownOrganization(Problem):
    """There is an organization of this name already."""

    code = "duplicate"


async def list_organizations(database: Database) -> list[OrganizationRow]:
    """Returns every organization by name."""
    async with database.read() as tx:
        return await system.organizations(tx)


async def create_organization(database: Database, name: str, now: datetime) -> OrganizationRow:
    """Makes an organization; raises ValidationFailed, or KnownOrganization for a name in use."""
    async with database.write() as tx:
        organization, is_new = await ensure_organization(tx, name, now)
    if not is_new:
        raise KnownOrganization(f"There is an organization “{organization.name}” already.")
    return organization


async def switch_organization(database: Database, name: str, active: bool) -> OrganizationRow:
    """Switches an organization off, so that its tokens are refused, or on again.

    Raises UnknownOrganization with the names that there are.
    """
    async with database.write() as tx:
        organization = await _known(tx, name)
        await system.switch_organization(tx, organization.id, active)
    return organization._replace(is_active=active)


async def settle_organization(
    database: Database, name: str, changes: Mapping[str, Any]
) -> OrganizationRow:
    """Changes what an organization has set for its pages; an empty text takes a setting back.

    `changes` names `language`, `contact` and `shows_cancel_reason`; what it leaves out stays.
    Raises ValidationFailed, or UnknownOrganization with the names that there are.
    """
    given: dict[str, Any] = {key: _stripped(value) for key, value in changes.items()}
    ensure_valid(text_errors("contact", given.get("contact") or "", CONTACT.most))
    async with database.write() as tx:
        settled = (await _known(tx, name))._replace(**given)
        await system.settle_organization(tx, settled)
    return settled


async def find_organization(database: Database, name: str) -> OrganizationRow:
    """Returns the organization of this name; raises UnknownOrganization."""
    async with database.read() as tx:
        return await _known(tx, name)


def _stripped(value: str | bool | None) -> str | bool | None:
    return value.strip() or None if isinstance(value, str) else value


async def _known(tx: Transaction, name: str) -> OrganizationRow:
    organization = await system.organization_by_name(tx, name.strip())
    if organization is None:
        known = [f"“{each.name}”" for each in await system.organizations(tx)]
        raise UnknownOrganization(
            f"There is no organization “{name}”; there is {', '.join(known) or 'none yet'}."
        )
    return organization


async def ensure_organization(
    tx: Transaction, name: str, now: datetime
) -> tuple[OrganizationRow, bool]:
    """Returns the organization of this name and whether it had to be made."""
    name = name.strip()
    ensure_valid(name_errors("organization", name))
    known = await system.organization_by_name(tx, name)
    if known is not None:
        return known, False
    made = OrganizationRow(id=new_id(), name=name, is_active=True, created_at=now)
    await system.add_organization(tx, made)
    return made, True


def name_errors(field: str, name: str) -> list[FieldError]:
    """Returns what is wrong with a name: 1 to 255 printable characters."""
    if not name:
        return [FieldError((field,), FieldProblemCode.BLANK, "Give at least one character.")]
    return text_errors(field, name, NAME.most)


def text_errors(field: str, text: str, most: int) -> list[FieldError]:
    """Returns what is wrong with a text: at most so many characters, all of them printable."""
    if len(text) > most:
        return [FieldError((field,), FieldProblemCode.TOO_LONG, f"Give at most {most} characters.")]
    if not text.isprintable():
        return [
            FieldError(
                (field,), FieldProblemCode.INVALID, "Leave out characters that cannot be printed."
            )
        ]
    return []


def ensure_valid(errors: Sequence[FieldError]) -> None:
    """Raises ValidationFailed when there are errors."""
    if errors:
        raise ValidationFailed(errors)
