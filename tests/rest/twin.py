"""The face and the replica of the original service, asked the same.

Used by the tests that compare them. Requests name what both have made by the words of the
recorded contract: APPOINTMENT-ID, PARTICIPANT-ID.
"""

import json
import re
from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

from rest.fields import APPOINTMENT, PARTICIPANT
from tests.oracle.app import Oracle
from tests.rest.site import BODY, LIST, VALID, Reply, Site

DETAIL = f"{LIST}APPOINTMENT-ID/"
PEOPLE = f"{DETAIL}participants/"
PERSON = f"{PEOPLE}PARTICIPANT-ID/"
ADD = f"{PEOPLE}add/"
REMOVE = f"{PEOPLE}remove/"
UNKNOWN = "0190a5f6-0000-7000-8000-000000000000"
JSON_TYPE = {"Content-Type": "application/json"}
FORM_TYPE = {"Content-Type": "application/x-www-form-urlencoded"}

TWO = [
    {"unique_id": "a@x", "role": "moderator", "display_name": "A"},
    {"unique_id": "b@x", "role": "participant"},
]
VOLATILE = [
    (re.compile(r"https://example\.com/j/[^\"]+|http://testserver/join/[^\"]+"), "LINK"),
    (re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}"), "ID"),
    (re.compile(r'"(created|updated)_at":( ?)"[^"]*"'), r'"\1_at":\2"NOW"'),
]
# Fields that the original did not have: an old client passes over them, in answers and in OPTIONS.
ADDED_FIELDS = [
    each.name for table in (APPOINTMENT, PARTICIPANT) for each in table.fields if each.is_addition
]
VALUE = r'(?:[\w.-]+|"(?:[^"\\]|\\.)*"|\{[^{}]*\})'
ADDED = [
    (re.compile(rf'"{name}":\s*{VALUE},\s*|,\s*"{name}":\s*{VALUE}(?=\s*\}})'), "")
    for name in ADDED_FIELDS
]
NOT_FOUND = '{"detail":"Not found."}'


PATHS = {
    "list": LIST,
    "detail": DETAIL,
    "people": PEOPLE,
    "person": PERSON,
    "add": ADD,
    "remove": REMOVE,
}

Request = tuple[str, str, dict[str, str], bytes]


class Seen(NamedTuple):
    """What an old client sees of an answer."""

    status: int
    allow: str | None
    content_type: str | None
    authenticate: str | None
    body: str


class Twin:
    """Two services with the same data."""

    def __init__(self, site: Site, replica: Oracle, ours: Any, theirs: Any) -> None:
        self.site = site
        self.replica = replica
        self._words = {
            "APPOINTMENT-ID": (ours["id"], theirs["id"]),
            "PARTICIPANT-ID": (ours["participants"][0]["id"], theirs["participants"][0]["id"]),
        }

    @classmethod
    async def booked(cls, site: Site, replica: Oracle) -> "Twin":
        """Books the same appointment with both."""
        body = json.dumps({**BODY, "participants": TWO}).encode()
        headers = {**JSON_TYPE, "Authorization": f"Token {VALID}"}
        ours = await site.ask("POST", LIST, headers, body, token=None)
        theirs = replica.request("POST", LIST, headers, body)
        return cls(site, replica, ours.json, json.loads(theirs[2]))

    async def ask(
        self,
        method: str,
        target: str,
        headers: Mapping[str, str] | None = None,
        body: bytes = b"",
        token: str | None = VALID,
    ) -> tuple[Seen, Seen]:
        """Asks both; returns what ours and what the replica answered."""
        sent = dict(headers or {})
        if token is not None:
            sent["Authorization"] = f"Token {token}"
        ours = await self.site.ask(
            method, self._named(target, 0), sent, self._named_bytes(body, 0), token=None
        )
        theirs = self.replica.request(
            method, self._named(target, 1), sent, self._named_bytes(body, 1)
        )
        return seen(ours), seen_of_replica(theirs)

    async def differences(self, requests: Iterable[Request]) -> list[str]:
        """Asks both all of the requests in turn; tells where an old client would notice."""
        told = []
        for request in requests:
            ours, theirs = await self.ask(*request)
            told += told_apart(request, ours, theirs)
        return told

    async def set_status(self, status: str) -> None:
        """Puts the appointment of both into a status."""
        ours, theirs = self._words["APPOINTMENT-ID"]
        self.replica.set_status(theirs, status)
        await self.site.set_status(ours, status)

    def _named(self, text: str, side: int) -> str:
        for word, ids in self._words.items():
            text = text.replace(word, ids[side])
        return text

    def _named_bytes(self, body: bytes, side: int) -> bytes:
        return self._named(body.decode("latin-1"), side).encode("latin-1")


def told_apart(request: Request, ours: Seen, theirs: Seen) -> list[str]:
    """Where an old client would notice, in words for a failing test."""
    method, target, headers, body = request
    return [
        f"{method} {target[:80]} {headers} {body[:200]!r}: {name} is {mine!r}, was {original!r}"
        for name, mine, original in zip(Seen._fields, ours, theirs, strict=True)
        if mine != original
    ]


def seen(reply: Reply) -> Seen:
    """What is compared of our answer."""
    found = reply.headers.get
    return Seen(
        reply.status,
        found("allow"),
        found("content-type"),
        found("www-authenticate"),
        steady(reply.body.decode()),
    )


def seen_of_replica(answer: tuple[int, list[tuple[str, str]], bytes]) -> Seen:
    """What is compared of the replica's; its HTML for unknown paths is JSON here (REST.md: C)."""
    status, pairs, body = answer
    found = dict(pairs).get
    if status == 404 and (found("Content-Type") or "").startswith("text/html"):
        return Seen(404, None, "application/json", None, NOT_FOUND if body else "")
    return Seen(
        status,
        found("Allow"),
        found("Content-Type"),
        found("WWW-Authenticate"),
        steady(body.decode("utf-8", "replace")),
    )


def steady(body: str) -> str:
    """The text with ids, links and times masked, without the fields that are additions."""
    for pattern, word in (*VOLATILE, *ADDED):
        body = pattern.sub(word, body)
    return body


def with_value(field: str, raw: str, body: dict[str, Any] = BODY) -> bytes:
    """The body as JSON, with `raw` as the value of one field."""
    others = {name: value for name, value in body.items() if name != field}
    text = f'{json.dumps(others)[:-1]}, "{field}": {raw}}}' if others else f'{{"{field}": {raw}}}'
    return text.encode("utf-8", "surrogatepass")
