"""Both faces behind one set of words, so that a scenario is written once and run through each.

`RestFace` speaks the documented operations, `GraphQLFace` their mutations and queries. Both return
plain dictionaries in the REST spelling, and raise `Refused` with the problem's code.
"""

from typing import Any, Protocol

import httpx2

Json = Any

PARTICIPANT = "id uniqueId displayName role accessLink"
APPOINTMENT = (
    "id title startDateTime durationMinutes status version createdAt updatedAt "
    "config { breakoutRoomsEnabled whiteboardEnabled chatEnabled joinScreenEnabled "
    "screenshareEnabled raiseHandEnabled } "
    f"participants(first: 100) {{ nodes {{ {PARTICIPANT} }} }}"
)
EVENT = (
    "id cursor type occurredAt source changedFields appointmentId "
    "... on ParticipantEvent { participantId }"
)
# Twenty of these, with forty participants each, are within the budget of one operation.
LISTED = APPOINTMENT.replace("first: 100", "first: 40")


# What is wrong with an `Idempotency-Key`, by status.
KEYS = {409: "idempotency_key_in_use", 422: "idempotency_key_reused"}


class Refused(Exception):
    """The face said no: a stable code and, where fields are at fault, their names."""

    def __init__(self, code: str, fields: frozenset[str] = frozenset(), status: str = "") -> None:
        super().__init__(f"{code} {sorted(fields)} {status}")
        self.code = code
        self.fields = fields
        self.status = status


class Face(Protocol):
    """What a scenario may do; `was_replayed` tells of the last answer."""

    name: str
    was_replayed: bool

    def under(self, key: str) -> "Face": ...

    async def create(self, **values: Json) -> Json: ...
    async def get(self, id: str) -> Json | None: ...
    async def find(self, **filters: Json) -> list[Json]: ...
    async def update(self, id: str, **changes: Json) -> Json: ...
    async def delete(self, id: str) -> None: ...
    async def start(self, id: str) -> Json: ...
    async def complete(self, id: str) -> Json: ...
    async def cancel(self, id: str, reason: str | None = None) -> Json: ...
    async def add(self, id: str, people: list[Json]) -> Json: ...
    async def remove(self, id: str, ids: list[str]) -> Json: ...
    async def get_participant(self, id: str, participant_id: str) -> Json | None: ...
    async def update_participant(self, id: str, participant_id: str, **changes: Json) -> Json: ...
    async def remove_participant(self, id: str, participant_id: str) -> None: ...
    async def events(self, after: str | None = None, limit: int | None = None) -> Json: ...


class RestFace:
    """The documented operations."""

    name = "rest"

    def __init__(self, client: httpx2.AsyncClient, token: str) -> None:
        self._client = client
        self._token = token
        self._headers = {"Authorization": f"Token {token}"}
        self.was_replayed = False

    def under(self, key: str) -> "Face":
        """The same face, whose writes are made once under the key."""
        keyed = type(self)(self._client, self._token)
        keyed._headers["Idempotency-Key"] = key
        return keyed

    async def send(self, method: str, path: str, body: Json = None, **params: Json) -> Json:
        """Sends a request; raises Refused for a 4xx."""
        arguments = {} if body is None else {"json": body}
        response = await self._client.request(
            method,
            f"/api/v1/appointments/{path}",
            headers=self._headers,
            params=params,
            **arguments,
        )
        assert response.status_code < 500, response.text
        self.was_replayed = response.headers.get("idempotency-replayed") == "true"
        if response.status_code >= 400:
            raise _rest_problem(response.status_code, response.json())
        return response.json() if response.content else None

    async def events(self, after: str | None = None, limit: int | None = None) -> Json:
        given = {"after": after, "limit": limit}
        params = {name: value for name, value in given.items() if value is not None}
        return await self.send("GET", "../events/", **params)

    async def create(self, **values: Json) -> Json:
        return await self.send("POST", "", values)

    async def get(self, id: str) -> Json | None:
        return await self._unless_missing(self.send("GET", f"{id}/"))

    async def find(self, **filters: Json) -> list[Json]:
        rows: list[Json] = []
        page = 1
        while True:
            found = await self.send("GET", "", page=page, page_size=100, **filters)
            rows += found["results"]
            if found["next"] is None:
                assert found["count"] == len(rows)
                return rows
            page += 1

    async def update(self, id: str, **changes: Json) -> Json:
        return await self.send("PATCH", f"{id}/", changes)

    async def delete(self, id: str) -> None:
        await self.send("DELETE", f"{id}/")

    async def start(self, id: str) -> Json:
        return await self.send("POST", f"{id}/start/")

    async def complete(self, id: str) -> Json:
        return await self.send("POST", f"{id}/complete/")

    async def cancel(self, id: str, reason: str | None = None) -> Json:
        return await self.send(
            "POST", f"{id}/cancel/", {} if reason is None else {"reason": reason}
        )

    async def add(self, id: str, people: list[Json]) -> Json:
        return await self.send("POST", f"{id}/participants/add/", people)

    async def remove(self, id: str, ids: list[str]) -> Json:
        return await self.send("POST", f"{id}/participants/remove/", [{"id": each} for each in ids])

    async def get_participant(self, id: str, participant_id: str) -> Json | None:
        return await self._unless_missing(self.send("GET", f"{id}/participants/{participant_id}/"))

    async def update_participant(self, id: str, participant_id: str, **changes: Json) -> Json:
        return await self.send("PATCH", f"{id}/participants/{participant_id}/", changes)

    async def remove_participant(self, id: str, participant_id: str) -> None:
        await self.send("DELETE", f"{id}/participants/{participant_id}/")

    async def _unless_missing(self, answer: Any) -> Json | None:
        try:
            return await answer
        except Refused as refused:
            if refused.code == "not_found":
                return None
            raise


def _rest_problem(status: int, body: Json) -> Refused:
    if status == 404:
        return Refused("not_found")
    if status == 410:
        return Refused("cursor_expired", status=body["detail"])
    if status in KEYS:
        return Refused(KEYS[status], status=body["detail"])
    if status == 403:
        return Refused("forbidden")
    if status == 401:
        return Refused("unauthenticated")
    if isinstance(body, dict) and "detail" in body:
        outside = body["detail"].startswith("This appointment can be started from ")
        code = "outside_join_window" if outside else "not_allowed_in_status"
        code = "validation_failed" if body["detail"].startswith("`after`") else code
        return Refused(code, status=body["detail"])
    return Refused("validation_failed", frozenset(_names(body)))


def _names(errors: Json) -> set[str]:
    """Names of the fields that a DRF error body complains about."""
    if isinstance(errors, list):
        return {name for each in errors if isinstance(each, dict | list) for name in _names(each)}
    names: set[str] = set()
    for name, below in errors.items():
        nested = isinstance(below, dict) or any(isinstance(each, dict) for each in below)
        about_all = isinstance(below, dict) and "non_field_errors" in below
        names |= _names(below) if nested and not about_all else {name}
    return names


class GraphQLFace:
    """The same operations over GraphQL."""

    name = "graphql"

    def __init__(self, client: httpx2.AsyncClient, token: str) -> None:
        self._client = client
        self._token = token
        self._headers = {"Authorization": f"Bearer {token}"}
        self.was_replayed = False

    def under(self, key: str) -> "Face":
        """The same face, whose writes are made once under the key."""
        keyed = type(self)(self._client, self._token)
        keyed._headers["Idempotency-Key"] = key
        return keyed

    async def send(self, query: str, **variables: Json) -> Json:
        """Sends an operation; raises Refused for a top-level error."""
        response = await self._client.post(
            "/graphql", headers=self._headers, json={"query": query, "variables": variables}
        )
        assert response.status_code < 500, response.text
        self.was_replayed = response.headers.get("idempotency-replayed") == "true"
        answer = response.json()
        if answer.get("errors"):
            code = answer["errors"][0]["extensions"]["code"]
            assert code != "INTERNAL_SERVER_ERROR", answer
            names = {"BAD_USER_INPUT": "validation_failed"}
            raise Refused(names.get(code, code.lower()))
        return answer["data"]

    async def _mutate(
        self, field: str, signature: str, arguments: str, good: str, **vs: Json
    ) -> Json:
        validated = field not in ("deleteAppointment", "removeParticipant")
        fields = "... on ValidationFailed { fields { path code } }" if validated else ""
        query = (
            f"mutation({signature}) {{ {field}({arguments}) {{ __typename {good} "
            f"... on Problem {{ code message }} {fields} }} }}"
        )
        result = (await self.send(query, **vs))[field]
        if "code" in result:
            fields = frozenset(_snake(each["path"][-1]) for each in result.get("fields", ()))
            raise Refused(result["code"].lower(), fields, result["message"])
        return result

    async def events(self, after: str | None = None, limit: int | None = None) -> Json:
        data = await self.send(
            "query($first: Int, $after: String) { events(first: $first, after: $after) { nodes { "
            f"{EVENT} }} pageInfo {{ hasNextPage endCursor }} }} }}",
            first=limit,
            after=after,
        )
        page = data["events"]
        info = page["pageInfo"]
        return {
            "results": [_event(node) for node in page["nodes"]],
            "next_cursor": info["endCursor"],
            "has_more": info["hasNextPage"],
        }

    async def create(self, **values: Json) -> Json:
        result = await self._mutate(
            "createAppointment",
            "$input: NewAppointment!",
            "input: $input",
            f"... on AppointmentCreated {{ appointment {{ {APPOINTMENT} }} }}",
            input=_sent(values),
        )
        return _read(result["appointment"])

    async def get(self, id: str) -> Json | None:
        data = await self.send(
            f"query($id: ID!) {{ appointment(id: $id) {{ {APPOINTMENT} }} }}", id=id
        )
        return _read(data["appointment"])

    async def find(self, **filters: Json) -> list[Json]:
        names = {
            "participant_unique_id": "participantUniqueId",
            "start_date": "startsFrom",
            "end_date": "startsUntil",
        }
        wanted = {names[name]: value for name, value in filters.items()}
        rows: list[Json] = []
        after = None
        while True:
            data = await self.send(
                "query($after: String, $filter: AppointmentFilter) { appointments(first: 20, "
                f"after: $after, filter: $filter) {{ totalCount nodes {{ {LISTED} }} "
                "pageInfo { hasNextPage endCursor } } }",
                after=after,
                filter=wanted,
            )
            page = data["appointments"]
            rows += [_read(node) for node in page["nodes"]]
            if not page["pageInfo"]["hasNextPage"]:
                assert page["totalCount"] == len(rows)
                return rows
            after = page["pageInfo"]["endCursor"]

    async def update(self, id: str, **changes: Json) -> Json:
        result = await self._mutate(
            "updateAppointment",
            "$id: ID!, $changes: AppointmentChanges!",
            "id: $id, changes: $changes",
            f"... on AppointmentUpdated {{ appointment {{ {APPOINTMENT} }} }}",
            id=id,
            changes=_sent(changes),
        )
        return _read(result["appointment"])

    async def delete(self, id: str) -> None:
        good = "... on AppointmentDeleted { deletedAppointmentId }"
        result = await self._mutate("deleteAppointment", "$id: ID!", "id: $id", good, id=id)
        assert result["deletedAppointmentId"] == id

    async def start(self, id: str) -> Json:
        return await self._step("startAppointment", id)

    async def complete(self, id: str) -> Json:
        return await self._step("completeAppointment", id)

    async def cancel(self, id: str, reason: str | None = None) -> Json:
        result = await self._mutate(
            "cancelAppointment",
            "$id: ID!, $reason: String",
            "id: $id, reason: $reason",
            f"... on AppointmentTransitioned {{ appointment {{ {APPOINTMENT} cancelReason }} }}",
            id=id,
            reason=reason,
        )
        return _read(result["appointment"])

    async def _step(self, field: str, id: str) -> Json:
        good = f"... on AppointmentTransitioned {{ appointment {{ {APPOINTMENT} }} }}"
        result = await self._mutate(field, "$id: ID!", "id: $id", good, id=id)
        return _read(result["appointment"])

    async def add(self, id: str, people: list[Json]) -> Json:
        result = await self._mutate(
            "addParticipants",
            "$id: ID!, $people: [NewParticipant!]!",
            "appointmentId: $id, participants: $people",
            f"... on ParticipantsAdded {{ appointment {{ {APPOINTMENT} }} }}",
            id=id,
            people=[_sent(each) for each in people],
        )
        return _read(result["appointment"])

    async def remove(self, id: str, ids: list[str]) -> Json:
        result = await self._mutate(
            "removeParticipants",
            "$id: ID!, $ids: [ID!]!",
            "appointmentId: $id, participantIds: $ids",
            f"... on ParticipantsRemoved {{ appointment {{ {APPOINTMENT} }} }}",
            id=id,
            ids=ids,
        )
        return _read(result["appointment"])

    async def get_participant(self, id: str, participant_id: str) -> Json | None:
        query = (
            f"query($id: ID!) {{ participant(id: $id) {{ {PARTICIPANT} appointment {{ id }} }} }}"
        )
        row = _read((await self.send(query, id=participant_id))["participant"])
        return row if row and row.pop("appointment")["id"] == id else None

    async def update_participant(self, id: str, participant_id: str, **changes: Json) -> Json:
        result = await self._mutate(
            "updateParticipant",
            "$id: ID!, $changes: ParticipantChanges!",
            "id: $id, changes: $changes",
            f"... on ParticipantUpdated {{ participant {{ {PARTICIPANT} }} }}",
            id=participant_id,
            changes=_sent(changes),
        )
        return _read(result["participant"])

    async def remove_participant(self, id: str, participant_id: str) -> None:
        result = await self._mutate(
            "removeParticipant",
            "$id: ID!",
            "id: $id",
            "... on ParticipantRemoved { removedParticipantId }",
            id=participant_id,
        )
        assert result["removedParticipantId"] == participant_id


def _event(node: Json) -> Json:
    row = _read(node)
    return row | {
        "type": row["type"].lower().replace("_", ".", 1),
        "source": row["source"].lower(),
        "changed_fields": [_snake(name) for name in row["changed_fields"]],
        "participant_id": row.get("participant_id"),
    }


def _camel(name: str) -> str:
    first, *rest = name.split("_")
    return first + "".join(word.capitalize() for word in rest)


def _snake(name: str) -> str:
    return "".join(f"_{c.lower()}" if c.isupper() else c for c in name)


def _sent(value: Json) -> Json:
    """REST's spelling as GraphQL's."""
    if isinstance(value, dict):
        return {
            _camel(name): below.upper() if name == "role" and below else _sent(below)
            for name, below in value.items()
        }
    return [_sent(each) for each in value] if isinstance(value, list) else value


def _read(value: Json) -> Json:
    """GraphQL's spelling as REST's."""
    if not isinstance(value, dict):
        return [_read(each) for each in value] if isinstance(value, list) else value
    row = {_snake(name): _read(below) for name, below in value.items() if name != "__typename"}
    for name in ("role", "status"):
        if row.get(name):
            row[name] = row[name].lower()
    if "participants" in row:
        row["participants"] = row["participants"]["nodes"]
    if row.get("config"):
        row["config"] = {name: on for name, on in row["config"].items() if on is not None}
    return row
