"""What the operations of the model are on each face, and what a client sees of their answers."""

from datetime import UTC, datetime
from typing import Any, Protocol

import httpx2

from tests.histories.model import DONE, FORBIDDEN, MISSING, STALE, Operation, Outcome

Json = Any
APPOINTMENTS = "/api/v1/appointments/"
SEEN = "id title durationMinutes status version participants(first: 100) { nodes { id uniqueId } }"
CODES = {
    "NOT_FOUND": MISSING,
    "VERSION_CONFLICT": STALE,
    "NOT_ALLOWED_IN_STATUS": FORBIDDEN,
    "OUTSIDE_JOIN_WINDOW": FORBIDDEN,
}


class Unanswered(Exception):
    """An answer that says nothing of what was done, such as 503."""


class Target:
    """An appointment as a client knows it: its id, and the ids of its participants by name."""

    def __init__(self, marker: str) -> None:
        # One participant who is never removed, by whom lists find the appointment.
        self.marker = marker
        self.id = ""
        self.ids: dict[str, str] = {}

    def learn(self, people: list[Json], name: str) -> frozenset[str]:
        """Notes the ids of participants; returns their names."""
        self.ids |= {each[name]: each["id"] for each in people}
        return frozenset(each[name] for each in people)


class Client(Protocol):
    """One face; `expecting` are the kinds of writes whose expected version it can name."""

    name: str
    expecting: frozenset[str]

    async def perform(self, operation: Operation, target: Target, key: str = "") -> Outcome:
        """Sends an operation, under an `Idempotency-Key` where one is given."""


def _start() -> str:
    return datetime.now(UTC).isoformat()


class RestClient:
    """The documented operations."""

    name = "rest"
    expecting = frozenset({"patch", "add", "remove", "start", "complete", "cancel", "delete"})

    def __init__(self, http: httpx2.AsyncClient) -> None:
        self._http = http

    async def perform(self, operation: Operation, target: Target, key: str = "") -> Outcome:
        method, path, body = self._request(operation, target)
        headers = {"Idempotency-Key": key} if key else {}
        if operation.expected is not None:
            headers["If-Match"] = f'"{operation.expected}"'
        url = f"{APPOINTMENTS}{path}"
        sent = {} if body is None else {"json": body}
        return self._outcome(await self._http.request(method, url, headers=headers, **sent), target)

    def _request(self, operation: Operation, target: Target) -> tuple[str, str, Json]:
        kind, path, people = operation.kind, f"{target.id}/", sorted(operation.people)
        if kind == "create":
            body = dict(operation.values) | {"start_date_time": _start()}
            return "POST", "", body | {"participants": [_person(each) for each in people]}
        if kind == "patch":
            return "PATCH", path, dict(operation.values)
        if kind == "add":
            return "POST", f"{path}participants/add/", [_person(each) for each in people]
        if kind == "remove":
            return "POST", f"{path}participants/remove/", [{"id": target.ids[p]} for p in people]
        if kind in ("read", "delete"):
            return "GET" if kind == "read" else "DELETE", path, None
        return "POST", f"{path}{kind}/", {} if kind == "cancel" else None

    def _outcome(self, reply: httpx2.Response, target: Target) -> Outcome:
        shown = (
            {"version": int(reply.headers["etag"].strip('"'))} if "etag" in reply.headers else {}
        )
        if reply.status_code in (400, 404, 412):
            code = {400: FORBIDDEN, 404: MISSING, 412: STALE}[reply.status_code]
            assert code != FORBIDDEN or "detail" in reply.json(), reply.text
            return Outcome(code, shown)
        if reply.status_code not in (200, 201, 204):
            raise Unanswered(reply.text)
        body = reply.json() if reply.content else {}
        target.id = body.get("id", target.id)
        for name in ("title", "duration_minutes", "status"):
            if name in body:
                shown[name] = body[name]
        if "participants" in body:
            shown["people"] = target.learn(body["participants"], "unique_id")
        return Outcome(DONE, shown)


class ListClient(RestClient):
    """The documented operations, reading from the list."""

    name = "list"

    async def perform(self, operation: Operation, target: Target, key: str = "") -> Outcome:
        if operation.kind != "read":
            return await super().perform(operation, target, key)
        asked = {"participant_unique_id": target.marker, "page_size": "100"}
        reply = await self._http.get(APPOINTMENTS, params=asked)
        if reply.status_code != 200:
            raise Unanswered(reply.text)
        if not reply.json()["results"]:
            return Outcome(MISSING)
        (row,) = reply.json()["results"]
        names = ("title", "duration_minutes", "status", "participant_count")
        return Outcome(DONE, {name: row[name] for name in names})


class GraphQLClient:
    """The same operations over GraphQL."""

    name = "graphql"
    expecting = frozenset({"patch", "start", "complete", "cancel", "delete"})

    def __init__(self, http: httpx2.AsyncClient) -> None:
        self._http = http

    async def perform(self, operation: Operation, target: Target, key: str = "") -> Outcome:
        if operation.kind == "read":
            query = f"query($id: ID!) {{ answer: appointment(id: $id) {{ {SEEN} }} }}"
            found = await self._send(query, {"id": target.id})
            return Outcome(DONE, self._shown(found, target)) if found else Outcome(MISSING)
        field, types, variables = self._mutation(operation, target)
        given = ", ".join(f"${name}: {kind}" for name, kind in types.items())
        handed = ", ".join(f"{name}: ${name}" for name in types)
        good = "... on AppointmentDeleted { deletedAppointmentId }"
        if operation.kind != "delete":
            good = f"... on {PAYLOADS[operation.kind]} {{ appointment {{ {SEEN} }} }}"
        stale = "... on VersionConflict { currentVersion }"
        if operation.kind not in self.expecting:
            stale = ""
        query = (
            f"mutation({given}) {{ answer: {field}({handed}) {{ "
            f"{good} ... on Problem {{ code message }} {stale} }} }}"
        )
        return self._outcome(await self._send(query, variables, key), target)

    def _mutation(
        self, operation: Operation, target: Target
    ) -> tuple[str, dict[str, str], dict[str, Json]]:
        kind, people = operation.kind, sorted(operation.people)
        if kind == "create":
            values = _camel(dict(operation.values)) | {"startDateTime": _start()}
            values["participants"] = [_named(each) for each in people]
            return "createAppointment", {"input": "NewAppointment!"}, {"input": values}
        if kind == "add":
            types = {"appointmentId": "ID!", "participants": "[NewParticipant!]!"}
            return "addParticipants", types, {"appointmentId": target.id, "participants": [_named(each) for each in people]}  # fmt: skip
        if kind == "remove":
            types = {"appointmentId": "ID!", "participantIds": "[ID!]!"}
            ids = [target.ids[each] for each in people]
            return "removeParticipants", types, {"appointmentId": target.id, "participantIds": ids}
        types, values = {"id": "ID!"}, {"id": target.id}
        if kind == "patch":
            types["changes"] = "AppointmentChanges!"
            values["changes"] = _camel(dict(operation.values))
        if operation.expected is not None:
            types["expectedVersion"] = "Int"
            values["expectedVersion"] = operation.expected
        return f"{'update' if kind == 'patch' else kind}Appointment", types, values

    async def _send(self, query: str, variables: dict[str, Json], key: str = "") -> Json:
        headers = {"Idempotency-Key": key} if key else {}
        body = {"query": query, "variables": variables}
        reply = await self._http.post("/graphql", json=body, headers=headers)
        answer = reply.json()
        if reply.status_code != 200 or answer.get("errors"):
            code = answer["errors"][0].get("extensions", {}).get("code")
            assert code != "BAD_USER_INPUT" and reply.status_code != 400, answer
            raise Unanswered(reply.text)
        return answer["data"]["answer"]

    def _outcome(self, answer: Json, target: Target) -> Outcome:
        if "code" in answer:
            current = answer.get("currentVersion")
            shown = {} if current is None else {"version": current}
            return Outcome(CODES[answer["code"]], shown)
        row = answer.get("appointment")
        return Outcome(DONE, self._shown(row, target) if row else {})

    def _shown(self, row: Json, target: Target) -> dict[str, Any]:
        target.id = row["id"]
        return {
            "title": row["title"],
            "duration_minutes": row["durationMinutes"],
            "status": row["status"].lower(),
            "version": row["version"],
            "people": target.learn(row["participants"]["nodes"], "uniqueId"),
        }


PAYLOADS = {
    "create": "AppointmentCreated",
    "patch": "AppointmentUpdated",
    "add": "ParticipantsAdded",
    "remove": "ParticipantsRemoved",
    "start": "AppointmentTransitioned",
    "complete": "AppointmentTransitioned",
    "cancel": "AppointmentTransitioned",
}


def _person(name: str) -> Json:
    return {"unique_id": name, "role": "participant"}


def _named(name: str) -> Json:
    return {"uniqueId": name, "role": "PARTICIPANT"}


def _camel(values: dict[str, Any]) -> dict[str, Any]:
    names = {"duration_minutes": "durationMinutes"}
    return {names.get(name, name): value for name, value in values.items()}
