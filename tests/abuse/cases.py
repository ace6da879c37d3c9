"""Turns documents and raw requests into cases: each sent once, its answer judged."""

import re
from collections.abc import Callable, Iterator
from itertools import count

from . import documents, requests
from .case import SIGNED_IN_CPU_MS, SIGNED_IN_MIB, Arena, Case, Seen
from .documents.document import Document
from .people import People
from .requests.raw import Raw
from .wire import CLOSED, SILENT, Answer, exchange, graphql

WORDS = {CLOSED: "closed", SILENT: "waits"}
# The name of the attacker's tenant: a stranger who reads it has been let in.
SECRETS = (b'"Attacker"', b'"Polite"', b"Passport renewal")
# As an answer says it; `/metrics` has it as the label of a series that stands at 0.
UNEXPECTED = re.compile(rb'"code": ?"INTERNAL_SERVER_ERROR"')


def of_documents(people: People) -> Iterator[Case]:
    for name, document in documents.corpus(people):
        yield Case(f"documents/{name}", sending(document, False))
        yield Case(
            f"documents/{name}+token",
            sending(document, True),
            cpu_ms=SIGNED_IN_CPU_MS,
            memory_mib=SIGNED_IN_MIB,
        )


def of_requests(people: People) -> Iterator[Case]:
    for name, raw in requests.corpus(people):
        if raw.signed_in:
            yield Case(f"requests/{name}", throwing(raw), SIGNED_IN_CPU_MS, SIGNED_IN_MIB)
        else:
            yield Case(f"requests/{name}", throwing(raw))


def sending(document: Document, signed_in: bool) -> Callable[[Arena], Seen]:
    """Sends a document; no answer at all is a fault."""

    numbers = count()

    def attack(arena: Arena) -> Seen:
        token = next(arena.tokens) if signed_in else ""
        # A second run must not find in a cache what the first one made.
        number = next(numbers)
        query = f"{document.query}\n#{number}" if number else document.query
        asked = graphql(query, document.variables, document.operation, token)
        seen = judged(exchange(arena.port, asked), signed_in)
        silent = ("no answer",) if seen.status in WORDS.values() else ()
        return Seen(seen.status, (*seen.faults, *silent))

    return attack


def throwing(raw: Raw) -> Callable[[Arena], Seen]:
    """Sends a raw request; hanging up and waiting for more are answers too."""

    def attack(arena: Arena) -> Seen:
        if callable(raw.parts):
            answer = exchange(arena.port, raw.parts(), 60, raw.patience)
        else:
            told = raw.parts.replace(b"TOKEN", next(arena.tokens).encode())
            answer = exchange(arena.port, told, 30, raw.patience)
        return judged(answer, raw.signed_in)

    return attack


def judged(answer: Answer, signed_in: bool) -> Seen:
    """Returns the status, and as faults whatever should never be answered."""
    faults = []
    busy = answer.status == 503 and answer.header("retry-after")
    if answer.status >= 500 and not busy:
        faults.append(f"answered {answer.status}")
    if UNEXPECTED.search(answer.body):
        faults.append("an unexpected error")
    if not signed_in and any(secret in answer.body for secret in SECRETS):
        faults.append("a stranger was let in")
    return Seen(WORDS.get(answer.status, str(answer.status)), tuple(faults))
