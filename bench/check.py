"""Compares the answers of all targets before anything is measured.
`__main__.py` stops with status 1 when one differs: a quick wrong answer is worth nothing."""

import re
from collections.abc import Iterator, Sequence
from http.client import HTTPConnection
from typing import Any

import orjson

from .operations import Operation, Request, Subjects
from .processes import Server

SAMPLES = 12
CHECK_TURN = 999
LINKS = ("access_link", "accessLink")
TIMES = ("created_at", "updated_at", "createdAt", "updatedAt")
ORIGIN = re.compile(r"^https?://[^/]+")


def ask(server: Server, asked: Request) -> tuple[int, Any]:
    """Send one request on a new connection; return the status and the parsed body."""
    connection = HTTPConnection("127.0.0.1", server.port, timeout=30)
    headers = {"Authorization": f"Token {asked.token}"}
    if asked.body:
        headers["Content-Type"] = "application/json"
    try:
        connection.request(asked.method, asked.path, asked.body or None, headers)
        answer = connection.getresponse()
        body = answer.read()
        return answer.status, parsed(body)
    finally:
        connection.close()


def parsed(body: bytes) -> Any:
    """Read a body as JSON, or as text if it is not JSON."""
    try:
        return orjson.loads(body)
    except orjson.JSONDecodeError:
        return body.decode(errors="replace")


def masked(value: Any, fresh: bool, name: str = "") -> Any:
    """Mask what may differ: links and origins, and ids and times of new rows."""
    if isinstance(value, dict):
        return {key: masked(each, fresh, key) for key, each in value.items()}
    if isinstance(value, list):
        return [masked(each, fresh, name) for each in value]
    if name in LINKS:
        return "LINK" if isinstance(value, str) and "/j" in value else value
    if name in ("next", "previous") and isinstance(value, str):
        return ORIGIN.sub("", value)
    if fresh and (name == "id" or name in TIMES):
        return name.upper()
    return value


def differences(
    operations: Sequence[Operation], servers: Sequence[Server], subjects: Subjects
) -> Iterator[str]:
    """Return a line for each answer that is not the first server's, or not a success."""
    # Reads come first, because not every target receives the writes.
    for operation in sorted(operations, key=lambda each: each.writes):
        able = [each for each in servers if operation.face in each.target.faces]
        for asked in operation.requests(subjects, CHECK_TURN, SAMPLES):
            wanted: tuple[int, Any] | None = None
            for server in able:
                status, body = ask(server, asked)
                got = (status, masked(body, operation.writes))
                wanted = wanted or got
                where = place(got, wanted) if succeeded(*got) else f" no success: {got!s:.500}"
                if where:
                    sent = f"{asked.method} {asked.path} {asked.body.decode():.200}"
                    label = f"{operation.label}, {server.target.name}"
                    yield f"{label}:{where}\n    asked {sent}"


def succeeded(status: int, body: Any) -> bool:
    """Whether this is a successful answer."""
    if not 200 <= status < 300 or not isinstance(body, dict) or "errors" in body:
        return False
    data = body.get("data")
    return data is None or all(found is not None for found in data.values())


def place(got: Any, wanted: Any, path: str = "") -> str:
    """Describe the first difference of two answers; empty when they are equal."""
    if got == wanted:
        return ""
    if isinstance(got, dict) and isinstance(wanted, dict) and list(got) == list(wanted):
        return next(
            found for key in got if (found := place(got[key], wanted[key], f"{path} {key}"))
        )
    if isinstance(got, list | tuple) and len(got) == len(wanted):
        pairs = enumerate(zip(got, wanted, strict=True))
        return next(found for at, pair in pairs if (found := place(*pair, f"{path} {at}")))
    return f"{path}: {got!s:.300}, but {wanted!s:.300} at the first target"
