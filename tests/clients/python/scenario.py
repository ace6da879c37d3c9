"""The same appointment book as in scenario.ts: `python scenario.py NAME` prints what came of it."""

import json
import os
import sys
from datetime import UTC, datetime
from importlib import import_module
from typing import Any

URL, TOKEN, PERSON, CANCELLED = (
    os.environ[name] for name in ("URL", "TOKEN", "PERSON", "CANCELLED")
)
TITLES = ["One", "Two", "Three", "Four", "Five"]
NOBODYS = "0199fb9e-9160-72a8-bd1b-98b633ffb7ca"


def for_gql(title: str, start: datetime) -> Any:
    return {
        "title": title,
        "startDateTime": start.isoformat(),
        "durationMinutes": 30,
        "participants": [{"uniqueId": PERSON, "role": "MODERATOR"}],
    }


def for_ariadne(title: str, start: datetime) -> Any:
    from ariadne_client import NewAppointment, NewParticipant, ParticipantRole

    person = NewParticipant(unique_id=PERSON, role=ParticipantRole.MODERATOR)
    return NewAppointment(
        title=title, start_date_time=start, duration_minutes=30, participants=[person]
    )


def for_openapi(title: str, start: datetime) -> Any:
    from openapi_client.models import (
        AppointmentParticipantDetailRequest,
        NewAppointment,
        ParticipantRole,
    )

    person = AppointmentParticipantDetailRequest(PERSON, ParticipantRole.MODERATOR)
    return NewAppointment(
        title=title, start_date_time=start, duration_minutes=30, participants=[person]
    )


INPUTS = {"with_gql": for_gql, "with_ariadne": for_ariadne, "with_openapi": for_openapi}


def field(item: Any, name: str) -> Any:
    return item[name] if isinstance(item, dict) else getattr(item, name)


def titles(items: Any) -> list[str]:
    return [field(item, "title") for item in items]


def play(kit: Any, make: Any) -> dict[str, Any]:
    client = kit.connect(URL, TOKEN)
    before = titles(kit.list_appointments(client, PERSON))
    booked = [
        kit.book(client, make(title, datetime(2031, 3, 10 + number, 9, tzinfo=UTC)))
        for number, title in enumerate(TITLES)
    ]
    refused = kit.book(client, make("", datetime(2031, 3, 19, 9, tzinfo=UTC)))
    after = titles(kit.list_appointments(client, PERSON))
    paged = kit.list_appointments(client, PERSON, 2)
    id = str(field(paged[0], "id"))
    has_versions = kit.__name__ != "with_openapi"
    version = [field(paged[0], "version")] if has_versions else []
    renamed = {
        "updated": kit.rename(client, id, "Another", *version),
        "invalid": kit.rename(client, id, ""),
        "conflict": kit.rename(client, id, "A third", *version),
        "cancelled": kit.rename(client, CANCELLED, "Another"),
        "missing": kit.rename(client, NOBODYS, "Another"),
    }
    answer = {
        "before": before, "booked": booked, "refused": refused, "after": after,
        "paged": titles(paged), "renamed": renamed,
    }  # fmt: skip
    if kit.__name__ == "with_openapi":
        kit_of_people = import_module("openapi_people")
        people = [(id, "guest@example.org"), (id, ""), (NOBODYS, "guest@example.org")]
        answer["invited"] = [kit_of_people.invite(client, *each) for each in people]
        answer["invited"].append(kit_of_people.uninvite(client, *people[0]))
    try:
        kit.rename(kit.connect(URL, "not-a-token"), id, "Another")
    except kit.SignedOut:
        return answer | {"signedIn": True, "signedOut": 1}
    return answer


if __name__ == "__main__":
    name = sys.argv[1]
    sys.stdout.write(json.dumps(play(import_module(name), INPUTS[name])))
