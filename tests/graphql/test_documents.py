"""Documents are kept by what they weigh, valid ones only, the least recently used go first."""

import gc
import tracemalloc
from contextlib import suppress

import pytest
from graphql import get_introspection_query

from schema.execution.errors import RequestError
from schema.execution.executor import Executor
from schema.execution.options import GraphQLOptions


def query(number: int, size: int = 20) -> str:
    names = " ".join(f"t{n}: tokenName" for n in range(size))
    return f"query Q{number} {{ viewer {{ {names} }} }}"


def test_memory_is_bounded_and_what_is_used_stays() -> None:
    executor = Executor(GraphQLOptions(document_bytes=1_000_000))
    documents = executor.documents
    for number in range(200):
        executor.prepare(query(number), None)
        executor.prepare(query(0), None)
        assert documents.bytes <= 1_000_000
    assert query(0) in documents
    assert query(199) in documents
    assert query(1) not in documents
    assert len(documents) > 5


def test_what_is_not_valid_or_public_is_not_kept() -> None:
    executor = Executor()
    for text in ("{", "{ nope }", "{ " + "a " * 5_000 + "}", "{ viewer { tokenNam } }"):
        with suppress(RequestError):
            executor.prepare(text, None)
    executor.prepare_public(get_introspection_query(), None)
    executor.prepare_public("{ viewer { tokenName } }", None)
    assert len(executor.documents) == 0
    assert executor.documents.bytes == 0


@pytest.mark.parametrize(
    "text",
    [
        query(1, 30),
        "{ nodes(ids: [" + '"x", ' * 400 + "]) { id } }",
        get_introspection_query(),
        "{ appointments { nodes { id title participants { nodes { id accessLink } } } } }",
        "{ viewer { tokenName } } #" + "x" * 10_000,
    ],
)
def test_the_estimate_is_what_a_document_takes(text: str) -> None:
    executor = Executor(GraphQLOptions(document_bytes=1 << 30))
    documents = executor.documents
    tracemalloc.start()
    try:
        # What the first documents leave in free lists stays out of the measure.
        for number in range(20):
            executor.prepare(text + " " * number, None)
        gc.collect()
        taken, estimate = tracemalloc.get_traced_memory()[0], documents.bytes
        for number in range(20, 40):
            executor.prepare(text + " " * number, None)
        gc.collect()
        taken = tracemalloc.get_traced_memory()[0] - taken
        estimate = documents.bytes - estimate
    finally:
        tracemalloc.stop()
    assert taken <= estimate * 1.1
    assert estimate < taken * 4
