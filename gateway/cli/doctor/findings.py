"""What was found: one line for each thing that was looked at, for people or as JSON."""

from collections.abc import Iterable
from enum import StrEnum
from typing import NamedTuple

import orjson


class State(StrEnum):
    """How something is: `FAIL` keeps the service from working, `warn` may do so later."""

    OK = "ok"
    WARN = "warn"
    FAIL = "FAIL"


class Finding(NamedTuple):
    """Something that was looked at, how it is, and what to do if it is not well."""

    about: str
    state: State
    message: str


def ok(about: str, message: str) -> Finding:
    """Returns that something is well."""
    return Finding(about, State.OK, message)


def warn(about: str, message: str) -> Finding:
    """Returns that something needs a look."""
    return Finding(about, State.WARN, message)


def fail(about: str, message: str) -> Finding:
    """Returns that something must be repaired."""
    return Finding(about, State.FAIL, message)


def is_well(findings: Iterable[Finding]) -> bool:
    """Whether nothing must be repaired."""
    return all(each.state is not State.FAIL for each in findings)


def as_text(finding: Finding) -> str:
    """Returns the line for people."""
    return f"{finding.state:<4}  {finding.about:<12}  {' '.join(finding.message.split())}"


def as_json(findings: list[Finding]) -> str:
    """Returns all findings as a JSON object."""
    checks = [{**each._asdict(), "state": each.state.lower()} for each in findings]
    found = {"ok": is_well(findings), "checks": checks}
    return orjson.dumps(found, option=orjson.OPT_INDENT_2).decode()
