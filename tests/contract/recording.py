"""The recorded conversation with the original service, and how it is had again."""

import json
from pathlib import Path
from typing import Any

import httpx2

from gateway.services import Services
from tests.rest.site import INACTIVE, VALID, add_organization, add_token
from tests.rest.twin import JSON_TYPE, UNKNOWN, steady

RECORDED = [
    json.loads(line)
    for line in (Path(__file__).parent / "cases.jsonl").read_text(encoding="utf-8").splitlines()
]
VALID_BODY = {
    "title": "Consultation Meeting",
    "start_date_time": "2025-10-30 15:26:22.539536+00:00",
    "duration_minutes": 60,
    "participants": [
        {"role": "moderator", "display_name": "Admin User", "unique_id": "admin@example.com"}
    ],
}
PLACEHOLDERS = ("APPOINTMENT-ID", "PARTICIPANT-ID", "OTHER-UUID")


async def add_keys(services: Services) -> None:
    """Adds the keys of the recording: one good, one of an organization that is switched off."""
    await add_token(services, await add_organization(services, "Demo Clinic"), VALID, "write")
    closed = await add_organization(services, "Closed", active=False)
    await add_token(services, closed, INACTIVE, "write")


def sent(case: dict[str, Any]) -> tuple[dict[str, str], str]:
    """Headers and body of a case; a date-time case records only its value."""
    if "input" in case:
        body = json.dumps({**VALID_BODY, "start_date_time": case["input"]})
        return {**JSON_TYPE, "Authorization": f"Token {VALID}"}, body
    return case["request_headers"], case["request_body"] or ""


def masked(body: Any) -> str:
    """The body as text, key order kept, with everything masked that differs from run to run."""
    text = json.dumps(body, separators=(",", ":"), ensure_ascii=False)
    for word in PLACEHOLDERS:
        text = text.replace(word, UNKNOWN)
    return steady(text)


def differences(case: dict[str, Any], response: httpx2.Response) -> list[str]:
    """Where the response is not the recorded one."""
    body = response.json() if response.content else ""
    if "input" in case:
        told = [response.status_code, body.get("start_date_time")]
        recorded = [case["status"], case["start_date_time"]]
    else:
        names = [*case["headers"], "Content-Type"]
        told = [response.status_code, *[response.headers.get(name) for name in names], masked(body)]
        recorded = [case["status"], *[case["headers"].get(name) for name in names]]
        recorded.append(masked(case["body"]))
    return [
        f"{case['case']}: {mine!r}, recorded {original!r}"
        for mine, original in zip(told, recorded, strict=True)
        if mine != original
    ]


async def replayed(client: httpx2.AsyncClient) -> list[str]:
    """Has the whole conversation again; returns where an answer is not the recorded one."""
    ids, told = {"OTHER-UUID": UNKNOWN}, []
    for case in RECORDED:
        headers, body = sent(case)
        path = case["path"]
        for word, actual in ids.items():
            path, body = path.replace(word, actual), body.replace(word, actual)
        response = await client.request(case["method"], path, headers=headers, content=body)
        told += differences(case, response)
        if case["case"] == "create":
            made = response.json()
            ids["APPOINTMENT-ID"] = made["id"]
            ids["PARTICIPANT-ID"] = made["participants"][0]["id"]
    return told
