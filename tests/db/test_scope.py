"""Every statement of a tenant is filtered by its organization, and every key begins with it."""

from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import ClauseElement, Table, UniqueConstraint, and_, exists, func, or_, select
from sqlalchemy.sql import visitors
from sqlmodel import SQLModel

from db.compiler import DIALECTS, describe, statements
from db.scope import PARAMETER, TENANTS, tenant, unfiltered, within
from db.tables import ApiToken, Appointment, Event, Organization, Participant

APPOINTMENT: Any = Appointment.__table__  # type: ignore[attr-defined]
PARTICIPANT: Any = Participant.__table__  # type: ignore[attr-defined]
ORGANIZATION: Any = Organization.__table__  # type: ignore[attr-defined]
OTHER = APPOINTMENT.alias("other")
OF_APPOINTMENT = PARTICIPANT.c.appointment_id == APPOINTMENT.c.id
BOTH = within(Appointment), within(Participant)
TENANT_TABLES = [
    each for each in SQLModel.metadata.sorted_tables if PARAMETER in each.c or each.name == TENANTS
]
ROOT = Path(__file__).parents[2]
SYSTEM_TABLES = {"lease"}
# Names of tenants are the operator's: no two are the same, whoever they belong to.
ACROSS_TENANTS = {"organization_name"}


@pytest.mark.parametrize("engine", DIALECTS)
def test_every_statement_of_a_tenant_carries_its_organization(engine: str) -> None:
    checked = 0
    for statement in statements():
        found = {each for each in visitors.iterate(statement.clause) if isinstance(each, Table)}
        if found.isdisjoint(TENANT_TABLES):
            assert statement.name.startswith("leases."), statement.name
            continue
        if statement.across_tenants:
            assert statement.name.startswith("system."), statement.name
            continue
        assert unfiltered(statement.clause) == set()
        described = describe(statement.clause, engine)
        assert PARAMETER in described.names, statement.name
        checked += 1
    assert checked > 600


UNFILTERED: dict[str, tuple[ClauseElement, set[str]]] = {
    "nothing": (select(APPOINTMENT.c.id), {"appointment"}),
    "one side of a join": (
        select(APPOINTMENT.c.id).join(PARTICIPANT, OF_APPOINTMENT).where(within(Appointment)),
        {"participant"},
    ),
    "either of two": (
        select(APPOINTMENT.c.id).where(or_(within(Appointment), APPOINTMENT.c.id == "x")),
        {"appointment"},
    ),
    "the alias": (select(OTHER.c.id).join(APPOINTMENT, within(Appointment)), {"other"}),
    "the table behind an alias": (
        select(APPOINTMENT.c.id)
        .join(OTHER, OTHER.c.id == APPOINTMENT.c.id)
        .where(OTHER.c.organization_id == tenant()),
        {"appointment"},
    ),
    "an outer join keeps what does not match": (
        select(APPOINTMENT.c.id)
        .outerjoin(PARTICIPANT, within(Participant))
        .where(within(Appointment)),
        {"participant"},
    ),
    "a subquery": (
        select(
            select(func.count()).select_from(PARTICIPANT).where(OF_APPOINTMENT).scalar_subquery()
        )
        .select_from(APPOINTMENT)
        .where(within(Appointment)),
        {"participant"},
    ),
    "what exists": (
        select(APPOINTMENT.c.id).where(within(Appointment), exists().where(OF_APPOINTMENT)),
        {"participant"},
    ),
    "a derived table": (
        select(select(PARTICIPANT.c.id).subquery().c.id).where(within(Participant)),
        {"participant"},
    ),
    "what exists of the same table": (
        select(APPOINTMENT.c.id).where(
            within(Appointment), exists().where(APPOINTMENT.c.title == "x")
        ),
        {"appointment"},
    ),
    "one part of a union": (
        select(APPOINTMENT.c.id)
        .where(within(Appointment))
        .union_all(select(APPOINTMENT.c.id).where(APPOINTMENT.c.title == "x")),
        {"appointment"},
    ),
    "a CTE": (select(select(PARTICIPANT.c.id).cte().c.id), {"participant"}),
    "the tenants": (select(ORGANIZATION.c.name), {"organization"}),
    "a change": (APPOINTMENT.update().values(title="x"), {"appointment"}),
    "a removal": (APPOINTMENT.delete().where(APPOINTMENT.c.id == "x"), {"appointment"}),
    "a value": (ORGANIZATION.insert().values(id="x"), {"organization"}),
    "another value": (
        select(APPOINTMENT.c.id).where(APPOINTMENT.c.organization_id == "x"),
        {"appointment"},
    ),
    "anything but": (
        select(APPOINTMENT.c.id).where(APPOINTMENT.c.organization_id != tenant()),
        {"appointment"},
    ),
}
FILTERED: dict[str, ClauseElement] = {
    "a join": select(APPOINTMENT.c.id).join(PARTICIPANT, OF_APPOINTMENT).where(*BOTH),
    "in the join itself": select(APPOINTMENT.c.id).join(PARTICIPANT, and_(OF_APPOINTMENT, *BOTH)),
    "a subquery about the row outside": select(APPOINTMENT.c.id).where(
        within(Appointment), exists().where(within(Participant), OF_APPOINTMENT)
    ),
    "both parts of a union": select(APPOINTMENT.c.id)
    .where(within(Appointment))
    .union_all(select(PARTICIPANT.c.id).where(within(Participant))),
    "the tenant": select(ORGANIZATION.c.name).where(ORGANIZATION.c.id == tenant()),
    "a value": APPOINTMENT.insert().values(organization_id=tenant(), id="x"),
    "a change": APPOINTMENT.update().where(within(Appointment)).values(title="x"),
}


@pytest.mark.parametrize("name", UNFILTERED)
def test_a_missing_filter_is_found_wherever_it_is_missing(name: str) -> None:
    clause, missing = UNFILTERED[name]
    assert unfiltered(clause) == missing


@pytest.mark.parametrize("name", FILTERED)
def test_what_is_filtered_is_let_pass(name: str) -> None:
    assert unfiltered(FILTERED[name]) == set()


def test_every_key_of_a_tenant_begins_with_its_organization() -> None:
    assert {each.name for each in TENANT_TABLES} >= {
        model.__tablename__ for model in (Organization, ApiToken, Appointment, Participant, Event)
    }
    for table in TENANT_TABLES:
        first = "id" if table.name == TENANTS else PARAMETER
        assert next(iter(table.primary_key.columns)).name == first, table.name
        unique = [each for each in table.constraints if isinstance(each, UniqueConstraint)]
        for key in (*unique, *(index for index in table.indexes if index.unique)):
            if key.name not in ACROSS_TENANTS:
                assert next(iter(key.columns)).name == first, key.name
        for key in table.foreign_key_constraints:
            assert key.column_keys[0] == PARAMETER, (table.name, key.column_keys)


def test_the_operators_are_told_how_each_table_is_distributed() -> None:
    told = (ROOT / "docs" / "operations.md").read_text()
    for table in SQLModel.metadata.sorted_tables:
        if table.name == TENANTS:
            line = f"create_distributed_table('{TENANTS}', 'id')"
        elif table in TENANT_TABLES:
            line = f"create_distributed_table('{table.name}', '{PARAMETER}', colocate_with"
        elif table.name in SYSTEM_TABLES:
            line = f"create_reference_table('{table.name}')"
        else:
            continue  # A table that a test declares.
        assert line in told, line
