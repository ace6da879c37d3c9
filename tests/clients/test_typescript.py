"""The clients of TypeScript do what docs/clients.md says, under `tsc --strict`."""

import pytest

from .expected import APOLLO, CACHED, OVER_GRAPHQL, OVER_REST, RELAY, answered
from .workshop import Workshop

CLIENTS = {
    "apollo": APOLLO,
    "urql": CACHED,
    "relay": RELAY,
    "tada": OVER_GRAPHQL,
    "fetch": OVER_GRAPHQL,
    "openapi-fetch": OVER_REST,
    "hey-api": OVER_REST,
}


def test_all_of_them_pass_the_strict_type_checks(typescript: Workshop) -> None:
    typescript.must("npx tsc --project .")


@pytest.mark.parametrize("client_name", CLIENTS)
def test_a_client_keeps_the_appointment_book(
    client_name: str, typescript: Workshop, surroundings: dict[str, str]
) -> None:
    done = typescript.run(f"node scenario.cjs {client_name}", **surroundings)
    assert answered(done, surroundings["PERSON"]) == CLIENTS[client_name]
