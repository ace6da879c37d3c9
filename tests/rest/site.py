"""The REST face behind the gateway's own identification, and a client that can send anything.

Keys are those of the recorded contract.
"""

import json
from collections.abc import AsyncIterator, Iterable, Mapping
from contextlib import asynccontextmanager
from typing import Any, NamedTuple
from urllib.parse import unquote

from db.engine import Tenancy
from db.ids import new_id
from db.models import AppointmentStatus, OrganizationRow
from db.queries import appointments, system
from gateway.middleware.identify import Identify
from gateway.middleware.refusals import Faces
from gateway.services import open_services
from gateway.settings import Settings
from rest.face import RestFace
from schema.domain.clock import Clock
from schema.domain.token_text import digest
from schema.operation.call import Services

PREFIX = "/api/v1"
PUBLIC_URL = "http://testserver"
VALID = "VALIDKEY"
READER = "READKEY"
INACTIVE = "INACTIVEKEY"
OTHER = "OTHERKEY"
LIST = f"{PREFIX}/appointments/"


class Reply(NamedTuple):
    """What was answered."""

    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        """The body as JSON values."""
        return json.loads(self.body)


class Site:
    """The face with two active organizations and one that is switched off."""

    def __init__(self, services: Services, clinic: str, page_size: int = 20) -> None:
        self.services = services
        self.clinic = clinic
        face = RestFace(PREFIX, PUBLIC_URL, page_size)
        self.app = Identify(face, Faces(PREFIX))

    async def ask(
        self,
        method: str,
        target: str,
        headers: Mapping[str, str] | Iterable[tuple[str, str]] = (),
        body: bytes | list[bytes] = b"",
        token: str | None = VALID,
    ) -> Reply:
        """Sends one request, given a list of bytes in as many messages."""
        pairs = list(headers.items() if isinstance(headers, Mapping) else headers)
        if token is not None:
            pairs.append(("Authorization", f"Token {token}"))
        path, _, query = target.partition("?")
        scope = {
            "type": "http",
            "method": method,
            "path": unquote(path),
            "raw_path": path.encode(),
            "query_string": query.encode("latin-1"),
            "headers": [(name.lower().encode(), value.encode("latin-1")) for name, value in pairs],
            "state": {"services": self.services},
            "connect.request_id": "request-1",
        }
        return await converse(self.app, scope, body if isinstance(body, list) else [body])

    async def send_json(self, method: str, target: str, value: Any, **more: Any) -> Reply:
        """Sends a value as JSON."""
        headers = {"Content-Type": "application/json"}
        return await self.ask(method, target, headers, json.dumps(value).encode(), **more)

    async def set_status(self, appointment_id: str, status: str) -> None:
        """Puts an appointment of the first organization into a status."""
        async with self.services.database.write() as transaction:
            tx = Tenancy(transaction, self.clinic)
            row = await appointments.get(tx, appointment_id)
            assert row is not None
            values = {"status": AppointmentStatus(status), "updated_at": row.updated_at}
            await appointments.change(tx, row.id, row.version, values)

    async def book(self, people: int = 1, **changes: Any) -> dict[str, Any]:
        """Books an appointment and returns its detail."""
        participants = [{"unique_id": f"p{at}@x", "role": "moderator"} for at in range(people)]
        reply = await self.send_json(
            "POST", LIST, {**BODY, "participants": participants, **changes}
        )
        assert reply.status == 201, reply.body
        made: dict[str, Any] = reply.json
        return made


BODY = {
    "title": "T",
    "start_date_time": "2025-10-30T15:26:22Z",
    "duration_minutes": 60,
    "participants": [{"unique_id": "u", "role": "moderator"}],
}


async def converse(app: Any, scope: dict[str, Any], chunks: list[bytes]) -> Reply:
    """Runs an ASGI application for one request; after the last chunk the client stays."""
    left = list(chunks)
    told: list[Any] = []

    async def receive() -> dict[str, Any]:
        if not left:
            return {"type": "http.disconnect"}
        return {"type": "http.request", "body": left.pop(0), "more_body": bool(left)}

    async def send(message: Any) -> None:
        told.append(message)

    await app(scope, receive, send)
    start, *rest = told
    headers = {name.decode(): value.decode() for name, value in start["headers"]}
    return Reply(start["status"], headers, b"".join(each["body"] for each in rest))


@asynccontextmanager
async def open_site(settings: Settings, clock: Clock | None = None) -> AsyncIterator[Site]:
    """Opens the database of the settings and adds the organizations of the contract."""
    async with open_services(settings, clock) as services:
        clinic = await add_organization(services, "Demo Clinic")
        await add_token(services, clinic, VALID, "write")
        await add_token(services, clinic, READER, "read")
        closed = await add_organization(services, "Closed", active=False)
        await add_token(services, closed, INACTIVE, "write")
        other = await add_organization(services, "Other")
        await add_token(services, other, OTHER, "write")
        yield Site(services, clinic)


async def add_organization(services: Services, name: str, active: bool = True) -> str:
    """Adds an organization and returns its id."""
    row = OrganizationRow(new_id(), name, active, services.clock.now())
    async with services.database.write() as transaction:
        await system.add_organization(transaction, row)
    return row.id


async def add_token(services: Services, organization_id: str, text: str, scopes: str) -> None:
    """Adds a token of a known text."""
    async with services.database.write() as transaction:
        await system.add_tokens(
            transaction,
            {
                "id": new_id(),
                "organization_id": organization_id,
                "name": text,
                "prefix": text[:4],
                "digest": digest(text),
                "scopes": scopes,
                "created_at": services.clock.now(),
                "expires_at": None,
                "revoked_at": None,
                "last_used_at": None,
            },
        )
