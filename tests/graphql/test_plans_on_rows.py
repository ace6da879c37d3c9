"""Plans and graphql-core answer random documents over real rows byte for byte the same."""

import os
from collections import Counter
from functools import partial
from typing import Any

from gateway.settings import Settings
from tests.conftest import MovableClock
from tests.graphql.documents import Documents
from tests.graphql.twins import Ids, Twins, accepts, ids, is_race, twins_of  # noqa: F401  (a fixture)
from tests.postgresql.places import Places

COUNT = int(os.environ.get("CONNECT_TEST_DOCUMENTS", "200"))
SEED = int(os.environ.get("CONNECT_TEST_SEED", "20261121"))
BOOK = """mutation($n: String!, $p: [NewParticipant!]!) { createAppointment(input: {title: $n,
  startDateTime: "2026-03-02T12:00:00Z", durationMinutes: 30, participants: $p})
  { ... on AppointmentCreated { appointment { id version participants(first: 100) { nodes { id } } } } } }"""


async def fill(twins: Twins) -> dict[str, list[Any]]:
    """Appointments of many sizes, and pools of ids, old and wrong ones, to ask for."""
    import orjson

    appointments, people = [], []
    for number, size in enumerate((0, 1, 3, 7, 25, 2, 4, 30)):
        sent = [{"uniqueId": f"p{n}", "role": "MODERATOR"} for n in range(size)]
        both = await twins.answers(number, BOOK, {"n": f"No {number}", "p": sent})
        assert both[0] == both[1]
        made = orjson.loads(both[0])["data"]["createAppointment"]["appointment"]
        appointments.append(made["id"])
        people += [each["id"] for each in made["participants"]["nodes"]]
    some = [*appointments, *people[:20], twins.tenant.id, "none"]
    first = [*appointments, "none"]
    pools: dict[str, list[Any]] = {
        "appointment.id": first, "participant.id": [*people[:9], "none"], "node.id": some,
        "nodes.ids": some, "DateTime": ["2026-03-01T00:00:00Z", "2040-01-01T00:00:00+02:00", "x"],
        "Int": [1, 2, 3, 0, -1, 20, 7], "String": [None, "p1", "x", "Ä “x”"],
        "NewParticipant.uniqueId": ["p1", "new", "", "other"],
        "NewAppointment.durationMinutes": [15, 30, 1], "ID": first,
        "participantIds": people, "removeParticipants.participantIds": people,
    }  # fmt: skip
    for name in ("update", "delete", "start", "complete", "cancel"):
        pools[f"{name}Appointment.id"] = first
    for name in ("update", "remove"):
        pools[f"{name}Participant.id"] = people[:9]
    return pools


async def test_random_documents_are_answered_the_same(
    settings: Settings,
    places: Places,
    clock: MovableClock,
    ids: Ids,  # noqa: F811
) -> None:
    async with twins_of(settings, places, clock, ids) as twins:
        pools = await fill(twins)
        documents = Documents(twins.schema, SEED, pools, partial(accepts, twins.executor))
        races = 0
        for number in range(100, 100 + COUNT):
            kind = "mutation" if number % 4 == 0 else "query"
            text, variables = documents.next(kind, depth=6)
            scope = "read" if number % 97 == 0 else "write"
            found, wanted = await twins.answers(number, text, variables, scope)
            if found != wanted:
                races += 1
                assert is_race(found, wanted), f"{text}\n{variables}\n{found!r}\n{wanted!r}"
        counts = twins.executor.counts
        by_kind: Counter[str] = Counter()
        for (execution, _), count in counts.items():
            by_kind[execution] += count
        print(races, dict(counts))  # noqa: T201
        assert races <= COUNT // 100
        # Most are answered by their plans: a test of graphql-core against itself shows nothing.
        assert by_kind["planned"] > COUNT // 3
        assert by_kind["unplanned"] < COUNT // 10
