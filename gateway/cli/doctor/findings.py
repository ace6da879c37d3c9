"""What was found: one line for each thing that was looked at, for people or as JSON."""

from collections.abc import Iterable
from enum import StrEnum
from typing import Any, NamedTuple

import orjson


class State(StrEnum):
    """How something is: `FAIL` keeps the service from working, `warn` may do so later."""

    OK = "ok"
    WARN = "warn"
    FAIL = "FAIL"


class Finding(NamedTuple):
    """Something that was looked at, how it is, and what to do if it is not well.

    `code` stays the same from release to release: `key.weak`, or `key` where all is well.
    """

    code: str
    state: State
    message: str
    advice: str = ""

    @property
    def about(self) -> str:
        """What was looked at."""
        return self.code.partition(".")[0]


def ok(about: str, message: str) -> Finding:
    """Returns that something is well."""
    return Finding(about, State.OK, message)


def warn(code: str, message: str, advice: str) -> Finding:
    """Returns that something needs a look."""
    return Finding(code, State.WARN, message, advice)


def fail(code: str, message: str, advice: str) -> Finding:
    """Returns that something must be repaired."""
    return Finding(code, State.FAIL, message, advice)


def is_well(findings: Iterable[Finding]) -> bool:
    """Whether nothing must be repaired."""
    return all(each.state is not State.FAIL for each in findings)


def as_text(finding: Finding) -> str:
    """Returns the line for people; what servers answered does nothing to their terminal."""
    said = f"{finding.message}: {finding.advice}" if finding.advice else finding.message
    line = f"{finding.state:<4}  {finding.code:<20}  {' '.join(said.split())}"
    return "".join(each if each.isprintable() else "\N{REPLACEMENT CHARACTER}" for each in line)


def as_json(findings: list[Finding]) -> str:
    """Returns all findings as a JSON object."""
    found = {"ok": is_well(findings), "checks": [_members(each) for each in findings]}
    return orjson.dumps(found, option=orjson.OPT_INDENT_2).decode()


def _members(finding: Finding) -> dict[str, Any]:
    state = finding.state.lower()
    return {"about": finding.about, **finding._asdict(), "state": state}
