"""What every client has to answer in the scenario."""

import json
from subprocess import CompletedProcess
from typing import Any

FIVE = ["Five", "Four", "Three", "Two", "One"]
BOOKED = [f"booked for 2031-03-1{day}T09:00:00Z" for day in range(5)]
NOBODYS = "0199fb9e-9160-72a8-bd1b-98b633ffb7ca"
SHARED = {
    "before": [], "booked": BOOKED, "after": FIVE, "paged": FIVE, "signedIn": True, "signedOut": 1,
}  # fmt: skip

OVER_GRAPHQL: dict[str, Any] = {
    **SHARED,
    "refused": "input.title: Give at least one character that is not white space.",
    "renamed": {
        "updated": "now called Another",
        "invalid": "changes.title: Give at least one character that is not white space.",
        "conflict": "changed by somebody else, now at version 2",
        "cancelled": "not while it is CANCELLED",
        "missing": f"no appointment {NOBODYS}",
    },
}

OVER_REST: dict[str, Any] = {
    **SHARED,
    "refused": "title: This field may not be blank.",
    "renamed": {
        "updated": "now called Another",
        "invalid": "title: This field may not be blank.",
        "conflict": "now called A third",
        "cancelled": "Cancelled appointments cannot be updated.",
        "missing": "No Appointment matches the given query.",
    },
    "invited": [
        "PERSON, guest@example.org",
        "unique_id: This field may not be blank.",
        "No Appointment matches the given query.",
        "PERSON",
    ],
}
# A cache shows the new title without a request.
CACHED = {**OVER_GRAPHQL, "kept": ["Another", *FIVE[1:]]}
# Apollo Client would lose the code, were it not for the possible types.
PROBLEM = {"__typename": "NotFound", "code": "NOT_FOUND"}
APOLLO = {**CACHED, "problem": {"deleteAppointment": PROBLEM}}
# A deleted one leaves the list, and what is not found any more takes nobody's place.
RELAY = {**CACHED, "removed": True, "gone": "no appointment ID", "left": FIVE[1:]}


def answered(done: CompletedProcess[str], person: str) -> Any:
    """Returns what a scenario printed, with names in the place of what differs between runs."""
    # Silent: clients warn where they stumble over the schema.
    assert not done.stderr, done.stderr
    assert done.returncode == 0
    answer = json.loads(done.stdout.replace(person, "PERSON"))
    if "gone" in answer:
        answer["gone"] = answer["gone"].replace(answer.pop("id"), "ID")
    return answer
