"""The clients of Python do what docs/clients.md says, under `mypy --strict`."""

import sys

import pytest

from .expected import OVER_GRAPHQL, OVER_REST, answered
from .workshop import Workshop

CLIENTS = {"with_gql": OVER_GRAPHQL, "with_ariadne": OVER_GRAPHQL, "with_openapi": OVER_REST}
FILES = {"with_openapi": "with_openapi.py openapi_people.py"}
# The generators need an older graphql-core than gql, which is installed with what tests import.
INTERPRETERS = {"with_gql": sys.executable}


@pytest.mark.parametrize("client_name", CLIENTS)
def test_a_client_passes_the_strict_type_checks(client_name: str, python: Workshop) -> None:
    interpreter = INTERPRETERS.get(client_name, "python")
    files = FILES.get(client_name, f"{client_name}.py")
    python.must(f"cd python && {interpreter} -m mypy --strict {files}")


@pytest.mark.parametrize("client_name", CLIENTS)
def test_a_client_keeps_the_appointment_book(
    client_name: str, python: Workshop, surroundings: dict[str, str]
) -> None:
    interpreter = INTERPRETERS.get(client_name, "python")
    done = python.run(
        f"{interpreter} -B python/scenario.py {client_name}", PYTHONPATH="python", **surroundings
    )
    assert answered(done, surroundings["PERSON"]) == CLIENTS[client_name]
