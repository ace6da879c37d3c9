"""What the commands for organizations do and print."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from db.engine import Database
from db.models import OrganizationRow
from schema.domain.codes import FieldProblemCode
from schema.domain.errors import FieldError, ValidationFailed
from schema.operator import organizations

from ..languages.tags import match, tags
from .terminal import table
from .terminal.output import answer, mentioning


async def list_(as_json: bool, database: Database, now: datetime) -> None:
    """Prints all organizations."""
    found = await organizations.list_organizations(database)
    if as_json:
        table.show_json([_fields(each) for each in found])
        return
    table.show(
        ("ID", "NAME", "STATE", "CREATED"),
        [(each.id, each.name, _state(each), table.minute(each.created_at)) for each in found],
    )


async def create(name: str, database: Database, now: datetime) -> None:
    """Creates an organization and prints its id."""
    made = await organizations.create_organization(database, name, now)
    with mentioning(f"the organization “{made.name}” was created, its id is {made.id}"):
        answer(made.id)


async def switch(name: str, active: bool, database: Database, now: datetime) -> None:
    """Enables or disables an organization."""
    switched = await organizations.switch_organization(database, name, active)
    line = f"“{switched.name}” is {_state(switched)}"
    with mentioning(line):
        answer(f"{switched.id}  {line}")


async def settle(name: str, changes: Mapping[str, Any], database: Database, now: datetime) -> None:
    """Changes what an organization has set for its pages, and prints it; `changes` may be empty."""
    if not changes:
        settled = await organizations.find_organization(database, name)
    else:
        settled = await organizations.settle_organization(database, name, _checked(changes))
    with mentioning(f"what “{settled.name}” has set for its pages was stored"):
        answer(f"language       {settled.language or '(that of the visitor, or English)'}")
        answer(f"contact        {settled.contact or '(none)'}")
        answer(f"cancel reason  {'shown' if settled.shows_cancel_reason else 'not shown'}")


def _checked(changes: Mapping[str, Any]) -> dict[str, Any]:
    """Returns the changes with a language that there is; raises ValidationFailed."""
    asked = changes.get("language")
    if not isinstance(asked, str) or not asked.strip():
        return dict(changes)
    found = match(asked)
    if found is None:
        known = f"Give one of these: {', '.join(tags())}."
        raise ValidationFailed([FieldError(("language",), FieldProblemCode.INVALID_CHOICE, known)])
    return {**changes, "language": found}


def _state(organization: OrganizationRow) -> str:
    return "enabled" if organization.is_active else "disabled"


def _fields(organization: OrganizationRow) -> dict[str, object]:
    return {
        "id": organization.id,
        "name": organization.name,
        "state": _state(organization),
        "created_at": table.timestamp(organization.created_at),
        "language": organization.language,
        "contact": organization.contact,
        "shows_cancel_reason": organization.shows_cancel_reason,
    }
