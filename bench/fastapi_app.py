"""The FastAPI target: the measured operations on an async SQLModel session, as its users write it.
`serve.py` starts it; the bench compares its answers with the floor's before it is timed."""

from collections.abc import AsyncIterator
from datetime import datetime
from pathlib import Path
from typing import Annotated, Any, cast
from uuid import UUID

from fastapi import Depends, FastAPI, HTTPException, Request
from fastapi.security import APIKeyHeader
from sqlalchemy import event
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine
from sqlalchemy.orm import QueryableAttribute, aliased, selectinload
from sqlmodel import SQLModel, col, func, select
from sqlmodel.ext.asyncio.session import AsyncSession

from .fastapi_models import (
    ApiToken,
    Appointment,
    AppointmentListed,
    AppointmentShown,
    NewAppointment,
    NewParticipant,
    Organization,
    Page,
    Participant,
    now,
)

PAGE_SIZE = 20
Guest = aliased(Participant)
INVITED = (
    select(func.count(col(Guest.id)))
    .where(Guest.appointment_id == Appointment.id)
    .correlate(Appointment)
    .scalar_subquery()
)
PRAGMAS = ("journal_mode = WAL", "synchronous = FULL", "foreign_keys = ON", "busy_timeout = 10000")


def engine_of(path: Path) -> AsyncEngine:
    """Open the file with durable commits and enforced foreign keys."""
    engine = create_async_engine(f"sqlite+aiosqlite:///{path}")

    @event.listens_for(engine.sync_engine, "connect")
    def prepare(connection: Any, record: Any) -> None:
        for pragma in PRAGMAS:
            connection.execute(f"PRAGMA {pragma}")

    return engine


async def make_tables(engine: AsyncEngine) -> None:
    """Create the tables of this target only: the gateway's share the same metadata class."""
    tables = [
        cast(Any, model).__table__ for model in (Organization, ApiToken, Appointment, Participant)
    ]
    async with engine.begin() as connection:
        await connection.run_sync(SQLModel.metadata.create_all, tables=tables)


async def session_of(request: Request) -> AsyncIterator[AsyncSession]:
    async with AsyncSession(request.app.state.engine, expire_on_commit=False) as session:
        yield session


Session = Annotated[AsyncSession, Depends(session_of)]
header = APIKeyHeader(name="Authorization", auto_error=False)


async def organization_of(
    session: Session, authorization: Annotated[str | None, Depends(header)]
) -> Organization:
    """Name the organization of the token in the header, or answer 401."""
    _, _, key = (authorization or "").partition(" ")
    found = await session.exec(
        select(Organization).join(ApiToken).where(ApiToken.key == key, Organization.is_active)
    )
    organization = found.one_or_none()
    if organization is None:
        raise HTTPException(401, "Invalid token.", {"WWW-Authenticate": "Token"})
    return organization


Caller = Annotated[Organization, Depends(organization_of)]
app = FastAPI()


async def find(session: AsyncSession, organization: Organization, key: UUID) -> Appointment:
    """Read one appointment with its participants, or answer 404."""
    statement = (
        select(Appointment)
        .where(Appointment.organization_id == organization.id, Appointment.id == key)
        .options(selectinload(cast(QueryableAttribute[Any], Appointment.participants)))
    )
    appointment = (await session.exec(statement)).one_or_none()
    if appointment is None:
        raise HTTPException(404, "No Appointment matches the given query.")
    return appointment


@app.get("/api/v1/appointments/{key}/", response_model=AppointmentShown)
async def retrieve(key: UUID, session: Session, caller: Caller) -> Appointment:
    return await find(session, caller, key)


def page_url(request: Request, page: int) -> str:
    """Link to another page with the other parameters kept, keys sorted."""
    wanted = {**request.query_params, "page": str(page)}
    return str(request.url.replace_query_params(**dict(sorted(wanted.items()))))


@app.get("/api/v1/appointments/")
async def list_appointments(
    request: Request,
    session: Session,
    caller: Caller,
    page: int = 1,
    participant_unique_id: str | None = None,
    start_date: datetime | None = None,
    end_date: datetime | None = None,
) -> Page:
    conditions = [Appointment.organization_id == caller.id]
    if participant_unique_id:
        conditions += [
            Participant.appointment_id == Appointment.id,
            Participant.unique_id == participant_unique_id,
        ]
    if start_date:
        conditions.append(Appointment.start_date_time >= start_date)
    if end_date:
        conditions.append(Appointment.start_date_time <= end_date)
    counted = select(func.count(col(Appointment.id))).where(*conditions)
    count = (await session.exec(counted)).one()
    rows = await session.exec(
        select(Appointment, INVITED)
        .where(*conditions)
        .order_by(col(Appointment.start_date_time).desc(), col(Appointment.id))
        .limit(PAGE_SIZE)
        .offset((page - 1) * PAGE_SIZE)
    )
    results = [
        AppointmentListed.model_validate(
            appointment,
            update={"participant_count": participants, "organization_name": caller.name},
        )
        for appointment, participants in rows
    ]
    more = page * PAGE_SIZE < count
    following = page_url(request, page + 1) if more else None
    before = page_url(request, page - 1) if page > 1 else None
    return Page(count=count, next=following, previous=before, results=results)


@app.post("/api/v1/appointments/", status_code=201, response_model=AppointmentShown)
async def create(body: NewAppointment, session: Session, caller: Caller) -> Appointment:
    appointment = Appointment(
        organization_id=cast(int, caller.id),
        participants=[Participant(**each.model_dump()) for each in body.participants],
        **body.model_dump(exclude={"participants"}),
    )
    session.add(appointment)
    await session.commit()
    return appointment


@app.post("/api/v1/appointments/{key}/participants/add/", response_model=AppointmentShown)
async def add(
    key: UUID, body: list[NewParticipant], session: Session, caller: Caller
) -> Appointment:
    appointment = await find(session, caller, key)
    if appointment.status in ("completed", "cancelled"):
        raise HTTPException(400, "Participants can no longer be changed.")
    present = {each.unique_id for each in appointment.participants}
    appointment.participants += [
        Participant(**each.model_dump()) for each in body if each.unique_id not in present
    ]
    appointment.updated_at = now()
    session.add(appointment)
    await session.commit()
    return appointment
