"""One client of the load: sends writes over either face and notes what it was told."""

import itertools
import random
from collections.abc import Callable
from typing import Any

from .ledger import Entry, Ledger, Outcome, now
from .operations import ONLY_GRAPHQL, ONLY_REST, REST, Operation, document
from .wire import Answer, Cut, Line, NotSent

NUMBERS = itertools.count(1)
LOOK = "query($id: ID!) { appointment(id: $id) { status participantCount } }"

UNAVAILABLE = frozenset({"UNAVAILABLE", "DEADLINE_EXCEEDED"})


class Failed(Exception):
    """The request was not acknowledged; the ledger says why."""


class Client:
    """Sends one request at a time; `links` are the access links in the last answer."""

    def __init__(
        self, port: Callable[[], int], organization: str, token: str, ledger: Ledger
    ) -> None:
        self._port = port
        self._organization = organization
        self._headers = {"Authorization": f"Bearer {token}"}
        self._ledger = ledger
        self._line = Line()
        self.links: dict[str, str] = {}

    def close(self) -> None:
        """Leaves."""
        self._line.close()

    async def do(self, *operations: Operation) -> list[dict[str, str]]:
        """Does the writes in one request; returns the ids in its answer, as in `Entry`.

        Several go over GraphQL. Raises Failed unless all were acknowledged.
        """
        request_id = f"load-{next(NUMBERS)}"
        sent_at = now()
        told: list[dict[str, str] | None] = []
        try:
            answer = await self._send(operations, request_id)
            outcome = self._judged(answer, operations)
            if outcome in (Outcome.DONE, Outcome.PARTLY):
                told = self._told(answer, operations)
        except NotSent:
            self._ledger.not_sent += 1
            raise Failed from None
        except Cut:
            outcome = Outcome.CUT
        except TimeoutError:
            outcome = Outcome.CUT
            self._ledger.protest(f"{operations[0].kind} hung")
        entry = Entry(self._organization, operations, outcome, sent_at, now(), tuple(told))
        self._ledger.note(request_id, entry)
        if outcome is not Outcome.DONE:
            raise Failed
        return [each or {} for each in told]

    async def _send(self, operations: tuple[Operation, ...], request_id: str) -> Answer:
        headers = self._headers | {"X-Request-Id": request_id}
        first = operations[0]
        if first.kind in ONLY_REST or (len(operations) == 1 and self._prefers_rest(first)):
            method, path, body = first.rest()
            # A link opens a page for people and data for apps.
            headers |= {"Accept": "application/json"}
            return await self._line.ask(self._port(), method, path, body, **headers)
        query, variables = document(list(operations))
        body = {"query": query, "variables": variables}
        return await self._line.ask(self._port(), "POST", "/graphql", body, **headers)

    def _prefers_rest(self, operation: Operation) -> bool:
        return operation.kind not in ONLY_GRAPHQL and random.random() < 0.5

    def _judged(self, answer: Answer, operations: tuple[Operation, ...]) -> Outcome:
        """Returns what an answer means; protests against one that must not be."""
        body = answer.json() if "json" in answer.headers.get("content-type", "") else None
        if answer.status == 503 and answer.headers.get("retry-after", "").isdigit():
            return (
                Outcome.PARTLY
                if isinstance(body, dict) and body.get("data")
                else Outcome.UNAVAILABLE
            )
        if answer.status in (200, 201, 204) and not _problems(body):
            return Outcome.DONE
        if operations[0].expected is not None and b'"VERSION_CONFLICT"' in answer.body:
            return Outcome.REFUSED
        if len(operations) > 1 and _codes(body) <= UNAVAILABLE:
            # Those that were done stay so.
            return Outcome.PARTLY
        kinds = [each.kind for each in operations]
        self._ledger.protest(f"{kinds} was answered {answer.status} {answer.body[:300]!r}")
        return Outcome.UNAVAILABLE

    def _told(
        self, answer: Answer, operations: tuple[Operation, ...]
    ) -> list[dict[str, str] | None]:
        body = answer.json()
        self.links = {}
        if isinstance(body, dict) and "data" in body:
            results = [body["data"][f"f{place}"] for place in range(len(operations))]
            return [each and self._ids(each) for each in results]
        return [self._ids(body or {}, operations[0])]

    def _ids(self, result: dict[str, Any], operation: Operation | None = None) -> dict[str, str]:
        """Returns the ids in the answer of one operation, and keeps its links."""
        if operation is not None and operation.kind not in ("create", "add"):
            return {}
        row = result.get("appointment", result)
        listed = row.get("participants", [])
        people = result.get("added") or (listed["nodes"] if isinstance(listed, dict) else listed)
        wanted = {each["unique_id"] for each in operation.values} if _adds(operation) else None
        found = {}
        for each in people:
            name = each.get("uniqueId") or each["unique_id"]
            if wanted is None or name in wanted:
                found[name] = each["id"]
                self.links[name] = each.get("accessLink") or each["access_link"]
        return found if "id" not in row else {"": row["id"]} | found

    async def query(self, document: str, variables: dict[str, Any]) -> Any:
        """Runs a query; returns its data, raises Failed when there is none at the moment."""
        asked = {"query": document, "variables": variables}
        try:
            answer = await self._line.ask(self._port(), "POST", "/graphql", asked, **self._headers)
        except (Cut, NotSent):
            raise Failed from None
        if answer.status != 200:
            if answer.status != 503 or "retry-after" not in answer.headers:
                self._ledger.protest(f"a query was answered {answer.status}")
            raise Failed
        return answer.json()["data"]

    async def look(self, id: str, status: str, people: int) -> None:
        """Reads what was written last; whoever was told of a write must see it."""
        port, headers = self._port(), self._headers
        try:
            if random.random() < 0.5:
                answer = await self._line.ask(port, "GET", f"{REST}{id}/", **headers)
                row = answer.json()
                found = answer.status == 200 and (row["status"], len(row["participants"]))
            else:
                asked = {"query": LOOK, "variables": {"id": id}}
                answer = await self._line.ask(port, "POST", "/graphql", asked, **headers)
                row = answer.status == 200 and answer.json()["data"]["appointment"]
                found = row and (row["status"].lower(), row["participantCount"])
        except (Cut, NotSent):
            raise Failed from None
        if answer.status == 503 and "retry-after" in answer.headers:
            raise Failed
        self._ledger.reads += 1
        if found != (status, people):
            self._ledger.protest(f"read {answer.status} {found}, not {(status, people)}")


def _adds(operation: Operation | None) -> bool:
    return operation is not None and operation.kind == "add"


def _codes(body: Any) -> set[str]:
    """The codes of the errors in an answer of GraphQL; "" when there are none."""
    errors = body.get("errors") if isinstance(body, dict) else None
    return {each["extensions"]["code"] for each in errors or ()} or {""}


def _problems(body: Any) -> bool:
    """Whether an answer of GraphQL holds errors or problems."""
    if not isinstance(body, dict):
        return False
    if body.get("errors"):
        return True
    results = (body.get("data") or {}).values()
    return any(isinstance(each, dict) and "code" in each for each in results)
