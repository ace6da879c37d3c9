"""Replays the recorded conversation with the original service against the replica.
While this passes, other tests may take the replica's word for what an old client was answered."""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.contract.recording import VALID_BODY
from tests.oracle.app import Oracle

CASES = Path(__file__).parents[1] / "contract" / "cases.jsonl"
UNKNOWN = "0190a5f6-0000-7000-8000-000000000000"
JSON_TYPE = {"Authorization": "Token VALIDKEY", "Content-Type": "application/json"}
VOLATILE = [
    (re.compile(r"https://example\.com/j/[^\"]+"), "LINK"),
    (re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}"), "ID"),
    (re.compile(r"(APPOINTMENT|PARTICIPANT)-ID|OTHER-UUID"), "ID"),
    (re.compile(r'"(created|updated)_at":"[^"]*"'), r'"\1_at":"NOW"'),
]
RECORDED = [json.loads(line) for line in CASES.read_text(encoding="utf-8").splitlines()]


def steady(body: Any) -> str:
    """Write a body as text, key order kept, with ids, links and times masked."""
    text = json.dumps(body, separators=(",", ":"), ensure_ascii=False)
    for pattern, word in VOLATILE:
        text = pattern.sub(word, text)
    return text


@pytest.fixture(scope="module")
def conversation() -> Iterator[list[tuple[dict[str, Any], int, dict[str, str], Any]]]:
    """Hold the whole conversation once, in its order: each case with what was answered."""
    oracle = Oracle()
    ids: dict[str, str] = {"OTHER-UUID": UNKNOWN}
    held = []
    for case in RECORDED:
        held.append((case, *ask(oracle, case, ids)))
    yield held
    oracle.close()


def ask(
    oracle: Oracle, case: dict[str, Any], ids: dict[str, str]
) -> tuple[int, dict[str, str], Any]:
    """Send one case with the ids of this run, and note the ids that the first case makes."""
    headers, sent = request_of(case)
    for word, actual in ids.items():
        sent = sent.replace(word, actual)
        case = {**case, "path": case["path"].replace(word, actual)}
    status, pairs, raw = oracle.request(case["method"], case["path"], headers, sent.encode())
    body: Any = json.loads(raw) if raw else ""
    if case["case"] == "create":
        ids["APPOINTMENT-ID"] = body["id"]
        ids["PARTICIPANT-ID"] = body["participants"][0]["id"]
    return status, dict(pairs), body


def request_of(case: dict[str, Any]) -> tuple[dict[str, str], str]:
    """Answer headers and body of a case; a date-time case records only its value."""
    if "input" in case:
        return JSON_TYPE, json.dumps({**VALID_BODY, "start_date_time": case["input"]})
    return case["request_headers"], case["request_body"] or ""


@pytest.mark.parametrize("position", range(len(RECORDED)), ids=lambda at: RECORDED[at]["case"])
def test_the_replica_answers_as_recorded(conversation: list[Any], position: int) -> None:
    """Given the recorded conversation, each answer is the recorded one."""
    case, status, headers, body = conversation[position]
    assert status == case["status"], body
    if "input" in case:
        assert body["start_date_time"] == case["start_date_time"]
        return
    assert {name: headers.get(name) for name in case["headers"]} == case["headers"]
    assert steady(body) == steady(case["body"])
    assert ("Content-Type" in headers) == ("Content-Type" in case["headers"])


def test_every_recorded_case_is_replayed() -> None:
    """The sample holds 74 cases; a shorter file would prove less than it says."""
    assert len(RECORDED) == 74
