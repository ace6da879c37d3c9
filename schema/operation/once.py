"""A keyed write is made once: its outcome is looked up and kept in its own transaction."""

import hashlib
import json
from collections.abc import Callable, Coroutine, Mapping
from dataclasses import fields, is_dataclass
from datetime import datetime, timedelta
from functools import cache
from typing import Any, NamedTuple, get_type_hints

import structlog
from strawberry import UNSET, Some

from db.models import KeptOutcome
from db.queries import idempotency

from ..domain.idempotency import AnswerGone, KeyReused
from .call import Call
from .idempotency.outcomes import Outcome, UnreadableOutcome, pack, unpack
from .idempotency.running import Slot

KEPT = timedelta(hours=24)
# How long an equal write waits for the first one, and at most this part of an operation's time.
WAIT_SECONDS = 5.0
PART = 0.5
# What is kept takes room on the disk for a day, however little of it the answer shows.
BYTES_A_POINT = 4_096
# A response key can be as long as a document; the places of all others are shorter than a key.
LONGEST_PLACE = 255
# They say what is read along for the answer, or when the write may be made, not what it is.
NOT_COUNTED = frozenset({"with_participants", "condition"})

Run = Callable[..., Coroutine[Any, Any, Any]]

log = structlog.get_logger("connect.gate")


class Entry(NamedTuple):
    """A keyed write: its slot, the operation, and a digest of that and of all arguments."""

    slot: Slot
    operation: str
    digest: bytes


def entry_of(call: Call, operation: str, arguments: Mapping[str, Any]) -> Entry:
    """Returns the entry of a keyed write."""
    place = call.place
    if len(place) > LONGEST_PLACE:
        # No response key has a colon in it.
        place = f"sha256:{hashlib.sha256(place.encode()).hexdigest()}"
    slot = Slot(call.caller.organization_id, call.idempotency_key or "", place)
    return Entry(slot, operation, _digest(operation, arguments))


def patience(call: Call) -> float:
    """How many seconds an equal write waits for the first one."""
    return min(WAIT_SECONDS, PART * call.services.operation_seconds)


def once(entry: Entry, run: Run) -> Run:
    """Returns `run` as an operation that is made once: its outcome is kept, or was before.

    It raises KeyReused when the key was used for something else.
    """
    key, place = entry.slot.key, entry.slot.place

    async def made(call: Call, **arguments: Any) -> Outcome:
        found = await idempotency.get(call.tx, key, place)
        now = call.now()
        if found is not None:
            if found.created_at > now - KEPT:
                return await _again(call, entry, found, _kind(run))
            await idempotency.remove(call.tx, key, place)
        result = await run(call, **arguments)
        outcome = Outcome(entry.digest, result, tuple(call.snapshot.kept.values()))
        row = KeptOutcome(entry.operation, entry.digest, await pack(outcome), now)
        await idempotency.add(call.tx, key, place, row)
        call.charge(len(row.outcome) // BYTES_A_POINT)
        return outcome

    return made


def replay(call: Call, entry: Entry, outcome: Outcome) -> Any:
    """Returns the result of an earlier write; raises KeyReused when it was another one."""
    if outcome.digest != entry.digest:
        raise KeyReused
    for row in outcome.kept:
        call.keep(row)
    return outcome.result


async def _again(call: Call, entry: Entry, found: KeptOutcome, kind: Any) -> Outcome:
    if found.operation != entry.operation or found.digest != entry.digest:
        raise KeyReused
    try:
        outcome = await unpack(found.outcome, found.digest, kind)
    except UnreadableOutcome as error:
        log.error("outcome_unreadable", operation=entry.operation, reason=str(error))
        raise AnswerGone from None
    replay(call, entry, outcome)
    return outcome


@cache
def _kind(run: Run) -> Any:
    return get_type_hints(run)["return"]


def _digest(operation: str, arguments: Mapping[str, Any]) -> bytes:
    given = {name: each for name, each in arguments.items() if name not in NOT_COUNTED}
    # Not orjson, which refuses the lone surrogates that an id may still have here.
    text = json.dumps([operation, _given(given)], sort_keys=True, default=_plain)
    return hashlib.sha256(text.encode()).digest()


def _given(values: Mapping[str, Any]) -> dict[str, Any]:
    """What is absent means the same as null, but for changes, whose null is `Some(None)`."""
    return {
        name: value for name, value in values.items() if value is not None and value is not UNSET
    }


def _plain(value: Any) -> Any:
    if isinstance(value, datetime):
        return value.timestamp()
    if isinstance(value, Some):
        return [value.value]
    if is_dataclass(value):
        return _given({each.name: getattr(value, each.name) for each in fields(value)})
    raise TypeError(f"{type(value).__name__} has no canonical form")
