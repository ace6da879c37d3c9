"""What the commands for organizations do and print."""

from datetime import datetime

from db.engine import Database
from db.models import OrganizationRow
from schema.operator import organizations

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


def _state(organization: OrganizationRow) -> str:
    return "enabled" if organization.is_active else "disabled"


def _fields(organization: OrganizationRow) -> dict[str, object]:
    return {
        "id": organization.id,
        "name": organization.name,
        "state": _state(organization),
        "created_at": table.timestamp(organization.created_at),
    }
